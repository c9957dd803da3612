/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/decision.h"

#include "base/text.h"

const char *decision_to_string(const Decision *d)
{
        static const char *const table[_STEP_MAX] = {
                [STEP_NOTHING] = "nothing",
                [STEP_WAIT] = "wait",
                [STEP_FORGET] = "forget",
        };
        return d->step == STEP_START ? operation_to_words(d->operation) : table[d->step];
}

bool decision_starts(const Decision *d, Operation o)
{
        return d->step == STEP_START && d->operation == o;
}

const char *reason_to_string(Reason r)
{
        static const char *const table[_REASON_MAX] = {
                [REASON_CONVERGED] = "as it should be",
                [REASON_BUSY] = "an operation is under way",
                [REASON_STARTING] = "the kernel's controllers are being read",
                [REASON_MISSING] = "wanted and not connected",
                [REASON_BACKOFF] = "waiting after a failed connect",
                [REASON_STALLED] = "waiting: its connect did not complete in time",
                [REASON_CLOSED] = "waiting: connects to its portal did not complete in time",
                [REASON_PROBING] = "its portal is being probed",
                [REASON_NO_ANSWER] = "waiting: no answer from its portal",
                [REASON_UNASKED] = "waiting: this host cannot probe its portal",
                [REASON_PARKED] = "no persistent connection: its log is polled",
                [REASON_NCC] = "the subsystem is not connected to its CDC",
                [REASON_REMEMBERED] = "remembered from before the restart",
                [REASON_PASSIVE] =
                        "named by the boot firmware: kept, not connected for this reason alone",
                [REASON_SKIPPED] = "the entry that names it is not usable",
                [REASON_NOT_LIVE] = "the kernel is reconnecting it",
                [REASON_LEFT] = "left to the program that owns it",
                [REASON_UNREGISTERED] = "this host is not registered with it",
                [REASON_LOG_STALE] = "its discovery log has changed",
                [REASON_LOG_BACKOFF] = "waiting after a failed read of its discovery log",
                [REASON_EXCLUDED] = "excluded",
                [REASON_UNWANTED] = "no longer wanted",
                [REASON_QUIET_TIME] = "no longer wanted, in the quiet time",
                [REASON_UNSURE] = "kept: a source could not be queried",
                [REASON_FOREIGN] = "connected by another program",
                [REASON_SCOPE] = "kept by disconnect-scope",
                [REASON_PROTECTED] = "kept: it belongs to the boot firmware or to another program",
                [REASON_IN_USE] = "kept: the last path to a block device in use",
                [REASON_SHARED] = "its connection is wanted by another controller entry",
                [REASON_GONE] = "gone",
        };
        return table[r];
}

static Decision stop(Step step, Reason reason)
{
        return (Decision) { .step = step, .reason = reason, .at = USEC_INFINITY };
}

static Decision do_nothing(Reason reason)
{
        return stop(STEP_NOTHING, reason);
}

static Decision start(Operation o, Reason reason)
{
        return (Decision) {
                .step = STEP_START, .operation = o, .reason = reason, .at = USEC_INFINITY
        };
}

static Decision wait_until(usec_t at, Reason reason)
{
        return (Decision) { .step = STEP_WAIT, .reason = reason, .at = at };
}

static bool ncc_attempts_used_up(const Facts *f, const Policy *p)
{
        if (!f->ncc || p->connect_attempts_on_ncc == 0)
                return false;
        /* A single attempt would never see NCC cleared, so 1 is treated as 2 (docs/SPECIFICATION.md
         * §3.3). */
        return f->n_attempts >= MAX(p->connect_attempts_on_ncc, 2U);
}

usec_t plan_next_connect(const Facts *f)
{
        usec_t allowed = MAX(f->stalled_until, f->closed_until);

        allowed = MAX(allowed, f->connect_at);
        return MAX(allowed, f->probe_at);
}

static Decision plan_missing(const Facts *f, const Policy *p, usec_t now)
{
        if (!f->actual_known)
                return do_nothing(REASON_STARTING);
        if (!f->may_start)
                return do_nothing(f->firmware  ? REASON_PASSIVE
                                  : f->skipped ? REASON_SKIPPED
                                               : REASON_REMEMBERED);
        if (ncc_attempts_used_up(f, p))
                return do_nothing(REASON_NCC);
        if (f->stalled_until > now)
                return wait_until(MAX(f->stalled_until, f->connect_at), REASON_STALLED);
        if (f->closed_until > now)
                return wait_until(f->closed_until, REASON_CLOSED);
        if (f->connect_at > now)
                return wait_until(f->connect_at, f->polled ? REASON_PARKED : REASON_BACKOFF);
        if (f->answered_until > now)
                return start(OPERATION_CONNECT, REASON_MISSING);
        if (f->probe_at > now)
                return wait_until(f->probe_at, f->unasked ? REASON_UNASKED : REASON_NO_ANSWER);
        return start(OPERATION_PROBE, REASON_PROBING);
}

/* Register first, since that may determine what the log shows; then read the supported options and
 * the log. A failure does not delay the steps that follow. */
static Decision plan_discovery(const Facts *f, usec_t now)
{
        usec_t log_at = MAX(f->log_at, f->log_pace_at);
        bool log_stale = f->log_stale || (f->log_poll_at > 0 && f->log_poll_at <= now);

        if (device_owner_is_foreign(f->device->owner))
                return do_nothing(REASON_LEFT);
        if (f->unregistered && f->register_at <= now)
                return start(OPERATION_REGISTER, REASON_UNREGISTERED);
        if (log_stale && log_at <= now)
                return start(f->offers_unknown ? OPERATION_READ_SUPPORTED_LOGS : OPERATION_READ_LOG,
                             REASON_LOG_STALE);
        if (log_stale && (!f->unregistered || log_at <= f->register_at))
                return wait_until(log_at, f->log_at > now ? REASON_LOG_BACKOFF : REASON_LOG_STALE);
        /* Another row that shares the connection may need it, or may not have read the log yet. */
        if (f->brief && f->ours && !f->shared)
                return f->disconnect_at > now ? wait_until(f->disconnect_at, REASON_PARKED)
                                              : start(OPERATION_DISCONNECT, REASON_PARKED);
        if (f->unregistered)
                return wait_until(f->register_at, REASON_UNREGISTERED);
        return (Decision) {
                .step = STEP_NOTHING,
                .reason = REASON_CONVERGED,
                .at = f->log_poll_at > 0 ? f->log_poll_at : USEC_INFINITY,
        };
}

static Decision plan_connected(const Facts *f, usec_t now)
{
        if (f->device->state != DEVICE_LIVE)
                return f->look_at > now ? wait_until(f->look_at, REASON_NOT_LIVE)
                                        : start(OPERATION_READ_DEVICE, REASON_NOT_LIVE);
        return f->kind == CONTROLLER_DISCOVERY ? plan_discovery(f, now)
                                               : do_nothing(REASON_CONVERGED);
}

bool plan_scope_allows(const Policy *p, const Device *device, bool ours)
{
        switch (p->disconnect_scope) {
        case DISCONNECT_ONLY_STAS:
                return ours;
        case DISCONNECT_ALL_MATCHING:
                return ours || (p->disconnect_transports & (1U << device->tid->transport));
        case DISCONNECT_NONE:
        case _DISCONNECT_SCOPE_MAX:
        case _DISCONNECT_SCOPE_INVALID:
                break;
        }
        return false;
}

/* Returns the reason to keep an unwanted connection for now, or _REASON_MAX if there is none. */
static Reason find_objection(const Facts *f, const Policy *p)
{
        if (f->firmware || device_owner_is_foreign(f->device->owner))
                return REASON_PROTECTED;
        if (f->releasing && f->ours)
                return _REASON_MAX;
        if (!f->actual_known)
                return REASON_STARTING;
        if (!plan_scope_allows(p, f->device, f->ours))
                return f->ours ? REASON_SCOPE : REASON_FOREIGN;
        return f->sure ? _REASON_MAX : REASON_UNSURE;
}

static Decision plan_unwanted(const Facts *f, const Policy *p, usec_t now)
{
        /* A row is kept while a source requests it or an operation remains. */
        Step idle = f->claimed ? STEP_NOTHING : STEP_FORGET;

        if (!f->device)
                return stop(idle, f->claimed && !f->wanted ? REASON_EXCLUDED : REASON_GONE);
        if (f->shared)
                return stop(idle, REASON_SHARED);
        if (f->needed)
                return do_nothing(REASON_SHARED);

        Reason objection = find_objection(f, p);
        if (objection == REASON_FOREIGN || objection == REASON_PROTECTED)
                return stop(idle, objection);
        if (objection != _REASON_MAX)
                return do_nothing(objection);

        bool at_once = f->releasing && f->ours;
        usec_t at = at_once ? 0 : usec_add(f->unwanted_since, MAX(f->quiet, PLAN_QUIET_USEC));
        at = MAX(at, f->disconnect_at);
        if (at > now)
                return wait_until(at, f->in_use ? REASON_IN_USE : REASON_QUIET_TIME);
        /* The registration is kept if the daemon merely stops. */
        if (f->registered && !f->releasing && f->device->state == DEVICE_LIVE)
                return start(OPERATION_DEREGISTER, REASON_UNWANTED);
        return start(OPERATION_DISCONNECT, REASON_UNWANTED);
}

Decision plan_controller(const Facts *f, const Policy *p, usec_t now)
{
        if (f->op != OPERATION_NONE)
                return do_nothing(REASON_BUSY);
        if (!f->wanted || f->releasing)
                return plan_unwanted(f, p, now);
        if (!f->device)
                return plan_missing(f, p, now);
        return plan_connected(f, now);
}

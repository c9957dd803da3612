/* SPDX-License-Identifier: Apache-2.0 */

/* Reasons as sentences, with everything an administrator needs to know to change the state. */

#include "base/span.h"
#include "base/text.h"
#include "explain/explain.h"
#include "explain/meaning.h"

static bool explain_is_ours(const ExplainSubject *s)
{
        return s->node && s->node->ours;
}

void explain_append_time(TextBuffer *b, const char *text, usec_t now, usec_t at)
{
        const usec_t tenth = 100 * USEC_PER_MSEC;
        usec_t n_tenths = ((at > now ? at - now : 0) + tenth / 2) / tenth;
        _cleanup_free_ char *left = span_to_string(MAX(n_tenths, 1U) * tenth);

        text_buffer_append(b, text);
        text_buffer_append(b, text_or(left, "a moment"));
}

static void add_time_left(TextBuffer *b, const ExplainSubject *s)
{
        explain_append_time(b, "", s->now, s->decision.at);
}

static const char *family_of(const ExplainSubject *s)
{
        return s->row->tid->address.family == ADDRESS_IPV6 ? "IPv6" : "IPv4";
}

/* Why it is not wanted. */
static void add_unwanted(TextBuffer *b, const ExplainSubject *s)
{
        if (s->rule)
                text_buffer_printf(b, "excluded by %s", s->rule->where);
        else if (s->row && s->row->wanted.n_claims > 0 && s->row->wanted.wrong_family)
                text_buffer_printf(b, "its address is %s, which ip-family excludes", family_of(s));
        else if (s->row && s->row->wanted.was_claimed)
                text_buffer_append(b, "no longer requested by any source");
        else
                text_buffer_append(b, "not requested by any source");
}

static void add_operation(TextBuffer *b, const ExplainSubject *s)
{
        static const char *const texts[_OPERATION_MAX] = {
                [OPERATION_CONNECT] = "being connected",
                [OPERATION_SETTLE] = "just connected, its attributes are being read",
                [OPERATION_DISCONNECT] = "; being disconnected",
                [OPERATION_REGISTER] = "wanted and connected; this host is being registered",
                [OPERATION_DEREGISTER] = "; this host is being deregistered",
                [OPERATION_READ_SUPPORTED_LOGS] =
                        "wanted and connected; its discovery log is being read",
                [OPERATION_READ_LOG] = "wanted and connected; its discovery log is being read",
        };
        Operation o = s->facts.op;
        const char *text = texts[o];

        if (o == OPERATION_DISCONNECT && s->facts.wanted) /* see plan_discovery() */
                text = "wanted; no persistent connection, its log was read: "
                       "being disconnected";
        else if (o == OPERATION_DISCONNECT && s->facts.in_use)
                text = "; checking whether a block device still needs it";
        if (*text == ';')
                add_unwanted(b, s);
        text_buffer_append(b, text);
}

static const char *kernel_is_at(DeviceState state)
{
        switch (state) {
        case DEVICE_LIVE:
                return "live again, about to be read";
        case DEVICE_NEW:
                return "the kernel is setting it up";
        case DEVICE_RESETTING:
        case DEVICE_CONNECTING:
                return "the kernel has lost the connection and is reconnecting it";
        case DEVICE_FENCING:
                return "the kernel has lost the connection and waits until outstanding commands "
                       "can no longer take effect";
        case DEVICE_DELETING:
                return "the kernel is removing it";
        case DEVICE_DEAD:
                return "the kernel has given it up";
        case DEVICE_STATE_UNKNOWN:
        case _DEVICE_STATE_MAX:
        case _DEVICE_STATE_INVALID:
                break;
        }
        return "it has just been removed, or its state is not known";
}

static void add_owner(TextBuffer *b, const ExplainSubject *s)
{
        const char *owner = s->facts.device ? s->facts.device->owner : NULL;

        text_buffer_append(b, "connected by ");
        if (device_owner_is_foreign(owner))
                text_buffer_printf(b, "%s (according to the registry)", owner);
        else
                text_buffer_append(b, "another program");
}

static void add_converged(TextBuffer *b, const ExplainSubject *s)
{
        if (s->state != DEVICE_LIVE) {
                text_buffer_printf(b, "wanted and connected; %s", kernel_is_at(s->state));
        } else if (explain_is_ours(s)) {
                text_buffer_append(b, "wanted and connected");
        } else {
                text_buffer_append(b, "wanted and ");
                add_owner(b, s);
        }
        if (s->is_empty)
                text_buffer_append(b, "; live, the kernel shows no namespaces");
}

static void add_left(TextBuffer *b, const ExplainSubject *s)
{
        const char *owner = s->facts.device->owner;

        text_buffer_append(b, "wanted and ");
        add_owner(b, s);
        text_buffer_printf(b, "; left to %s: its log is not read", owner);
}

static void add_backoff(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_append(b, s->row->attempts.last_error != 0
                                      ? "wanted; connecting failed, next attempt in "
                                      : "wanted; the connection did not last, next attempt in ");
        add_time_left(b, s);
}

static void add_stalled(TextBuffer *b, const ExplainSubject *s)
{
        explain_append_time(b, "wanted; the connect did not complete within ", 0, s->stall->took);
        text_buffer_append(b, ", next attempt in ");
        add_time_left(b, s);
}

static void add_closed(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_printf(
                b, "wanted; connects to other controllers at %s, port %s, did not complete within ",
                s->row->tid->traddr, s->row->tid->trsvcid);
        explain_append_time(b, "", 0, s->row->portal->ledger.longest);
        text_buffer_append(b, "; next attempt in at most ");
        add_time_left(b, s);
}

static void add_missing(TextBuffer *b, const ExplainSubject *s)
{
        if (decision_starts(&s->decision, OPERATION_PROBE))
                text_buffer_append(b, "wanted; probing its portal");
        else if (s->row->in_turns)
                text_buffer_append(
                        b, "wanted; waiting for its turn: controllers are connected one at a time");
        else
                text_buffer_append(b, "wanted; about to be connected");
}

static void add_no_answer(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_printf(b, "wanted; no answer from its portal (%s); next probe in ",
                           text_or(strerrorname_np(-s->row->portal->last_error), "?"));
        add_time_left(b, s);
}

static void add_unasked(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_printf(b, "wanted; its portal could not be probed: %s; next attempt in ",
                           meaning_of_probe_error(s->row->portal->last_error));
        add_time_left(b, s);
}

/* Not connected after a failure. */
static void add_wait(TextBuffer *b, const ExplainSubject *s)
{
        if (s->decision.reason == REASON_STALLED)
                add_stalled(b, s);
        else if (s->decision.reason == REASON_CLOSED)
                add_closed(b, s);
        else if (s->decision.reason == REASON_NO_ANSWER)
                add_no_answer(b, s);
        else if (s->decision.reason == REASON_UNASKED)
                add_unasked(b, s);
        else
                add_backoff(b, s);
}

static void add_log_backoff(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_append(
                b, "wanted and connected; reading its discovery log failed, next attempt in ");
        add_time_left(b, s);
}

static void add_ncc(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_printf(b,
                           "wanted, but no longer attempted: its discovery log reports that the "
                           "subsystem is not connected to its CDC (NCC), and %u attempts have used "
                           "up connect-attempts-on-ncc=%u; attempted at once when NCC clears",
                           s->facts.n_attempts, s->policy->connect_attempts_on_ncc);
}

static void add_going(TextBuffer *b, const ExplainSubject *s)
{
        add_unwanted(b, s);
        text_buffer_append(b, "; about to be disconnected");
}

/* Unwanted, to be removed after a wait. */
static void add_waiting_to_go(TextBuffer *b, const ExplainSubject *s)
{
        add_unwanted(b, s);
        text_buffer_append(b, s->row && s->row->attempts.last_error != 0
                                      ? "; disconnecting failed, next attempt in "
                                      : "; to be disconnected in ");
        add_time_left(b, s);
        if (s->facts.quiet > PLAN_QUIET_USEC)
                explain_append_time(b,
                                    ": it was dropped and requested again several times, so its "
                                    "connection is kept for ",
                                    0, s->facts.quiet);
}

static void add_in_use(TextBuffer *b, const ExplainSubject *s)
{
        const Attempts *a = s->row ? &s->row->attempts : NULL;

        add_unwanted(b, s);
        text_buffer_printf(b, "; kept: last usable path to a block device %s",
                           a && a->in_doubt ? "that may be in use" : "in use");
        if (a && a->in_use_by)
                text_buffer_printf(b, " (%s)", a->in_use_by);
        text_buffer_append(b, "; checking again in ");
        add_time_left(b, s);
}

static void add_unsure(TextBuffer *b, const ExplainSubject *s)
{
        add_unwanted(b, s);
        text_buffer_printf(b, "; kept: these sources may still request it: %s", s->silent);
}

static void add_foreign(TextBuffer *b, const ExplainSubject *s)
{
        if (s->rule) {
                add_unwanted(b, s);
                text_buffer_append(b, "; ");
        }
        add_owner(b, s);
        if (s->policy->role == CONTROLLER_DISCOVERY)
                text_buffer_append(b, "; left alone");
        else if (s->policy->disconnect_scope == DISCONNECT_ALL_MATCHING)
                text_buffer_append(
                        b, "; left alone: disconnect-trtypes does not include its transport");
        else
                text_buffer_printf(b, "; left alone by disconnect-scope=%s",
                                   disconnect_scope_to_string(s->policy->disconnect_scope));
}

static void add_protected(TextBuffer *b, const ExplainSubject *s)
{
        if (s->facts.firmware) {
                text_buffer_append(b, "kept: the boot firmware (NBFT) requests it");
                return;
        }
        add_owner(b, s);
        text_buffer_append(b, "; left alone");
}

static void add_passive(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_append(b, s->policy->role == CONTROLLER_DISCOVERY
                                      ? "named by the boot firmware (NBFT): waiting for the "
                                        "interface that the table names"
                                      : "named by the boot firmware (NBFT), connected by the "
                                        "initramfs; not connected for this reason alone");
}

static void add_shared(TextBuffer *b, const ExplainSubject *s)
{
        add_unwanted(b, s);
        text_buffer_append(b, s->facts.shared
                                      ? "; its connection also serves another entry, which decides"
                                      : "; kept: a controller that is being connected may need it");
}

static void add_unregistered(TextBuffer *b, const ExplainSubject *s)
{
        const Registration *r = &s->row->registration;

        if (s->decision.step != STEP_WAIT) {
                text_buffer_append(b, "wanted and connected; this host is about to be registered");
                return;
        }
        text_buffer_printf(
                b, "wanted and connected; registering this host failed (%s), next attempt in ",
                r->last_status > 0 ? meaning_of_register_status(r->last_status)
                                   : meaning_of_admin_error(r->last_error));
        add_time_left(b, s);
}

/* Commands to a discovery controller. */
static void add_conversation(TextBuffer *b, const ExplainSubject *s)
{
        if (s->decision.reason == REASON_UNREGISTERED)
                add_unregistered(b, s);
        else if (s->decision.reason == REASON_LOG_BACKOFF)
                add_log_backoff(b, s);
        else
                text_buffer_append(b, "wanted and connected; its discovery log is about to be "
                                      "read");
}

static void add_parked(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_append(b, "wanted; no persistent connection; next poll of its log in ");
        add_time_left(b, s);
}

static void add_scope(TextBuffer *b, const ExplainSubject *s)
{
        add_unwanted(b, s);
        text_buffer_printf(b, "; kept by disconnect-scope=%s",
                           disconnect_scope_to_string(s->policy->disconnect_scope));
}

static void add_skipped(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_printf(b, "not used: %s",
                           text_or(row_problem(s->row), "its entry is not usable"));
}

static void add_not_live(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_append(b, s->row ? "wanted and connected; " : "not ours; ");
        text_buffer_append(b, kernel_is_at(s->state));
}

static void explain_add_remembered(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_append(b, "requested before the restart, but not confirmed by its source yet; "
                              "not connected for this reason alone");
}

static bool is_command(Operation o)
{
        return o == OPERATION_REGISTER || o == OPERATION_READ_SUPPORTED_LOGS ||
               o == OPERATION_READ_LOG;
}

/* Commands that wait, fail or are not answered while the connection is lost, which comes first. */
static bool is_conversation_lost(const ExplainSubject *s)
{
        if (s->state == DEVICE_LIVE)
                return false;
        return s->decision.reason == REASON_UNREGISTERED ||
               s->decision.reason == REASON_LOG_STALE || s->decision.reason == REASON_LOG_BACKOFF ||
               (s->decision.reason == REASON_BUSY && is_command(s->facts.op));
}

static void add_starting(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_append(b, "the kernel's controllers are still being read");
}

static void add_gone(TextBuffer *b, const ExplainSubject *s)
{
        text_buffer_append(b, "removed, about to be forgotten");
}

static void (*const explain_texts[_REASON_MAX])(TextBuffer *b, const ExplainSubject *s) = {
        [REASON_CONVERGED] = add_converged,
        [REASON_BUSY] = add_operation,
        [REASON_STARTING] = add_starting,
        [REASON_MISSING] = add_missing,
        [REASON_PROBING] = add_missing,
        [REASON_BACKOFF] = add_wait,
        [REASON_STALLED] = add_wait,
        [REASON_CLOSED] = add_wait,
        [REASON_NO_ANSWER] = add_wait,
        [REASON_UNASKED] = add_wait,
        [REASON_PARKED] = add_parked,
        [REASON_NCC] = add_ncc,
        [REASON_REMEMBERED] = explain_add_remembered,
        [REASON_PASSIVE] = add_passive,
        [REASON_SKIPPED] = add_skipped,
        [REASON_NOT_LIVE] = add_not_live,
        [REASON_LEFT] = add_left,
        [REASON_UNREGISTERED] = add_conversation,
        [REASON_LOG_STALE] = add_conversation,
        [REASON_LOG_BACKOFF] = add_conversation,
        [REASON_EXCLUDED] = add_unwanted,
        [REASON_UNWANTED] = add_going,
        [REASON_QUIET_TIME] = add_waiting_to_go,
        [REASON_UNSURE] = add_unsure,
        [REASON_FOREIGN] = add_foreign,
        [REASON_SCOPE] = add_scope,
        [REASON_PROTECTED] = add_protected,
        [REASON_IN_USE] = add_in_use,
        [REASON_SHARED] = add_shared,
        [REASON_GONE] = add_gone,
};

char *explain_why(const ExplainSubject *s)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        if (is_conversation_lost(s))
                add_not_live(&b, s);
        else
                explain_texts[s->decision.reason](&b, s);
        return text_buffer_take(&b);
}

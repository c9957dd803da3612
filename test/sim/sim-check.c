/* SPDX-License-Identifier: Apache-2.0 */

/* Invariants checked at each step, whatever the kernel and the sources do. */

#include <stdarg.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "plan/backoff.h"
#include "plan/match.h"
#include "sim-daemon.h"

static void print_place(const Sim *s, const SimDaemon *d, FILE *f)
{
        (void) fprintf(f, "seed %llu step %llu %.6f %s: ", (unsigned long long) s->seed,
                       (unsigned long long) s->step, (double) s->now / (double) USEC_PER_SEC,
                       d ? d->name : "the kernel");
}

void sim_fail(const Sim *s, const SimDaemon *d, const char *format, ...)
{
        va_list ap;

        print_place(s, d, stderr);
        va_start(ap, format);
        (void) vfprintf(stderr, format, ap);
        va_end(ap);
        (void) fprintf(stderr, "\nto see it again: %s\n", s->replay);
        if (s->recordings)
                (void) fprintf(stderr, "stas-replay shows the engines' part: %s/*-%llu.rec\n",
                               s->recordings, (unsigned long long) s->seed);
        exit(EXIT_FAILURE);
}

void sim_trace(const Sim *s, const SimDaemon *d, const char *format, ...)
{
        va_list ap;

        if (!s->verbose)
                return;
        print_place(s, d, stdout);
        va_start(ap, format);
        (void) vprintf(format, ap);
        va_end(ap);
        (void) putchar('\n');
}

SimConnection *sim_connection(Sim *s, uint64_t incarnation)
{
        CHECK(s, NULL,
              ARRAY_RESERVE(s->connections, s->n_connections_allocated, incarnation + 1) == 0,
              "memory");
        return &s->connections[incarnation];
}

SimPath *sim_path(const Sim *s, size_t target)
{
        const SimTargets *t = &s->kernel.targets;
        size_t way = (target - sim_target_far_end(t, target)->first) % SIM_WAYS;

        return &s->paths[sim_targets_portal(t, target) * SIM_WAYS + way];
}

void sim_note_stall(Sim *s, size_t target, usec_t begun, usec_t took)
{
        SimTruth *t = &s->truth[target];

        t->stall_begun = begun;
        t->stall_took = took;
        t->stall_lives = sim_target_far_end(&s->kernel.targets, target)->n_lives;
}

/* Returns false if a controller of the far end was live since: it was seen, or may have been. */
bool sim_has_stalled(const Sim *s, size_t target)
{
        const SimTruth *t = &s->truth[target];

        return t->stall_took > 0 &&
               t->stall_lives == sim_target_far_end(&s->kernel.targets, target)->n_lives;
}

void sim_forgive_stall(Sim *s, size_t target)
{
        s->truth[target].stall_took = 0;
}

static bool keeps_waiting(const Sim *s, size_t target, const SimPath *path)
{
        return sim_path(s, target) == path && s->truth[target].stall_begun > 0 &&
               sim_has_stalled(s, target);
}

/* Returns the earliest begin of the next stall of the portal, so that all stalls together take at
 * most a tenth of the time. */
static usec_t next_stall(const Sim *s, size_t target)
{
        const SimPath *path = sim_path(s, target);
        usec_t last = 0, longest = STALL_USEC;

        for (size_t i = 0; i < s->kernel.targets.n_targets; i++)
                if (keeps_waiting(s, i, path))
                        last = MAX(last, s->truth[i].stall_begun);
        for (size_t i = 0; i < s->kernel.targets.n_targets; i++)
                if (keeps_waiting(s, i, path) &&
                    s->truth[i].stall_begun + 600 * USEC_PER_SEC >= last)
                        longest = MAX(longest, s->truth[i].stall_took);
        return last + 600 * USEC_PER_SEC / MAX(60 * USEC_PER_SEC / longest, (usec_t) 1);
}

static void check_stall(const Sim *s, const SimDaemon *d, size_t target)
{
        const SimTruth *t = &s->truth[target];
        bool is_tcp = sim_target_far_end(&s->kernel.targets, target)->transport == TRANSPORT_TCP;

        if (!sim_has_stalled(s, target) || t->stall_begun == 0)
                return;
        CHECK(s, d,
              s->now >=
                      t->stall_begun + t->stall_took + MIN(t->stall_took * 10, 600 * USEC_PER_SEC),
              "it connects target %zu too soon after that held the kernel", target);
        CHECK(s, d, !is_tcp || s->now >= next_stall(s, target),
              "it connects target %zu, which held the kernel, too soon after one of its portal",
              target);
}

static const SimDaemon *daemon_of(const Sim *s, size_t target)
{
        return &s->daemons[sim_target_far_end(&s->kernel.targets, target)->kind];
}

bool sim_is_allowed(const Sim *s, size_t target)
{
        const Policy *p = engine_policy(daemon_of(s, target)->engine);
        const Tid *tid = s->kernel.targets.targets[target].tid;
        unsigned family = tid->address.family == ADDRESS_IPV6 ? IP_FAMILY_IPV6 : IP_FAMILY_IPV4;

        return (p->ip_families & family) && !exclude_list_match(&p->excludes, tid);
}

bool sim_is_wanted(const Sim *s, size_t target)
{
        return s->truth[target].n_told > 0 && sim_is_allowed(s, target);
}

bool sim_is_firmware(const Sim *s, const SimController *c)
{
        const SimFarEnd *f = sim_target_far_end(&s->kernel.targets, c->target);

        for (size_t t = f->first; t < f->first + f->n_ways; t++)
                if (s->truth[t].n_firmware > 0 && sim_kernel_serves(&s->kernel, c, t))
                        return true;
        return false;
}

/* Returns true if the daemon may assume that the previous run made the device. */
static bool is_remembered(const Sim *s, const SimDaemon *d, const Device *device)
{
        const SimTargets *t = &s->kernel.targets;
        size_t made = s->kernel.controllers[device->instance].target;
        const SimFarEnd *f = sim_target_far_end(t, made);

        if (d->connects_over && d->scanned && !d->has_missed && device->inode > d->last_early)
                return false;
        for (size_t i = f->first; i < f->first + f->n_ways; i++)
                if (d->remembered[i] && sim_targets_serve(t, made, i))
                        return true;
        return false;
}

/* Includes connections without a row, because another connection has it. */
static void observe_ours(Sim *s, SimDaemon *d)
{
        for (const DeviceNode *n = engine_next_device(d->engine, NULL); n;
             n = engine_next_device(d->engine, n)) {
                if (!n->ours || !n->device)
                        continue;
                SimConnection *connection = sim_connection(s, n->device->inode);
                if (!connection->made && !connection->adopted)
                        connection->adopted = is_remembered(s, d, n->device);
        }
}

void sim_observe_rows(Sim *s, SimDaemon *d)
{
        observe_ours(s, d);
        for (const Row *row = engine_next_row(d->engine, NULL); row;
             row = engine_next_row(d->engine, row)) {
                const Device *device = row_device(row);
                if (!device)
                        continue;
                SimConnection *connection = sim_connection(s, device->inode);
                if (!row_is_wanted(row))
                        continue;
                connection->wanted_till = s->now;
                connection->busy_at = 0;
        }
}

static bool all_have_spoken(const SimDaemon *d)
{
        for (size_t i = 0; i < d->n_sources; i++)
                if (d->sources[i].present && !d->sources[i].complete &&
                    d->sources[i].kind != SOURCE_REFERRAL)
                        return false;
        return true;
}

/* The path of a connection that is not bound is unknown while it is not live. */
static bool is_hidden(const Sim *s, const DeviceNode *n, size_t target)
{
        return n->device && !n->inherited &&
               match_must_wait(s->kernel.targets.targets[target].tid, n->device);
}

/* Returns true if there is a connection that serves the target, and the engine knows enough to
 * recognize it. */
static bool is_connected(const Sim *s, const SimDaemon *d, size_t target)
{
        const SimKernel *k = &s->kernel;

        for (size_t i = 0; i < k->n_names_used && !s->network_down; i++) {
                const SimController *c = &k->controllers[i];
                const DeviceNode *n = engine_find_device(d->engine, (int) i);
                bool known = n && ((n->device && n->device->inode == c->incarnation) ||
                                   (n->settling && n->made_inode == c->incarnation));
                if (known && !is_hidden(s, n, target) && sim_kernel_serves(k, c, target))
                        return true;
        }
        return false;
}

static void check_connect(Sim *s, SimDaemon *d, const Action *a, size_t target)
{
        const Policy *p = engine_policy(d->engine);
        SimTruth *t = &s->truth[target];

        d->n_connects++;
        CHECK(s, d, !d->releasing, "it connects target %zu while it gives up all", target);
        CHECK(s, d, sim_is_wanted(s, target), "it connects target %zu, which nobody wants", target);
        CHECK(s, d, t->n_confirmed > 0, "it connects target %zu, which is only remembered", target);
        CHECK(s, d, d->scanned, "it connects target %zu before the kernel is known", target);
        CHECK(s, d, !is_connected(s, d, target), "it connects target %zu, which is connected",
              target);
        if (a->row->tid->transport == TRANSPORT_TCP) {
                const SimPath *path = sim_path(s, target);
                CHECK(s, d,
                      path->answered_at > 0 && s->now < path->answered_at + PORTAL_ANSWER_USEC,
                      "it connects target %zu, whose portal has not answered", target);
        }
        check_stall(s, d, target);
        CHECK(s, d, t->failed_at == 0 || s->now >= t->failed_at + BACKOFF_MIN * 3 / 4,
              "it connects target %zu too soon after a failure", target);
        if (!a->row->wanted.ncc)
                t->n_ncc_connects = 0;
        else if (p->connect_attempts_on_ncc > 0)
                CHECK(s, d, ++t->n_ncc_connects <= MAX(p->connect_attempts_on_ncc, 2U),
                      "it goes on to connect target %zu, which is not connected to its CDC",
                      target);
}

static void check_probe(Sim *s, SimDaemon *d, const Action *a, size_t target)
{
        const SimPath *path = sim_path(s, target);
        size_t n = 0;

        d->n_probes++;
        CHECK(s, d, a->row->tid->transport == TRANSPORT_TCP,
              "it probes target %zu, to which there is nothing to probe", target);
        CHECK(s, d, sim_is_wanted(s, target) && !d->releasing,
              "it probes target %zu, which nobody wants", target);
        CHECK(s, d, d->scanned, "it probes target %zu before the kernel is known", target);
        CHECK(s, d, path->silent_at == 0 || s->now >= path->silent_at + BACKOFF_MIN * 3 / 4,
              "it probes target %zu too soon after a failure", target);
        CHECK(s, d, a->timeout >= PORTAL_TIMEOUT_MIN && a->timeout <= PORTAL_TIMEOUT_MAX,
              "it probes target %zu for too long or too short", target);
        for (size_t i = 0; i < d->n_asked; i++) {
                if (d->asked[i].action.operation != OPERATION_PROBE)
                        continue;
                CHECK(s, d, sim_path(s, d->asked[i].target) != path,
                      "it probes the portal of target %zu twice at a time", target);
                n++;
        }
        CHECK(s, d, n < ENGINE_PROBES_MAX, "it probes more portals at a time than it may");
}

/* Checks a target that the connection serves, unless it has another one. */
static void check_victim(Sim *s, SimDaemon *d, int instance, size_t target)
{
        const Row *row = engine_find_row(d->engine, s->kernel.targets.targets[target].tid);

        if (row && (row->op.operation == OPERATION_SETTLE ||
                    (row->node && row->node->instance != instance)))
                return;
        CHECK(s, d, s->truth[target].n_firmware == 0,
              "it disconnects nvme%i, by which the firmware's target %zu is connected", instance,
              target);
        CHECK(s, d, d->releasing || !sim_is_wanted(s, target),
              "it disconnects nvme%i, by which target %zu is connected as wanted", instance,
              target);
}

/* Checks that the policy permits the removal, however long the connection has been unwanted. */
static void check_scope(Sim *s, SimDaemon *d, const Action *a)
{
        const SimController *c = &s->kernel.controllers[a->instance];
        const Device *device = engine_find_device(d->engine, a->instance)->device;
        const SimConnection *connection = sim_connection(s, a->inode);
        const Policy *p = engine_policy(d->engine);
        unsigned transport = 1U << sim_target_far_end(&s->kernel.targets, c->target)->transport;

        CHECK(s, d, a->force == p->disconnect_in_use_force,
              "it disconnects nvme%i with the wrong regard for what is in use", a->instance);
        CHECK(s, d, !device->owner || streq(device->owner, DEVICE_OWNER_STAS),
              "it disconnects nvme%i, which the registry gives to %s", a->instance, device->owner);
        CHECK(s, d, p->disconnect_scope != DISCONNECT_NONE || d->releasing,
              "it disconnects nvme%i although disconnect-scope keeps all", a->instance);
        CHECK(s, d,
              connection->made || connection->adopted || a->inode != c->incarnation ||
                      is_remembered(s, d, device) ||
                      (p->disconnect_scope == DISCONNECT_ALL_MATCHING &&
                       (p->disconnect_transports & transport)),
              "it disconnects nvme%i, which is not ours, nor in the scope of disconnects",
              a->instance);
}

static void check_disconnect(Sim *s, SimDaemon *d, const Action *a, size_t target)
{
        const SimKernel *k = &s->kernel;
        const SimController *c = &k->controllers[a->instance];
        const SimConnection *connection = sim_connection(s, a->inode);
        const SimFarEnd *f = sim_target_far_end(&k->targets, c->target);
        const DeviceNode *n = engine_find_device(d->engine, a->instance);
        bool told = false;

        d->n_disconnects++;
        check_scope(s, d, a);
        CHECK(s, d, d->releasing || s->now >= connection->wanted_till + PLAN_QUIET_USEC,
              "it disconnects nvme%i in the quiet time", a->instance);
        CHECK(s, d,
              d->releasing || connection->busy_at == 0 || connection->busy_for != target ||
                      s->now >= connection->busy_at + PLAN_IN_USE_RETRY_USEC,
              "it tries nvme%i, which is in use, again too soon", a->instance);
        if (c->incarnation != a->inode || c->phase == SIM_ABSENT)
                return; /* outdated, but harmless because of the inode */

        for (size_t t = f->first; t < f->first + f->n_ways; t++)
                if (sim_kernel_serves(k, c, t)) {
                        if (!is_hidden(s, n, t))
                                check_victim(s, d, a->instance, t);
                        told = told || s->truth[t].told_once;
                }
        CHECK(s, d, told || d->releasing || all_have_spoken(d),
              "it disconnects nvme%i, which a source that is silent may want", a->instance);
}

void sim_check_flap(Sim *s, SimDaemon *d, size_t target)
{
        SimTruth *t = &s->truth[target];
        usec_t *at = &t->left_at[t->n_left % SIM_FLAPS_MAX];

        if (!t->left_to_peer)
                return;
        CHECK(s, d, t->n_left < SIM_FLAPS_MAX || s->now >= *at + 60 * USEC_PER_SEC,
              "it connects and disconnects target %zu as often as a peer likes", target);
        *at = s->now;
        t->n_left++;
}

void sim_forgive_pace(Sim *s, const SimDaemon *d)
{
        for (size_t i = 0; i < s->kernel.targets.n_targets; i++)
                if (sim_target_far_end(&s->kernel.targets, i)->kind == d->role) {
                        s->truth[i].n_left = 0;
                        s->truth[i].read_at = 0;
                }
}

static void check_read_log(Sim *s, SimDaemon *d, const Action *a, size_t target)
{
        SimTruth *t = &s->truth[target];
        bool is_new = a->row->attempts.since >= t->read_at;

        d->n_log_reads++;
        CHECK(s, d, t->read_at == 0 || is_new || s->now >= t->read_at + PLAN_LOG_PACE_USEC,
              "it reads the log of target %zu again at once", target);
        t->read_at = s->now;
}

static bool is_on_controller(const Action *a)
{
        return a->instance >= 0 && a->operation != OPERATION_READ_DEVICE;
}

static void check_alone(Sim *s, SimDaemon *d, const Action *a, size_t target)
{
        for (size_t i = 0; i < d->n_asked; i++) {
                const Action *other = &d->asked[i].action;
                CHECK(s, d,
                      a->operation != OPERATION_CONNECT || other->operation != OPERATION_CONNECT,
                      "it begins two connects at a time");
                CHECK(s, d, a->operation != OPERATION_SCAN || other->operation != OPERATION_SCAN,
                      "it begins two scans at a time");
                CHECK(s, d,
                      !is_on_controller(a) || !is_on_controller(other) ||
                              a->instance != other->instance || a->inode != other->inode,
                      "it begins two operations on nvme%i", a->instance);
                CHECK(s, d,
                      target == SIZE_MAX || a->operation == OPERATION_PROBE ||
                              other->operation == OPERATION_PROBE || d->asked[i].target != target,
                      "it begins two operations for target %zu", target);
        }
}

static void trace_action(const Sim *s, const SimDaemon *d, const Action *a, size_t target)
{
        if (!s->verbose)
                return;
        _cleanup_free_ char *text = a->row ? tid_to_string(a->row->tid) : NULL;
        sim_trace(s, d, "-> %llu %s nvme%i inode %llu target %zd %s", (unsigned long long) a->op_id,
                  operation_to_string(a->operation), a->instance, (unsigned long long) a->inode,
                  (ssize_t) target, text_or(text, ""));
}

/* This host registers only with controllers that support it, and never deregisters from one that a
 * row wants. */
static void check_introduction(Sim *s, SimDaemon *d, const Action *a)
{
        const DeviceNode *n = engine_find_device(d->engine, a->instance);
        const Row *row;

        CHECK(s, d, n && n->device && !streq(n->device->dctype, "none"),
              "it speaks TP8010 to nvme%i, which does not", a->instance);
        CHECK(s, d,
              a->operation != OPERATION_READ_SUPPORTED_LOGS ||
                      (streq(n->device->dctype, "ddc") && engine_policy(d->engine)->pleo),
              "it asks nvme%i for its port, and should not", a->instance);
        LIST_FOREACH(row, &n->users, user_entry)
                CHECK(s, d, a->operation != OPERATION_DEREGISTER || !row->wanted.is_wanted,
                      "it deregisters from nvme%i, which is wanted", a->instance);
}

/* As far as the engine knows its owner. */
static void check_owner(Sim *s, SimDaemon *d, const Action *a)
{
        const DeviceNode *n = engine_find_device(d->engine, a->instance);

        CHECK(s, d, !n || !n->device || !device_owner_is_foreign(n->device->owner),
              "it talks to nvme%i, which the registry gives to others", a->instance);
}

void sim_check_action(Sim *s, SimDaemon *d, const Action *a)
{
        size_t target = a->row ? sim_targets_find(&s->kernel.targets, a->row->tid) : SIZE_MAX;

        trace_action(s, d, a, target);
        check_alone(s, d, a, target);
        if (a->operation == OPERATION_REGISTER || a->operation == OPERATION_DEREGISTER ||
            a->operation == OPERATION_READ_SUPPORTED_LOGS) {
                check_owner(s, d, a);
                check_introduction(s, d, a);
        }
        if (a->operation == OPERATION_READ_LOG) {
                check_owner(s, d, a);
                check_read_log(s, d, a, target);
        }
        if (a->operation == OPERATION_PROBE) {
                CHECK(s, d, target != SIZE_MAX, "it probes what nobody ever wanted");
                check_probe(s, d, a, target);
        }
        if (a->operation == OPERATION_CONNECT) {
                CHECK(s, d, target != SIZE_MAX, "it connects what nobody ever wanted");
                check_connect(s, d, a, target);
        }
        if (a->operation == OPERATION_DISCONNECT)
                check_disconnect(s, d, a, target);
}

static void trace_note(const Sim *s, const SimDaemon *d, const Note *n, size_t target)
{
        sim_trace(s, d, "note %s nvme%i target %zd error %i", note_kind_to_string(n->kind),
                  n->instance, (ssize_t) target, n->error);
}

/* The receiver of this note connects the log's entries: we must not follow the log as well. */
static void check_foreign_notice(Sim *s, SimDaemon *d, const Note *n)
{
        const DeviceNode *node = engine_find_device(d->engine, n->instance);
        const Row *row;

        sim_trace(s, d, "note foreign news nvme%i", n->instance);
        CHECK(s, d, d->role == CONTROLLER_DISCOVERY && n->device->kind == CONTROLLER_DISCOVERY,
              "nvme%i, which is no discovery controller, has news", n->instance);
        CHECK(s, d, node && node->device == n->device && !node->ours,
              "nvme%i has news for others and is ours", n->instance);
        LIST_FOREACH(row, &node->users, user_entry)
                CHECK(s, d, !row_is_wanted(row), "nvme%i has news for others and is wanted",
                      n->instance);
        d->n_foreign_notices++;
}

void sim_check_note(Sim *s, SimDaemon *d, const Note *n)
{
        if (n->kind == NOTE_FOREIGN_NOTICE) {
                check_foreign_notice(s, d, n);
                return;
        }
        if (!n->row) /* of an entry that names no controller */
                return;
        const DeviceNode *node = engine_find_device(d->engine, n->instance);
        size_t target = sim_targets_find(&s->kernel.targets, n->row->tid);

        trace_note(s, d, n, target);
        if (target != SIZE_MAX && n->kind != NOTE_CONNECT_FAILED && n->kind != NOTE_NO_ANSWER)
                s->truth[target].n_ncc_connects = 0;
        /* Its path is not that of the row it was adopted for: what the state file says no longer
         * applies. */
        if (n->kind == NOTE_LET_GO && node && node->device && !node->ours)
                sim_connection(s, node->device->inode)->restored = false;
        if (n->kind != NOTE_ADOPTED)
                return;

        CHECK(s, d, target != SIZE_MAX, "it adopts what nobody ever wanted");
        /* It may have been wanted when it was adopted, but no longer be. */
        if (node && node->device && node->ours)
                sim_connection(s, node->device->inode)->adopted = true;
}

static void check_log(Sim *s, SimDaemon *d, const Row *row)
{
        const SimTargets *t = &s->kernel.targets;
        size_t target = sim_targets_find(t, row->tid);

        if (row->log.state != SOURCE_COMPLETE || target == SIZE_MAX)
                return;
        CHECK(s, d, row->node && row->node->device,
              "the log of target %zu counts as current, and there is no connection", target);
        CHECK(s, d, row->log.log->entries[0].portid == t->targets[target].far_end,
              "the log of target %zu is another one's", target);
        CHECK(s, d, row->log.log->genctr == row->node->device->inode,
              "the log of target %zu was read before it was connected", target);
}

static void check_ours(Sim *s, SimDaemon *d, const Device *device)
{
        const SimConnection *c = sim_connection(s, device->inode);

        CHECK(s, d, c->made || c->adopted, "nvme%i counts as ours and is not", device->instance);
}

static void check_row(Sim *s, SimDaemon *d, const Row *row)
{
        size_t target = sim_targets_find(&s->kernel.targets, row->tid);
        /* Incremental decisions must equal those of a plan from scratch. */
        Facts f = engine_facts(d->engine, row);
        Decision decision = plan_controller(&f, engine_policy(d->engine), s->now);
        bool begun = row->op.operation != OPERATION_NONE ||
                     decision_starts(&row->decision, OPERATION_READ_DEVICE);

        CHECK(s, d,
              begun || (decision.step == row->decision.step &&
                        decision.operation == row->decision.operation &&
                        decision.at == row->decision.at),
              "target %zd: decided %s (%s), should be %s (%s)", (ssize_t) target,
              decision_to_string(&row->decision), reason_to_string(row->decision.reason),
              decision_to_string(&decision), reason_to_string(decision.reason));
        CHECK(s, d, f.claimed || f.device || f.op != OPERATION_NONE,
              "target %zd: a row for nothing", (ssize_t) target);
        CHECK(s, d, !f.wanted || (target != SIZE_MAX && sim_is_wanted(s, target)),
              "target %zd: its row is wanted, and no source wants it", (ssize_t) target);
        CHECK(s, d, f.wanted || target == SIZE_MAX || !sim_is_wanted(s, target),
              "target %zu: a source wants it, and its row is not wanted", target);
        if (f.device && f.ours)
                check_ours(s, d, f.device);
        check_log(s, d, row);
}

void sim_check_rows(Sim *s, SimDaemon *d, bool all)
{
        size_t n = 0, every = all ? 1 : 1 + s->kernel.targets.n_targets / 64;

        for (const Row *row = engine_next_row(d->engine, NULL); row;
             row = engine_next_row(d->engine, row))
                if (n++ % every == s->step % every)
                        check_row(s, d, row);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* A daemon's loop: passes events to the engine and executes its plans; starts and kills. */

#include <limits.h>
#include <string.h>

#include "sim-daemon.h"

static void hear_own_sources(Sim *s, SimDaemon *d, bool from_files)
{
        for (size_t i = 0; i < d->n_own_sources; i++) {
                const SimSource *source = &d->sources[i];
                bool is_file = source->kind == SOURCE_CONFIGURED || source->kind == SOURCE_NBFT;
                if (!source->dropped && from_files == is_file)
                        sim_say(s, d, i,
                                from_files                          ? SOURCE_COMPLETE
                                : source->kind == SOURCE_DISCOVERED ? SOURCE_PARTIAL
                                                                    : SOURCE_UNKNOWN);
        }
}

void sim_daemon_start(Sim *s, SimDaemon *d)
{
        Policy *policy = sim_make_policy(s, d);
        SimSocket *socket = &s->kernel.sockets[d->role];

        d->n_starts++;
        sim_trace(s, d, "starts: scope %s, force %i",
                  disconnect_scope_to_string(policy->disconnect_scope),
                  policy->disconnect_in_use_force);
        CHECK(s, d, engine_new(policy, &d->engine) == 0, "memory");
        sim_record_start(s, d);
        sim_change_network(s, s->network_down);
        hear_own_sources(s, d, true);
        if (d->role == CONTROLLER_IO)
                sim_follower_restart(s);
        sim_state_restore(s, d);
        hear_own_sources(s, d, false);
        d->scanned = d->connects_over = d->has_missed = d->releasing = false;
        sim_hands_start(s, d);
        d->save_at = d->save_by = USEC_INFINITY;
        socket->is_open = true;
}

void sim_daemon_kill(Sim *s, SimDaemon *d)
{
        SimKernel *k = &s->kernel;
        SimSocket *socket = &k->sockets[d->role];

        sim_trace(s, d, "is killed");
        sim_hands_end(d);
        d->engine = engine_free(d->engine);
        while (d->n_jobs > 0) {
                const SimJob *job = &d->jobs[d->n_jobs - 1];
                if (job->incarnation > 0 && !job->done)
                        sim_connection(s, job->incarnation)->orphan = true;
                sim_job_drop(d, &d->jobs[d->n_jobs - 1]);
        }
        for (size_t i = 0; i < k->targets.n_targets; i++)
                if (sim_target_far_end(&k->targets, i)->kind == d->role) {
                        *sim_path(s, i) = (SimPath) { 0 };
                        sim_forgive_stall(s, i);
                }
        sim_forgive_pace(s, d);
        if (k->starting >= 0 && k->starter == (int) d->role)
                k->starter = SIM_NOBODY;
        socket->is_open = socket->overflow = false;
        socket->n_uevents = 0;
        sim_forget_words(s, d);
}

void sim_daemon_done(SimDaemon *d)
{
        sim_hands_end(d);
        d->engine = engine_free(d->engine);
        while (d->n_jobs > 0)
                sim_job_drop(d, &d->jobs[d->n_jobs - 1]);
        free(d->asked);
        sim_record_done(d);
        free(d->jobs);
        free(d->remembered);
        sim_state_done(&d->state);
        sim_sources_done(d);
}

/* Changes that stafd signals (daemon/report.c). */
static bool is_public(const SimDaemon *d, const Note *n)
{
        return d->role == CONTROLLER_DISCOVERY &&
               (n->kind == NOTE_WANTED || n->kind == NOTE_UNWANTED || n->kind == NOTE_LOG_CHANGED ||
                n->kind == NOTE_FORGOTTEN);
}

static void take_notes(Sim *s, SimDaemon *d, const Plan *p)
{
        bool signaled = false;

        for (size_t i = 0; i < p->n_notes; i++) {
                sim_check_note(s, d, &p->notes[i]);
                signaled = signaled || is_public(d, &p->notes[i]);
                if (d->role == CONTROLLER_DISCOVERY && p->notes[i].kind == NOTE_FORGOTTEN)
                        sim_follower_forgotten(s, p->notes[i].row->tid);
        }
        if (signaled)
                sim_follower_signal(s);
        if (p->n_notes > 0)
                sim_state_schedule(d, s->now);
}

static void take_actions(Sim *s, SimDaemon *d, const Plan *p)
{
        for (size_t i = 0; i < p->n_actions; i++) {
                sim_check_action(s, d, &p->actions[i]);
                sim_hands_ask(d, &p->actions[i]);
        }
        sim_hands_dispatch(d, p);
        sim_hands_dispatch_waiting(d);
}

void sim_daemon_plan(Sim *s, SimDaemon *d)
{
        const Plan *p;

        if (d->save_at <= s->now)
                sim_state_save(s, d);
        p = sim_plan(s, d);
        if (d->role == CONTROLLER_DISCOVERY && (d->has_heard || p->n_notes > 0))
                sim_follow_referrals(s, d);
        d->has_heard = false;
        take_notes(s, d, p);
        take_actions(s, d, p);
        p = sim_plan(s, d);
        CHECK(s, d, p->n_actions == 0, "it plans twice and acts twice");
        CHECK(s, d, p->wake_at > s->now, "it waits for a time that has passed");
        if (d->role == CONTROLLER_DISCOVERY)
                sim_follower_watch(s);
        sim_observe_rows(s, d);
}

/* A controller behind the portal is live: a silent portal may be probed again. */
static void forgive_portal(Sim *s, const SimDaemon *d, const Tid *tid)
{
        const SimTargets *t = &s->kernel.targets;

        for (size_t i = 0; i < t->n_targets; i++)
                if (sim_target_far_end(t, i)->kind == d->role &&
                    tid_compare_portal(t->targets[i].tid, tid) == 0)
                        sim_path(s, i)->silent_at = 0;
}

static void observe_uevent(Sim *s, const SimDaemon *d, const SimUevent *u)
{
        const DeviceNode *n = engine_find_device(d->engine, u->instance);
        const Row *row;

        if (!n || !n->device || (u->event != KERNEL_CONNECTED && u->event != KERNEL_REDISCOVERED))
                return;
        if (u->event == KERNEL_CONNECTED)
                forgive_portal(s, d, n->device->tid);
        LIST_FOREACH(row, &n->users, user_entry)
                s->truth[sim_targets_find(&s->kernel.targets, row->tid)].read_at = 0;
}

/* Uevents arrive before the results of operations that caused them: the daemon reads that socket
 * first, and reports a loss after the uevents that were still queued. */
void sim_daemon_deliver_uevents(Sim *s, SimDaemon *d)
{
        SimSocket *socket = &s->kernel.sockets[d->role];

        for (size_t i = 0; i < socket->n_uevents; i++) {
                observe_uevent(s, d, &socket->uevents[i]);
                sim_hands_hear(d, &socket->uevents[i]);
        }
        d->has_missed = d->has_missed || socket->overflow;
        if (socket->overflow)
                sim_hands_hear(d, NULL);
        socket->overflow = false;
        socket->n_uevents = 0;
}

static void deliver_result(Sim *s, SimDaemon *d, SimJob *job)
{
        Completion end = {
                .operation = job->action.operation,
                .op_id = job->action.op_id,
                .error = job->error,
                .instance = MAX(job->instance, -1),
                .inode = job->incarnation,
                .offers = DISCOVERY_LOG_PORT_LOCAL,
                .log = TAKE_PTR(job->log),
                .device = TAKE_PTR(job->device),
                .devices = TAKE_PTR(job->devices),
                .n_devices = job->n_devices,
        };
        job->n_devices = 0;
        sim_hands_complete(d, end);
}

static bool was_refused(int error)
{
        return error == -ECONNREFUSED || error == -EALREADY;
}

static void observe_portal(Sim *s, const SimDaemon *d, const SimJob *job)
{
        bool is_probe = job->action.operation == OPERATION_PROBE;
        SimPath *path = sim_path(s, job->target);
        usec_t took = s->now - job->begun;

        if (job->error == 0)
                path->answered_at = s->now;
        else if (is_probe)
                path->silent_at = s->now;
        else if (took >= STALL_USEC && !sim_hands_find(d, job->action.op_id)->excused &&
                 !was_refused(job->error))
                sim_note_stall(s, job->target, job->begun, took);
}

static void observe_device(Sim *s, SimDaemon *d, const Device *device)
{
        if (device->state == DEVICE_LIVE)
                forgive_portal(s, d, device->tid);
}

/* Records of a result what the checks need. */
static void observe_result(Sim *s, SimDaemon *d, const SimJob *job)
{
        if (job->action.operation == OPERATION_SCAN && job->error == 0) {
                if (!d->scanned)
                        d->last_early = s->kernel.n_incarnations;
                d->scanned = true;
        }
        if (job->action.operation == OPERATION_PROBE || job->action.operation == OPERATION_CONNECT)
                observe_portal(s, d, job);
        if (job->device)
                observe_device(s, d, job->device);
        for (size_t i = 0; i < job->n_devices; i++)
                observe_device(s, d, job->devices[i]);
        if (job->action.operation == OPERATION_CONNECT && job->error < 0)
                s->truth[job->target].failed_at = s->now;
        if (job->action.operation == OPERATION_DISCONNECT) {
                SimConnection *c = sim_connection(s, job->action.inode);
                c->busy_at = job->error == -EBUSY ? s->now : 0;
                c->busy_for = job->target;
                if (job->error == 0 && job->target != SIZE_MAX)
                        sim_check_flap(s, d, job->target);
                d->n_refused += job->error == -EBUSY;
        }
}

void sim_daemon_read_options(Sim *s, SimDaemon *d)
{
        if (!d->engine || d->connects_over || s->kernel.starting >= 0)
                return;
        sim_daemon_deliver_uevents(s, d);
        sim_hands_complete(d, (Completion) { .operation = OPERATION_READ_OPTIONS,
                                             .options = UINT_MAX,
                                             .instance = -1 });
        d->connects_over = true;
        d->last_early = s->kernel.n_incarnations;
}

void sim_daemon_advance(Sim *s, SimDaemon *d)
{
        if (d->n_jobs == 0)
                return;
        SimJob *job = &d->jobs[random_below(&s->kernel.random, d->n_jobs)];

        if (!job->done) {
                sim_job_run(s, d, job);
                return;
        }
        sim_daemon_deliver_uevents(s, d);
        observe_result(s, d, job);
        deliver_result(s, d, job);
        sim_job_drop(d, job);
}

bool sim_daemon_is_busy(const Sim *s, const SimDaemon *d)
{
        const SimSocket *socket = &s->kernel.sockets[d->role];

        if (!d->engine)
                return false;
        return d->n_jobs > 0 || !d->connects_over || sim_hands_wait(d) || socket->n_uevents > 0 ||
               socket->overflow;
}

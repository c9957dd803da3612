/* SPDX-License-Identifier: Apache-2.0 */

/* A daemon's loop: events into the engine, its plan out of it; starts and kills. */

#include <string.h>

#include "sim-daemon.h"

static void hear_own_sources(Sim *s, SimDaemon *d, bool configured)
{
        for (size_t i = 0; i < d->n_own_sources; i++) {
                const SimSource *source = &d->sources[i];
                if (!source->dropped && configured == (source->kind == SOURCE_CONFIGURED))
                        sim_say(s, d, i,
                                configured                          ? SOURCE_COMPLETE
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
        sim_change_network(s, s->network_down);
        hear_own_sources(s, d, true);
        if (d->role == CONTROLLER_IO)
                sim_follower_restart(s);
        sim_state_restore(s, d);
        hear_own_sources(s, d, false);
        d->scanned = d->connects_over = d->has_missed = d->releasing = false;
        d->save_at = d->save_by = USEC_INFINITY;
        socket->is_open = true;
}

void sim_daemon_kill(Sim *s, SimDaemon *d)
{
        SimKernel *k = &s->kernel;
        SimSocket *socket = &k->sockets[d->role];

        sim_trace(s, d, "is killed");
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
        if (k->starting >= 0 && k->starter == (int) d->role)
                k->starter = SIM_NOBODY;
        socket->is_open = socket->overflow = false;
        socket->n_uevents = 0;
        sim_forget_words(s, d);
}

void sim_daemon_done(SimDaemon *d)
{
        d->engine = engine_free(d->engine);
        while (d->n_jobs > 0)
                sim_job_drop(d, &d->jobs[d->n_jobs - 1]);
        free(d->jobs);
        free(d->remembered);
        sim_state_done(&d->state);
        sim_sources_done(d);
}

/* stafd tells who listens (daemon/report.c). */
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
        }
        if (signaled)
                sim_follower_signal(s);
        if (p->n_notes > 0)
                sim_state_schedule(d, s->now);
}

static void take_actions(Sim *s, SimDaemon *d, const Plan *p)
{
        for (size_t i = 0; i < p->n_actions; i++) {
                const Action *a = &p->actions[i];
                sim_check_action(s, d, a);
                if (a->kind == ACTION_CONNECT && d->wishes_unsaved)
                        sim_state_save(s, d);
                sim_job_submit(s, d, a);
        }
}

void sim_daemon_plan(Sim *s, SimDaemon *d)
{
        const Plan *p;

        if (d->save_at <= s->now)
                sim_state_save(s, d);
        CHECK(s, d, engine_plan(d->engine, s->now, &p) == 0, "memory");
        if (d->role == CONTROLLER_DISCOVERY && (d->has_heard || p->n_notes > 0))
                sim_follow_referrals(s, d);
        d->has_heard = false;
        take_notes(s, d, p);
        take_actions(s, d, p);
        CHECK(s, d, engine_plan(d->engine, s->now, &p) == 0 && p->n_actions == 0,
              "it plans twice and acts twice");
        CHECK(s, d, p->wake_at > s->now, "it waits for a time that has passed");
        if (d->role == CONTROLLER_DISCOVERY)
                sim_follower_watch(s);
        sim_observe_rows(s, d);
}

/* A controller is live there: who was silent may be asked again. */
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

        if (u->event == KERNEL_CONNECTED && n && n->device)
                forgive_portal(s, d, n->device->tid);
}

/* Uevents come before the results of what caused them: the daemon reads that socket first, and
 * tells of a loss behind what was still waiting. */
void sim_daemon_deliver_uevents(Sim *s, SimDaemon *d)
{
        SimSocket *socket = &s->kernel.sockets[d->role];

        for (size_t i = 0; i < socket->n_uevents; i++) {
                observe_uevent(s, d, &socket->uevents[i]);
                CHECK(s, d,
                      engine_kernel_event(d->engine, socket->uevents[i].event,
                                          socket->uevents[i].instance, s->now) == 0,
                      "memory");
        }
        d->has_missed = d->has_missed || socket->overflow;
        if (socket->overflow)
                engine_kernel_events_lost(d->engine);
        socket->overflow = false;
        socket->n_uevents = 0;
}

static int deliver_result(Sim *s, SimDaemon *d, SimJob *job)
{
        Engine *e = d->engine;
        uint64_t id = job->action.op_id;

        switch (job->action.kind) {
        case ACTION_PROBE:
                engine_probe_done(e, id, job->error, s->now);
                return 0;
        case ACTION_CONNECT:
                return job->error < 0
                               ? engine_connect_done(e, id, job->error, -1, s->now)
                               : engine_connected(e, id, job->instance, job->incarnation, s->now);
        case ACTION_DISCONNECT:
                engine_disconnect_done(e, id, job->error, s->now);
                return 0;
        case ACTION_REGISTER:
        case ACTION_DEREGISTER:
                engine_register_done(e, id, job->error, 0, s->now);
                return 0;
        case ACTION_READ_SUPPORTED_LOGS:
                engine_read_supported_logs_done(e, id, job->error, DISCOVERY_LOG_PORT_LOCAL,
                                                s->now);
                return 0;
        case ACTION_READ_LOG:
                if (job->log && discovery_log_names(job->log, DLPE_REFERRAL))
                        d->wishes_unsaved = true;
                engine_read_log_done(e, id, job->error, 0, TAKE_PTR(job->log), s->now);
                return 0;
        case ACTION_READ_DEVICE:
                return engine_read_device_done(
                        e, id, job->instance, job->error,
                        job->n_devices > 0 ? TAKE_PTR(job->devices[0]) : NULL, s->now);
        case ACTION_SCAN:
                return engine_scan_done(e, id, job->error, job->devices, job->n_devices, s->now);
        case ACTION_CANCEL_PROBE:
        case _ACTION_KIND_MAX:
                break;
        }
        abort();
}

static bool was_refused(int error)
{
        return error == -ECONNREFUSED || error == -EALREADY;
}

static void observe_portal(Sim *s, const SimJob *job)
{
        bool is_probe = job->action.kind == ACTION_PROBE;
        SimPath *path = sim_path(s, is_probe ? job->probed : job->target);
        usec_t took = s->now - job->begun;

        if (job->error == 0)
                path->answered_at = s->now;
        else if (is_probe)
                path->silent_at = s->now;
        else if (took >= STALL_USEC && !job->excused && !was_refused(job->error))
                sim_note_stall(s, job->target, job->begun, took);
}

/* What the checks need to know of a result. */
static void observe_result(Sim *s, SimDaemon *d, const SimJob *job)
{
        if (job->action.kind == ACTION_SCAN && job->error == 0) {
                if (!d->scanned)
                        d->last_early = s->kernel.n_incarnations;
                d->scanned = true;
        }
        if (job->action.kind == ACTION_PROBE || job->action.kind == ACTION_CONNECT)
                observe_portal(s, job);
        for (size_t i = 0; i < job->n_devices; i++)
                if (job->devices[i] && job->devices[i]->state == DEVICE_LIVE)
                        forgive_portal(s, d, job->devices[i]->tid);
        if (job->action.kind == ACTION_CONNECT && job->error < 0)
                s->truth[job->target].failed_at = s->now;
        if (job->action.kind == ACTION_DISCONNECT) {
                SimConnection *c = sim_connection(s, job->action.inode);
                c->busy_at = job->error == -EBUSY ? s->now : 0;
                c->busy_for = job->target;
                d->n_refused += job->error == -EBUSY;
        }
}

void sim_daemon_read_options(Sim *s, SimDaemon *d)
{
        if (!d->engine || d->connects_over || s->kernel.starting >= 0)
                return;
        sim_daemon_deliver_uevents(s, d);
        engine_connects_over(d->engine);
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
        CHECK(s, d, deliver_result(s, d, job) == 0, "memory");
        sim_job_drop(d, job);
}

bool sim_daemon_is_busy(const Sim *s, const SimDaemon *d)
{
        const SimSocket *socket = &s->kernel.sockets[d->role];

        if (!d->engine)
                return false;
        return d->n_jobs > 0 || !d->connects_over || socket->n_uevents > 0 || socket->overflow;
}

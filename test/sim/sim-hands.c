/* SPDX-License-Identifier: Apache-2.0 */

/* The daemon's own dispatch (daemon/dispatch.c) between the engine and the simulated kernel. This
 * file contains its backends and its sources of events: linked before the libraries, it replaces
 * exec/executor.c, exec/probe.c, observe/uevent_monitor.c, observe/registry_watch.c and those files
 * of daemon/ that the dispatch calls. */

#include <stdarg.h>
#include <string.h>

#include "base/array.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/to_engine.h"
#include "sim-daemon.h"

struct Executor {
        CompletionHandler handler;
        void *userdata;
};

struct Probes {
        ProbeHandler handler;
        void *userdata;
};

struct UeventMonitor {
        UeventHandler handler;
        void *userdata;
};

struct SimHands {
        Daemon daemon; /* must be first: hands_of() casts it */
        Sim *s;
        SimDaemon *d;
        Executor executor;
        Probes probes;
        UeventMonitor monitor;
};

static SimHands *hands_of(const void *daemon)
{
        return (SimHands *) daemon;
}

/* ---- interface of the simulation ---- */

void sim_hands_start(Sim *s, SimDaemon *d)
{
        static const DaemonPaths paths = { 0 };
        static const DaemonType types[] = {
                [CONTROLLER_IO] = { .name = "stacd", .role = CONTROLLER_IO, .paths = &paths },
                [CONTROLLER_DISCOVERY] = { .name = "stafd",
                                           .role = CONTROLLER_DISCOVERY,
                                           .paths = &paths },
        };
        static HostIdentity host = {
                .nqn = (char *) "nqn.2014-08.org.nvmexpress:uuid:0a1b2c3d-0000-4000-8000-"
                                "000000000001",
                .id = (char *) "0a1b2c3d-0000-4000-8000-000000000001",
        };
        SimHands *h = sim_must(calloc(1, sizeof(*h)));

        h->s = s;
        h->d = d;
        h->daemon.type = &types[d->role];
        h->daemon.engine = d->engine;
        h->daemon.inputs.host = &host;
        d->hands = h;
        CHECK(s, d, dispatch_start(&h->daemon) == 0, "memory");
}

void sim_hands_end(SimDaemon *d)
{
        if (d->hands)
                (void) tid_free(d->hands->daemon.kernel.waiting_tid);
        free(d->hands);
        d->hands = NULL;
        d->n_asked = 0;
}

static void drop_asked(SimDaemon *d, uint64_t op_id)
{
        for (size_t i = 0; i < d->n_asked; i++)
                if (d->asked[i].action.op_id == op_id) {
                        d->asked[i] = d->asked[--d->n_asked];
                        return;
                }
}

void sim_hands_ask(SimDaemon *d, const Action *a)
{
        const SimTargets *t = &d->hands->s->kernel.targets;

        if (a->operation == OPERATION_CANCEL_PROBE) {
                drop_asked(d, a->cancels);
                return;
        }
        if (ARRAY_RESERVE(d->asked, d->n_asked_allocated, d->n_asked + 1) < 0)
                abort();
        d->asked[d->n_asked++] = (SimAsked) {
                .action = *a,
                .target = a->row ? sim_targets_find(t, a->row->tid) : SIZE_MAX,
                .at = d->hands->s->now,
        };
}

const SimAsked *sim_hands_find(const SimDaemon *d, uint64_t op_id)
{
        for (size_t i = 0; i < d->n_asked; i++)
                if (d->asked[i].action.op_id == op_id)
                        return &d->asked[i];
        return NULL;
}

void sim_hands_dispatch(SimDaemon *d, const Plan *p)
{
        dispatch_plan(&d->hands->daemon, p);
}

void sim_hands_dispatch_waiting(SimDaemon *d)
{
        dispatch_waiting(&d->hands->daemon);
}

bool sim_hands_wait(const SimDaemon *d)
{
        return d->hands->daemon.kernel.waiting_op != 0;
}

void sim_hands_hear(SimDaemon *d, const SimUevent *u)
{
        static const Uevent uevents[] = {
                [KERNEL_ADDED] = { .action = UEVENT_ADD },
                [KERNEL_REMOVED] = { .action = UEVENT_REMOVE },
                [KERNEL_CONNECTED] = { .action = UEVENT_CHANGE, .event = NVME_EVENT_CONNECTED },
                [KERNEL_LOG_CHANGED] = { .action = UEVENT_CHANGE,
                                         .aen = NVME_AEN_DISCOVERY_LOG_CHANGED },
                [KERNEL_REDISCOVERED] = { .action = UEVENT_CHANGE, .event = NVME_EVENT_REDISCOVER },
        };
        const UeventMonitor *m = &d->hands->monitor;

        if (u) {
                Uevent uevent = uevents[u->event];
                uevent.instance = u->instance;
                m->handler(&uevent, m->userdata);
        } else {
                m->handler(NULL, m->userdata);
        }
}

void sim_hands_complete(SimDaemon *d, Completion c)
{
        const SimHands *h = d->hands;

        CHECK(h->s, d, c.op_id == 0 || sim_hands_find(d, c.op_id), "what was cancelled goes on");
        drop_asked(d, c.op_id);
        if (c.operation == OPERATION_PROBE)
                h->probes.handler(c.op_id, c.error, h->probes.userdata);
        else
                h->executor.handler(c, h->executor.userdata);
}

static SimJob *begin_job(Sim *s, SimDaemon *d, Operation operation, uint64_t op_id)
{
        const SimAsked *asked = sim_hands_find(d, op_id);

        CHECK(s, d, asked && asked->action.operation == operation,
              "it begins what was not asked for");
        return sim_job_add(s, d, asked);
}

/* ---- exec/executor.h ---- */

int executor_new(sd_event *event, const ExecutorConfig *config, CompletionHandler handler,
                 void *userdata, Executor **ret)
{
        Executor *e = &hands_of(userdata)->executor;

        *e = (Executor) { .handler = handler, .userdata = userdata };
        *ret = e;
        return 0;
}

/* Checks that the kernel receives what the engine requested. */
static void check_job(const Sim *s, const SimDaemon *d, const SimJob *begun, const Job *job)
{
        const Action *a = &begun->action;

        CHECK(s, d, job->instance == a->instance || a->operation == OPERATION_CONNECT,
              "it acts on nvme%i instead of nvme%i", job->instance, a->instance);
        CHECK(s, d, job->inode == a->inode && job->force == a->force,
              "it acts on another connection, or by force");
        if (a->operation != OPERATION_CONNECT) {
                CHECK(s, d, !job->skip_type == a->any_kind, "it looks at another kind");
                return;
        }
        const Tid *tid = s->kernel.targets.targets[begun->target].tid;
        CHECK(s, d, strstr(job->options, tid->subsysnqn) && strstr(job->options, tid->traddr),
              "it connects another target: %s", job->options);
}

int executor_submit(Executor *e, Job *job)
{
        SimHands *h = hands_of(e->userdata);

        /* Out of memory or threads. */
        if (job->op_id != 0 && h->s->kernel.faults && random_chance(&h->s->kernel.random, 1))
                return -ENOMEM;
        /* The others have no effect here, and are not waited for, except for the options:
         * sim_daemon_read_options(). */
        if (job->op_id != 0)
                check_job(h->s, h->d, begin_job(h->s, h->d, job->operation, job->op_id), job);
        job_done(job);
        return 0;
}

int executor_complete(Executor *e, const Completion *completion)
{
        SimHands *h = hands_of(e->userdata);
        SimJob *job = begin_job(h->s, h->d, completion->operation, completion->op_id);

        job->done = true;
        job->error = completion->error;
        return 0;
}

/* ---- exec/probe.h ---- */

int probes_new(sd_event *event, ProbeHandler handler, void *userdata, Probes **ret)
{
        Probes *p = &hands_of(userdata)->probes;

        *p = (Probes) { .handler = handler, .userdata = userdata };
        *ret = p;
        return 0;
}

int probes_start(Probes *p, uint64_t op_id, const Tid *target, usec_t timeout)
{
        SimHands *h = hands_of(p->userdata);

        if (h->s->kernel.faults && random_chance(&h->s->kernel.random, 1))
                return -ENETUNREACH;
        const SimJob *job = begin_job(h->s, h->d, OPERATION_PROBE, op_id);
        CHECK(h->s, h->d,
              job->target == sim_targets_find(&h->s->kernel.targets, target) &&
                      job->action.timeout == timeout,
              "it probes another portal");
        return 0;
}

/* The probe may have ended before the plan was requested. */
void probes_cancel(Probes *p, uint64_t op_id)
{
        SimHands *h = hands_of(p->userdata);
        SimDaemon *d = h->d;

        for (size_t i = 0; i < d->n_jobs; i++)
                if (d->jobs[i].action.op_id == op_id) {
                        CHECK(h->s, d, d->jobs[i].action.operation == OPERATION_PROBE,
                              "it cancels what is no probe");
                        sim_job_drop(d, &d->jobs[i]);
                        return;
                }
}

/* ---- observe/ ---- */

int uevent_monitor_new(sd_event *event, UeventHandler handler, void *userdata, UeventMonitor **ret)
{
        UeventMonitor *m = &hands_of(userdata)->monitor;

        *m = (UeventMonitor) { .handler = handler, .userdata = userdata };
        *ret = m;
        return 0;
}

/* Owners are read together with their controllers only. */
int registry_watch_new(sd_event *event, const char *path, RegistryHandler handler, void *userdata,
                       RegistryWatch **ret)
{
        *ret = NULL;
        return 0;
}

/* ---- daemon/ ---- */

usec_t daemon_now(const Daemon *d)
{
        return hands_of(d)->s->now;
}

/* Does nothing: each step plans. */
void daemon_schedule_plan(Daemon *d)
{
}

int to_engine(Daemon *d, EngineInput in)
{
        sim_tell(hands_of(d)->s, hands_of(d)->d, in);
        return 0;
}

int to_engine_event(Daemon *d, EngineInputKind kind)
{
        return to_engine(d, (EngineInput) { .kind = kind });
}

void state_take_word(Daemon *d)
{
        hands_of(d)->d->n_words++;
}

uint64_t state_words(Daemon *d)
{
        return hands_of(d)->d->n_words;
}

bool state_has_words(Daemon *d, uint64_t n_words, usec_t since)
{
        SimHands *h = hands_of(d);

        if (h->d->n_saved >= n_words)
                return true;
        h->d->save_at = h->s->now;
        return state_waits_until(d, since) <= h->s->now;
}

usec_t state_waits_until(const Daemon *d, usec_t since)
{
        return usec_add(since, STATE_WAIT_USEC);
}

/* Called by the dispatch for operations that are not simulated. */
void state_saved(Daemon *d, int error)
{
        abort();
}

void names_resolved(Daemon *d, const Completion *r)
{
        abort();
}

void mdns_options_known(Daemon *d)
{
}

void log_message(const char *id, int priority, const char *format, ...)
{
}

void report_look_soon(Daemon *d, int instance)
{
}

void report_repeated(Daemon *d, const char *id, const char *subject, int priority,
                     const char *format, ...)
{
}

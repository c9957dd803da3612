/* SPDX-License-Identifier: Apache-2.0 */

/* Executes actions as jobs that run in steps, so that anything may happen in between. */

#include <string.h>

#include "base/array.h"
#include "sim-daemon.h"

SimJob *sim_job_add(const Sim *s, SimDaemon *d, const SimAsked *asked)
{
        const Action *a = &asked->action;

        if (ARRAY_RESERVE(d->jobs, d->n_jobs_allocated, d->n_jobs + 1) < 0)
                abort();
        SimJob *job = &d->jobs[d->n_jobs++];
        *job = (SimJob) {
                .action = *a,
                .target = asked->target,
                .instance = a->instance,
                .begun = asked->at,
        };
        return job;
}

static void run_probe(Sim *s, SimDaemon *d, SimJob *job)
{
        switch (sim_target_manner(&s->kernel.targets, job->target)) {
        case SIM_ANSWERS:
        case SIM_STALLS_LATER:
                break;
        case SIM_REFUSES:
                job->error = -ECONNREFUSED;
                break;
        case SIM_BLACK_HOLE:
                if (s->now < job->begun + job->action.timeout)
                        return;
                job->error = -ETIMEDOUT;
                break;
        case _SIM_MANNER_MAX:
                abort();
        }
        job->done = true;
}

/* Returns how long the kernel tries before it gives up. */
static usec_t hold_of(const SimTargets *t, size_t target)
{
        static const usec_t holds[_SIM_MANNER_MAX] = {
                [SIM_BLACK_HOLE] = 3 * USEC_PER_SEC,
                [SIM_STALLS_LATER] = 60 * USEC_PER_SEC,
        };

        return holds[sim_target_far_end(t, target)->swallows ? SIM_STALLS_LATER
                                                             : sim_target_manner(t, target)];
}

/* First the kernel's part, then that of the worker: the registry. */
static void run_connect(Sim *s, SimDaemon *d, SimJob *job)
{
        SimKernel *k = &s->kernel;

        switch (job->stage) {
        case 0: {
                CHECK(s, d, d->connects_over, "it connects, and does not know the options");
                int r = sim_kernel_begin_connect(k, job->target, (int) d->role);
                if (r == -EBUSY)
                        return;
                job->stage = 1;
                job->error = MIN(r, 0);
                job->done = r < 0;
                if (r < 0)
                        return;
                job->incarnation = k->controllers[r].incarnation;
                sim_connection(s, job->incarnation)->made = true;
                return;
        }
        case 1:
                if (s->now < job->begun + hold_of(&k->targets, job->target))
                        return;
                job->stage = 2;
                job->instance = sim_kernel_end_connect(k);
                job->error = MIN(job->instance, 0);
                job->done = job->error < 0;
                return;
        default:
                if (k->controllers[job->instance].incarnation == job->incarnation)
                        sim_set_owner(s, job->instance, SIM_OWNER_STAS);
                job->done = true;
        }
}

static int begin_disconnect(Sim *s, const SimJob *job)
{
        static const int faults[] = { -EIO, -ECANCELED, -EINPROGRESS };
        SimKernel *k = &s->kernel;
        int instance = job->action.instance;
        const SimController *c = &k->controllers[instance];

        if (c->phase == SIM_ABSENT || c->phase == SIM_LEAVING)
                return -ENODEV;
        if (c->phase == SIM_DELETING) /* the deletion may have ended by now */
                return random_chance(&k->random, 50) ? -EALREADY : -ENODEV;
        if (c->incarnation != job->action.inode || sim_kernel_owner(k, instance) == SIM_OWNER_OTHER)
                return -ESTALE;
        if (k->faults && random_chance(&k->random, 5))
                return faults[random_below(&k->random, ELEMENTSOF(faults))];
        if (!job->action.force && sim_kernel_is_last_path(k, instance))
                return -EBUSY;
        sim_kernel_delete(k, instance);
        return 0;
}

static void run_disconnect(Sim *s, SimDaemon *d, SimJob *job)
{
        const SimController *c = &s->kernel.controllers[job->action.instance];

        if (job->stage++ == 0) {
                job->error = begin_disconnect(s, job);
                job->done = job->error < 0;
                return;
        }
        job->done = c->incarnation != job->action.inode || c->phase == SIM_ABSENT;
        if (!job->done)
                sim_kernel_advance_leaving(&s->kernel);
}

static void add_entry(DiscoveryLog *log, const SimTarget *target, DlpEntry entry)
{
        const Tid *tid = target->tid;

        entry.trtype = tid->transport == TRANSPORT_RDMA ? 1 : 3;
        entry.subnqn = sim_must(strdup(tid->subsysnqn));
        entry.traddr = sim_must(strdup(tid->traddr));
        log->entries[log->n_entries++] = entry;
}

static void add_referrals(DiscoveryLog *log, const SimTargets *t, const SimFarEnd *f)
{
        for (size_t i = 0; i < t->n_dcs; i++) {
                const SimFarEnd *to = &t->far_ends[i];
                /* The last way is by the unique NQN, if there is one. */
                size_t way = f->referrals[i] == 2 ? to->n_ways - 1 : 0;
                if (f->referrals[i])
                        add_entry(log, &t->targets[to->first + way],
                                  (DlpEntry) { .subtype = DLPE_REFERRAL, .portid = (uint16_t) i });
        }
}

/* Makes a log that also identifies the connection it was read on, the far end and the version. */
static DiscoveryLog *make_log(const SimTargets *t, const SimController *c)
{
        size_t far_end = t->targets[c->target].far_end, n_ios = t->n_far_ends - t->n_dcs;
        const SimFarEnd *f = &t->far_ends[far_end];
        DiscoveryLog *log = sim_must(calloc(1, sizeof(*log)));

        log->entries = sim_must(calloc(n_ios + t->n_dcs + 1, sizeof(*log->entries)));
        log->genctr = c->incarnation;
        add_entry(log, &t->targets[f->first],
                  (DlpEntry) { .subtype = DLPE_DISCOVERY,
                               .portid = (uint16_t) far_end,
                               .asqsz = (uint16_t) f->log_version });
        for (size_t i = 0; i < n_ios; i++)
                if (f->log[i])
                        add_entry(log, &t->targets[t->far_ends[t->n_dcs + i].first],
                                  (DlpEntry) {
                                          .subtype = DLPE_NVME,
                                          .portid = (uint16_t) i,
                                          .eflags = t->far_ends[t->n_dcs + i].ncc ? DLPE_EFLAGS_NCC
                                                                                  : 0,
                                  });
        add_referrals(log, t, f);
        return log;
}

/* Returns 0 if a command to the controller can be sent and is answered. */
static int reach_controller(const Sim *s, const SimJob *job)
{
        const SimKernel *k = &s->kernel;
        const SimController *c = &k->controllers[job->action.instance];

        if (c->phase == SIM_ABSENT || c->phase == SIM_LEAVING)
                return -ENODEV;
        if (c->incarnation != job->action.inode)
                return -ESTALE;
        if (c->phase != SIM_LIVE)
                return -EAGAIN;
        return sim_target_far_end(&k->targets, c->target)->reachable ? 0 : -EIO;
}

static int answer_read_log(const Sim *s, SimJob *job)
{
        const SimKernel *k = &s->kernel;
        int r = reach_controller(s, job);

        if (r == 0)
                job->log = make_log(&k->targets, &k->controllers[job->action.instance]);
        return r;
}

static int answer_admin(Sim *s, SimJob *job)
{
        SimKernel *k = &s->kernel;
        int r = reach_controller(s, job);

        if (r == 0 && k->faults && random_chance(&k->random, 10))
                r = random_chance(&k->random, 30) ? -EINTR : -EIO;
        if (r == 0 && job->action.operation != OPERATION_READ_SUPPORTED_LOGS)
                k->controllers[job->action.instance].registered =
                        job->action.operation == OPERATION_REGISTER;
        return r;
}

static void run_admin(Sim *s, SimDaemon *d, SimJob *job)
{
        job->error = answer_admin(s, job);
        job->done = true;
}

static void run_read_log(Sim *s, SimDaemon *d, SimJob *job)
{
        job->error = answer_read_log(s, job);
        job->done = true;
}

/* Reads a controller of the daemon's kind. */
static int read_device(Sim *s, const SimDaemon *d, size_t instance, bool any_kind, Device **ret)
{
        _cleanup_(device_freep) Device *device = NULL;

        int r = sim_kernel_read_device(&s->kernel, instance, &device);
        if (r < 0)
                return r;
        if (!any_kind && device->kind != d->role)
                return -EOPNOTSUPP;
        *ret = TAKE_PTR(device);
        return 0;
}

/* A scan takes time: it reads one half of the controllers earlier than the other. An unexpected
 * error of one makes the scan fail. */
static void run_scan(Sim *s, SimDaemon *d, SimJob *job)
{
        size_t n = s->kernel.n_names_used, half = n / 2;
        size_t first = job->stage == 0 ? 0 : (size_t) job->instance;
        size_t end = job->stage == 0 ? half : n;

        if (job->stage == 0)
                job->devices = sim_must(calloc(s->kernel.n_controllers, sizeof(*job->devices)));
        for (size_t i = first; i < end; i++) {
                Device *device = NULL;
                int r = read_device(s, d, i, false, &device);
                if (device)
                        job->devices[job->n_devices++] = device;
                else if (r == -EIO)
                        job->error = r;
        }
        job->done = job->stage++ > 0;
        job->instance = (int) half;
}

static void run_read_device(Sim *s, SimDaemon *d, SimJob *job)
{
        job->error = read_device(s, d, (size_t) job->action.instance, job->action.any_kind,
                                 &job->device);
        job->done = true;
}

void sim_job_run(Sim *s, SimDaemon *d, SimJob *job)
{
        static void (*const runs[_OPERATION_MAX])(Sim * s, SimDaemon * d, SimJob * job) = {
                [OPERATION_PROBE] = run_probe,
                [OPERATION_CONNECT] = run_connect,
                [OPERATION_DISCONNECT] = run_disconnect,
                [OPERATION_REGISTER] = run_admin,
                [OPERATION_DEREGISTER] = run_admin,
                [OPERATION_READ_SUPPORTED_LOGS] = run_admin,
                [OPERATION_READ_LOG] = run_read_log,
                [OPERATION_READ_DEVICE] = run_read_device,
                [OPERATION_SCAN] = run_scan,
        };

        runs[job->action.operation](s, d, job);
}

void sim_job_drop(SimDaemon *d, SimJob *job)
{
        for (size_t i = 0; i < job->n_devices; i++)
                (void) device_free(job->devices[i]);
        free(job->devices);
        (void) device_free(job->device);
        (void) discovery_log_free(job->log);
        *job = d->jobs[--d->n_jobs];
}

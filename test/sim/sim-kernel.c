/* SPDX-License-Identifier: Apache-2.0 */

#include "sim-kernel.h"

#include <stdio.h>

#include "base/array.h"
#include "base/text.h"

uint64_t random_next(Random *r) /* xorshift64* */
{
        r->state ^= r->state >> 12;
        r->state ^= r->state << 25;
        r->state ^= r->state >> 27;
        return r->state * UINT64_C(2685821657736338717);
}

size_t random_below(Random *r, size_t n)
{
        return (size_t) ((random_next(r) >> 11) % n);
}

bool random_chance(Random *r, unsigned percent)
{
        return random_below(r, 100) < percent;
}

static void *must(void *p)
{
        if (!p)
                abort();
        return p;
}

static Tid *make_tid(ControllerKind kind, size_t i)
{
        char traddr[32], nqn[64];
        Tid *tid;

        /* Many subsystems behind one portal, as storage arrays are built; for discovery one each.
         */
        size_t portal = kind == CONTROLLER_IO ? i / 64 : i;
        (void) snprintf(traddr, sizeof(traddr), "10.0.%zu.%zu", portal / 250, portal % 250 + 1);
        (void) snprintf(nqn, sizeof(nqn), "nqn.2024-01.sim:%zu", i);
        TidFields f = {
                .transport = "tcp",
                .traddr = traddr,
                .subsysnqn = kind == CONTROLLER_IO ? nqn : NULL,
                .host_nqn = "nqn.2024-01.sim:host",
        };
        if (tid_new(&f, kind, &tid) < 0)
                abort();
        return tid;
}

void sim_kernel_init(SimKernel *k, uint64_t seed, ControllerKind kind, size_t n_targets)
{
        *k = (SimKernel) {
                .random.state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1,
                .kind = kind,
                .targets = must(calloc(n_targets, sizeof(SimTarget))),
                .n_targets = n_targets,
                .controllers = must(calloc(n_targets * 2, sizeof(SimController))),
                .n_controllers = n_targets * 2,
        };
        for (size_t i = 0; i < n_targets; i++)
                k->targets[i] = (SimTarget) { .tid = make_tid(kind, i), .reachable = true };
}

void sim_kernel_done(SimKernel *k)
{
        while (k->n_jobs > 0)
                sim_kernel_drop_job(k, &k->jobs[k->n_jobs - 1]);
        for (size_t i = 0; i < k->n_targets; i++)
                (void) tid_free(k->targets[i].tid);
        free(k->targets);
        free(k->controllers);
        free(k->jobs);
}

size_t sim_kernel_find_target(const SimKernel *k, const Tid *tid)
{
        for (size_t i = 0; i < k->n_targets; i++)
                if (tid_compare(k->targets[i].tid, tid) == 0)
                        return i;
        return SIZE_MAX;
}

int sim_kernel_find(const SimKernel *k, size_t target)
{
        for (size_t i = 0; i < k->n_controllers; i++)
                if (k->controllers[i].exists && k->controllers[i].target == target)
                        return (int) i;
        return -1;
}

void sim_kernel_emit(SimKernel *k, KernelEvent event, int instance)
{
        if (k->n_uevents == SIM_UEVENTS_MAX) {
                k->overflow = true;
                return;
        }
        k->uevents[k->n_uevents++] = (SimUevent) { .event = event, .instance = instance };
}

int sim_kernel_connect(SimKernel *k, size_t target)
{
        if (sim_kernel_find(k, target) >= 0)
                return -EALREADY;
        if (!k->targets[target].reachable)
                return -ECONNREFUSED;

        for (size_t i = 0; i < k->n_controllers; i++) {
                if (k->controllers[i].exists)
                        continue; /* the lowest free name, as the kernel's ida gives */
                k->controllers[i] = (SimController) {
                        .exists = true,
                        .target = target,
                        .incarnation = ++k->n_incarnations,
                };
                sim_kernel_emit(k, KERNEL_ADDED, (int) i);
                sim_kernel_emit(k, KERNEL_CONNECTED, (int) i);
                return (int) i;
        }
        abort();
}

void sim_kernel_remove(SimKernel *k, int instance)
{
        k->controllers[instance].exists = false;
        sim_kernel_emit(k, KERNEL_REMOVED, instance);
}

static Device *read_device(const SimKernel *k, int instance)
{
        const SimController *c = &k->controllers[instance];
        if (!c->exists)
                return NULL;

        Device *d = must(calloc(1, sizeof(*d)));
        char serial[32];
        (void) snprintf(serial, sizeof(serial), "%zu", c->target);
        d->instance = instance;
        d->state = DEVICE_LIVE;
        d->kind = k->kind;
        d->inode = c->incarnation;
        d->cntlid = 1;
        d->host_id = must(strdup(""));
        d->model = must(strdup("Sim"));
        d->serial = must(strdup(serial));
        d->cntrltype = must(strdup(k->kind == CONTROLLER_IO ? "io" : "discovery"));
        d->dctype = must(strdup("none"));
        if (tid_dup(k->targets[c->target].tid, &d->tid) < 0)
                abort();
        return d;
}

void sim_kernel_submit(SimKernel *k, const Action *action)
{
        if (ARRAY_RESERVE(k->jobs, k->n_jobs_allocated, k->n_jobs + 1) < 0)
                abort();
        SimJob *job = &k->jobs[k->n_jobs++];
        *job = (SimJob) { .action = *action, .target = SIZE_MAX, .instance = action->instance };
        if (action->controller)
                job->target = sim_kernel_find_target(k, action->controller->tid);
        if (action->instance >= 0)
                job->incarnation = k->controllers[action->instance].incarnation;
}

static void run_read(SimKernel *k, SimJob *job, size_t first, size_t n)
{
        job->devices = must(calloc(n, sizeof(*job->devices)));
        for (size_t i = first; i < first + n; i++) {
                Device *d = read_device(k, (int) i);
                if (d)
                        job->devices[job->n_devices++] = d;
        }
}

static int run_disconnect(SimKernel *k, const SimJob *job)
{
        const SimController *c = &k->controllers[job->action.instance];

        if (!c->exists)
                return -ENODEV;
        if (c->incarnation != job->action.inode)
                return -ESTALE;
        sim_kernel_remove(k, job->action.instance);
        return 0;
}

static int run_read_log(const SimKernel *k, SimJob *job)
{
        const SimController *c = &k->controllers[job->action.instance];

        if (!c->exists)
                return -ENODEV;
        if (!k->targets[c->target].reachable)
                return -EIO;
        job->log_version = k->targets[c->target].log_version;
        return 0;
}

void sim_kernel_run(SimKernel *k, SimJob *job)
{
        job->ran = true;
        switch (job->action.kind) {
        case ACTION_CONNECT:
                job->instance = sim_kernel_connect(k, job->target);
                job->error = MIN(job->instance, 0);
                return;
        case ACTION_DISCONNECT:
                job->error = run_disconnect(k, job);
                return;
        case ACTION_READ_LOG:
                job->error = run_read_log(k, job);
                return;
        case ACTION_READ_DEVICE:
                run_read(k, job, (size_t) job->action.instance, 1);
                job->error = job->n_devices > 0 ? 0 : -ENODEV;
                return;
        case ACTION_SCAN:
                run_read(k, job, 0, k->n_controllers);
                return;
        case _ACTION_KIND_MAX:
                break;
        }
        abort();
}

void sim_kernel_drop_job(SimKernel *k, SimJob *job)
{
        for (size_t i = 0; i < job->n_devices; i++)
                (void) device_free(job->devices[i]);
        free(job->devices);
        *job = k->jobs[--k->n_jobs];
}

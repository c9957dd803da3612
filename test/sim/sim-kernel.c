/* SPDX-License-Identifier: Apache-2.0 */

#include "sim-kernel.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

#define HOST_NQN "nqn.2024-01.sim:host"

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

/* Of sixteen targets two pairs share their far end. */
static bool shares_far_end(size_t i)
{
        return i % 16 == 9 || i % 16 == 13;
}

static const char *target_interface(size_t i)
{
        switch (i % 16) {
        case 8:
        case 13:
                return "eth0";
        case 3:
        case 9:
                return "eth1";
        default:
                return "";
        }
}

static void format_portal(ControllerKind kind, size_t far_end, size_t size, char *ret)
{
        /* Many subsystems behind one portal, as storage arrays are built; for discovery one each.
         */
        size_t portal = kind == CONTROLLER_IO ? far_end / 64 : far_end;

        if (portal % 7 == 6)
                (void) snprintf(ret, size, "2001:db8::%zx", portal + 1);
        else
                (void) snprintf(ret, size, "10.0.%zu.%zu", portal / 250, portal % 250 + 1);
}

/* What the far end calls itself. Most discovery controllers still have the well-known name. */
static void format_nqn(ControllerKind kind, size_t far_end, size_t size, char *ret)
{
        if (kind == CONTROLLER_DISCOVERY && far_end % 8 < 4)
                (void) snprintf(ret, size, NQN_DISCOVERY);
        else
                (void) snprintf(ret, size, "nqn.2024-01.sim:%zu", far_end);
}

static Tid *make_tid(ControllerKind kind, size_t far_end, const char *interface, bool by_name)
{
        char traddr[64], nqn[64];
        Tid *tid;

        format_portal(kind, far_end, sizeof(traddr), traddr);
        format_nqn(kind, far_end, sizeof(nqn), nqn);
        TidFields f = {
                .transport = "tcp",
                .traddr = traddr,
                .subsysnqn = by_name || kind == CONTROLLER_IO ? nqn : NULL,
                .host_iface = interface,
                .host_nqn = HOST_NQN,
        };
        if (tid_new(&f, kind, &tid) < 0)
                abort();
        return tid;
}

static int compare_targets(const void *a, const void *b, void *userdata)
{
        const SimKernel *k = userdata;

        return tid_compare(k->targets[*(const size_t *) a].tid,
                           k->targets[*(const size_t *) b].tid);
}

void sim_kernel_init(SimKernel *k, uint64_t seed, ControllerKind kind, size_t n_targets)
{
        *k = (SimKernel) {
                .random.state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1,
                .kind = kind,
                .faults = true,
                .targets = must(calloc(n_targets, sizeof(SimTarget))),
                .by_tid = must(calloc(n_targets, sizeof(size_t))),
                .n_targets = n_targets,
                .controllers = must(calloc(n_targets * 2 + 1, sizeof(SimController))),
                .n_controllers = n_targets * 2,
                .starting = -1,
        };
        k->shows_source = random_chance(&k->random, 50);
        k->n_uevents_max = (size_t) 2 << random_below(&k->random, 6);
        for (size_t i = 0; i < n_targets; i++) {
                size_t far_end = shares_far_end(i) ? i - 1 : i;
                k->targets[i] = (SimTarget) {
                        .tid = make_tid(kind, far_end, target_interface(i), i % 8 >= 5),
                        .far_end = far_end,
                        .reachable = true,
                };
                k->by_tid[i] = i;
        }
        qsort_r(k->by_tid, n_targets, sizeof(*k->by_tid), compare_targets, k);
}

void sim_kernel_done(SimKernel *k)
{
        while (k->n_jobs > 0)
                sim_kernel_drop_job(k, &k->jobs[k->n_jobs - 1]);
        for (size_t i = 0; i < k->n_targets; i++)
                (void) tid_free(k->targets[i].tid);
        free(k->targets);
        free(k->by_tid);
        free(k->controllers);
        free(k->leaving);
        free(k->jobs);
}

static const char *const host_addresses[][2] = { { "192.0.2.1", "2001:db8:1::1" },
                                                 { "192.0.2.2", "2001:db8:1::2" } };

void sim_kernel_network(bool one_down, Network *ret)
{
        *ret = (Network) { 0 };
        for (size_t i = 0; i < (one_down ? 1 : 2); i++)
                for (size_t f = 0; f < 2; f++) {
                        Address a = address_parse(TRANSPORT_TCP, host_addresses[i][f]);
                        if (network_add(ret, i == 0 ? "eth0" : "eth1", &a) < 0)
                                abort();
                }
}

/* 0 or 1: the interface that is used. */
static size_t route(const SimKernel *k, const SimController *c)
{
        const SimTarget *t = &k->targets[c->target];

        return *t->tid->host_iface ? streq(t->tid->host_iface, "eth1") : t->far_end % 2;
}

bool sim_kernel_serves(const SimKernel *k, const SimController *c, size_t target)
{
        const SimTarget *wanted = &k->targets[target], *made = &k->targets[c->target];

        if (c->phase == SIM_ABSENT || wanted->far_end != made->far_end)
                return false;
        if (!*wanted->tid->host_iface)
                return true;
        if (k->shows_source)
                return route(k, c) == streq(wanted->tid->host_iface, "eth1");
        return !*made->tid->host_iface || streq(made->tid->host_iface, wanted->tid->host_iface);
}

int sim_kernel_find(const SimKernel *k, size_t target)
{
        for (size_t i = 0; i < k->n_controllers; i++) {
                const SimController *c = &k->controllers[i];
                if ((c->phase == SIM_LIVE || c->phase == SIM_CONNECTING) &&
                    sim_kernel_serves(k, c, target))
                        return (int) i;
        }
        return -1;
}

size_t sim_kernel_find_target(const SimKernel *k, const Tid *tid)
{
        size_t low = 0, high = k->n_targets;

        while (low < high) {
                size_t middle = (low + high) / 2;
                int r = tid_compare(tid, k->targets[k->by_tid[middle]].tid);
                if (r == 0)
                        return k->by_tid[middle];
                if (r < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return SIZE_MAX;
}

void sim_kernel_emit(SimKernel *k, KernelEvent event, int instance)
{
        if (k->n_uevents == k->n_uevents_max)
                k->overflow = true;
        /* Congested until it has been emptied (net/netlink/af_netlink.c). */
        if (!k->overflow)
                k->uevents[k->n_uevents++] = (SimUevent) { .event = event, .instance = instance };
}

static bool is_duplicate(const SimController *c, size_t target)
{
        return c->target == target && (c->phase == SIM_LIVE || c->phase == SIM_CONNECTING);
}

int sim_kernel_begin_connect(SimKernel *k, size_t target, bool for_us)
{
        int free_name = -1;

        if (k->starting >= 0)
                return -EBUSY;
        for (size_t i = k->n_controllers; i-- > 0;) {
                if (is_duplicate(&k->controllers[i], target))
                        return -EALREADY;
                if (k->controllers[i].phase == SIM_ABSENT)
                        free_name = (int) i; /* the lowest, as the kernel's ida gives */
        }
        if (free_name < 0)
                abort();
        k->controllers[free_name] = (SimController) {
                .phase = SIM_STARTING,
                .target = target,
                .incarnation = ++k->n_incarnations,
                .owned_by_others = !for_us && random_chance(&k->random, 20),
        };
        k->starting = free_name;
        k->starting_for_us = for_us;
        sim_kernel_emit(k, KERNEL_ADDED, free_name);
        return free_name;
}

int sim_kernel_end_connect(SimKernel *k)
{
        int instance = k->starting;
        SimController *c = &k->controllers[instance];

        k->starting = -1;
        if (!k->targets[k->targets[c->target].far_end].reachable) {
                c->phase = SIM_ABSENT;
                sim_kernel_emit(k, KERNEL_REMOVED, instance);
                return -ECONNREFUSED;
        }
        c->phase = SIM_LIVE;
        sim_kernel_emit(k, KERNEL_CONNECTED, instance);
        return instance;
}

void sim_kernel_delete(SimKernel *k, int instance)
{
        SimController *c = &k->controllers[instance];

        if (c->phase != SIM_LIVE && c->phase != SIM_CONNECTING)
                return;
        c->phase = SIM_DELETING;
        if (ARRAY_RESERVE(k->leaving, k->n_leaving_allocated, k->n_leaving + 1) < 0)
                abort();
        k->leaving[k->n_leaving++] = instance;
}

void sim_kernel_advance_leaving(SimKernel *k)
{
        if (k->n_leaving == 0)
                return;

        size_t i = random_below(&k->random, k->n_leaving);
        int instance = k->leaving[i];
        SimController *c = &k->controllers[instance];
        if (c->phase == SIM_DELETING) {
                c->phase = SIM_LEAVING;
                return;
        }
        c->phase = SIM_ABSENT;
        sim_kernel_emit(k, KERNEL_REMOVED, instance);
        k->leaving[i] = k->leaving[--k->n_leaving];
}

void sim_kernel_toggle_connection(SimKernel *k, int instance)
{
        SimController *c = &k->controllers[instance];

        if (c->phase == SIM_LIVE) {
                c->phase = SIM_CONNECTING;
        } else if (c->phase == SIM_CONNECTING) {
                c->phase = SIM_LIVE;
                sim_kernel_emit(k, KERNEL_CONNECTED, instance);
        }
}

static Tid *device_tid(const SimKernel *k, const SimTarget *t)
{
        return make_tid(k->kind, t->far_end, t->tid->host_iface, true);
}

static DeviceState device_state(SimPhase p)
{
        switch (p) {
        case SIM_LIVE:
                return DEVICE_LIVE;
        case SIM_CONNECTING:
                return DEVICE_CONNECTING;
        case SIM_DELETING:
                return DEVICE_DELETING;
        case SIM_ABSENT:
        case SIM_STARTING:
        case SIM_LEAVING:
                break;
        }
        abort();
}

static int read_device(SimKernel *k, size_t instance, Device **ret)
{
        const SimController *c = &k->controllers[instance];

        if (instance == k->n_controllers)
                return -EOPNOTSUPP;
        if (c->phase == SIM_ABSENT || c->phase == SIM_LEAVING)
                return -ENODEV;
        if (c->phase == SIM_STARTING)
                return -EBADMSG;
        if (k->faults && random_below(&k->random, 500) == 0)
                return -EIO;

        Device *d = must(calloc(1, sizeof(*d)));
        const SimTarget *t = &k->targets[c->target];
        d->instance = (int) instance;
        d->state = device_state(c->phase);
        d->kind = k->kind;
        d->inode = c->incarnation;
        d->cntlid = 1;
        d->host_id = must(strdup(""));
        d->model = must(strdup("Sim"));
        d->serial = must(strdup("1"));
        d->cntrltype = must(strdup(k->kind == CONTROLLER_IO ? "io" : "discovery"));
        d->dctype = must(strdup("none"));
        d->owner = c->owned_by_others ? must(strdup("nvme-cli")) : NULL;
        d->tid = device_tid(k, t);
        if (k->shows_source) {
                bool is_v6 = d->tid->address.family == ADDRESS_IPV6;
                d->src_address = address_parse(TRANSPORT_TCP, host_addresses[route(k, c)][is_v6]);
        }
        *ret = d;
        return 0;
}

void sim_kernel_submit(SimKernel *k, const Action *action)
{
        if (ARRAY_RESERVE(k->jobs, k->n_jobs_allocated, k->n_jobs + 1) < 0)
                abort();
        SimJob *job = &k->jobs[k->n_jobs++];
        *job = (SimJob) { .action = *action, .target = SIZE_MAX, .instance = action->instance };
        if (action->controller)
                job->target = sim_kernel_find_target(k, action->controller->tid);
}

static void run_connect(SimKernel *k, SimJob *job)
{
        if (!job->begun) {
                int r = sim_kernel_begin_connect(k, job->target, true);
                job->begun = r >= 0;
                job->done = r < 0 && r != -EBUSY;
                job->error = r;
                return;
        }
        job->incarnation = k->controllers[k->starting].incarnation;
        job->instance = sim_kernel_end_connect(k);
        job->error = MIN(job->instance, 0);
        job->done = true;
}

static void run_disconnect(SimKernel *k, SimJob *job)
{
        const SimController *c = &k->controllers[job->action.instance];
        bool is_same = c->incarnation == job->action.inode;

        if (job->begun) {
                job->error = 0;
                job->done = !is_same || c->phase == SIM_ABSENT;
                if (!job->done)
                        sim_kernel_advance_leaving(k);
                return;
        }
        job->begun = true;
        if (c->phase == SIM_ABSENT || c->phase == SIM_LEAVING || c->phase == SIM_DELETING)
                job->error = -ENODEV;
        else if (!is_same)
                job->error = -ESTALE;
        else if (k->faults && random_chance(&k->random, 5))
                job->error = -EIO;
        else
                sim_kernel_delete(k, job->action.instance);
        job->done = job->error < 0;
}

static int run_read_log(SimKernel *k, SimJob *job)
{
        const SimController *c = &k->controllers[job->action.instance];
        const SimTarget *t = &k->targets[k->targets[c->target].far_end];

        if (c->phase == SIM_ABSENT || c->phase == SIM_LEAVING)
                return -ENODEV;
        if (c->incarnation != job->action.inode)
                return -ESTALE;
        if (c->phase != SIM_LIVE)
                return -EAGAIN;
        if (!t->reachable)
                return -EIO;
        job->incarnation = c->incarnation;
        job->log_version = t->log_version;
        job->log_of = k->targets[c->target].far_end;
        return 0;
}

/* A scan takes a while: it sees one half of the controllers earlier than the other. What cannot be
 * read for no good reason spoils it. */
static void run_scan(SimKernel *k, SimJob *job)
{
        size_t half = k->n_controllers / 2;
        size_t first = job->begun ? half : 0, end = job->begun ? k->n_controllers : half;

        if (!job->begun)
                job->devices = must(calloc(k->n_controllers, sizeof(*job->devices)));
        for (size_t i = first; i < end; i++) {
                Device *d = NULL;
                int r = read_device(k, i, &d);
                if (d)
                        job->devices[job->n_devices++] = d;
                else if (r == -EIO)
                        job->error = r;
        }
        job->done = job->begun;
        job->begun = true;
}

static void run_read_device(SimKernel *k, SimJob *job)
{
        Device *d = NULL;

        job->error = read_device(k, (size_t) job->action.instance, &d);
        job->done = true;
        job->devices = must(calloc(1, sizeof(*job->devices)));
        job->devices[0] = d;
        job->n_devices = d ? 1 : 0;
}

void sim_kernel_run(SimKernel *k, SimJob *job)
{
        switch (job->action.kind) {
        case ACTION_CONNECT:
                run_connect(k, job);
                return;
        case ACTION_DISCONNECT:
                run_disconnect(k, job);
                return;
        case ACTION_READ_LOG:
                job->error = run_read_log(k, job);
                job->done = true;
                return;
        case ACTION_READ_DEVICE:
                run_read_device(k, job);
                return;
        case ACTION_SCAN:
                run_scan(k, job);
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

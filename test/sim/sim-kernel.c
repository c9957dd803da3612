/* SPDX-License-Identifier: Apache-2.0 */

#include "sim-kernel.h"

#include <string.h>

#include "base/array.h"
#include "base/text.h"

void sim_kernel_init(SimKernel *k, uint64_t seed, SimSize size)
{
        *k = (SimKernel) {
                .random.state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1,
                .faults = true,
                .starting = -1,
        };
        bool shows_source = random_chance(&k->random, 50);
        sim_targets_init(&k->targets, size, shows_source);
        k->n_controllers = k->targets.n_targets * 2;
        k->controllers = sim_must(calloc(k->n_controllers + 1, sizeof(SimController)));
        k->in_use = sim_must(calloc(k->targets.n_subsystems, sizeof(bool)));
        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                k->sockets[i].n_uevents_max = (size_t) 2 << random_below(&k->random, 6);
}

void sim_kernel_done(SimKernel *k)
{
        sim_targets_done(&k->targets);
        free(k->controllers);
        free(k->in_use);
        free(k->leaving);
}

bool sim_controller_is_up(const SimController *c)
{
        return c->phase == SIM_LIVE || c->phase == SIM_CONNECTING;
}

bool sim_kernel_serves(const SimKernel *k, const SimController *c, size_t target)
{
        return c->phase != SIM_ABSENT && sim_targets_serve(&k->targets, c->target, target);
}

int sim_kernel_find(const SimKernel *k, size_t target)
{
        for (size_t i = 0; i < k->n_names_used; i++) {
                const SimController *c = &k->controllers[i];
                if (sim_controller_is_up(c) && sim_kernel_serves(k, c, target))
                        return (int) i;
        }
        return -1;
}

ControllerKind sim_kernel_kind(const SimKernel *k, const SimController *c)
{
        return sim_target_far_end(&k->targets, c->target)->kind;
}

static void queue_uevent(SimSocket *s, SimUevent u)
{
        if (!s->is_open)
                return;
        if (s->n_uevents == s->n_uevents_max)
                s->overflow = true;
        /* Congested until it is empty (net/netlink/af_netlink.c). */
        if (!s->overflow)
                s->uevents[s->n_uevents++] = u;
}

void sim_kernel_emit(SimKernel *k, KernelEvent event, int instance)
{
        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                queue_uevent(&k->sockets[i], (SimUevent) { .event = event, .instance = instance });
}

static bool is_path(const SimKernel *k, const SimController *c, size_t subsystem)
{
        const SimFarEnd *f = sim_target_far_end(&k->targets, c->target);

        return c->phase == SIM_LIVE && f->kind == CONTROLLER_IO && f->subsystem == subsystem;
}

bool sim_kernel_has_path(const SimKernel *k, size_t subsystem)
{
        for (size_t i = 0; i < k->n_names_used; i++)
                if (is_path(k, &k->controllers[i], subsystem))
                        return true;
        return false;
}

bool sim_kernel_is_last_path(const SimKernel *k, int instance)
{
        const SimFarEnd *f = sim_target_far_end(&k->targets, k->controllers[instance].target);

        if (f->kind != CONTROLLER_IO || !k->in_use[f->subsystem])
                return false;
        for (size_t i = 0; i < k->n_names_used; i++)
                if ((int) i != instance && is_path(k, &k->controllers[i], f->subsystem))
                        return false;
        return true;
}

SimOwner sim_kernel_owner(const SimKernel *k, int instance)
{
        const SimController *c = &k->controllers[instance];
        bool is_stale = c->owned_incarnation != c->incarnation;

        return c->owner == SIM_OWNER_STAS && is_stale ? SIM_OWNER_NONE : c->owner;
}

void sim_kernel_set_owner(SimKernel *k, int instance, SimOwner owner)
{
        SimController *c = &k->controllers[instance];

        c->owner = owner;
        c->owned_incarnation = c->incarnation;
}

static bool is_duplicate(const SimKernel *k, const SimController *c, size_t target)
{
        return sim_controller_is_up(c) && sim_targets_are_alike(&k->targets, c->target, target);
}

int sim_kernel_begin_connect(SimKernel *k, size_t target, int starter)
{
        size_t name = k->n_names_used;

        if (k->starting >= 0)
                return -EBUSY;
        for (size_t i = k->n_names_used; i-- > 0;) {
                if (is_duplicate(k, &k->controllers[i], target))
                        return -EALREADY;
                if (k->controllers[i].phase == SIM_ABSENT)
                        name = i; /* the lowest, like the kernel's ida */
        }
        if (name >= k->n_controllers)
                abort();
        k->n_names_used = MAX(k->n_names_used, name + 1);
        k->controllers[name].phase = SIM_STARTING;
        k->controllers[name].target = target;
        k->controllers[name].incarnation = ++k->n_incarnations;
        k->starting = (int) name;
        k->starter = starter;
        sim_kernel_emit(k, KERNEL_ADDED, k->starting);
        return k->starting;
}

static void become_live(SimKernel *k, SimController *c)
{
        c->phase = SIM_LIVE;
        k->targets.far_ends[k->targets.targets[c->target].far_end].n_lives++;
}

int sim_kernel_end_connect(SimKernel *k)
{
        int instance = k->starting;
        SimController *c = &k->controllers[instance];

        k->starting = -1;
        SimManner manner = sim_target_manner(&k->targets, c->target);
        const SimFarEnd *f = sim_target_far_end(&k->targets, c->target);
        if (!f->reachable || f->swallows || manner != SIM_ANSWERS) {
                c->phase = SIM_ABSENT;
                sim_kernel_emit(k, KERNEL_REMOVED, instance);
                return manner == SIM_BLACK_HOLE     ? -ETIMEDOUT
                       : manner == SIM_STALLS_LATER ? -EINTR
                       : f->swallows                ? -ETIME
                                                    : -ECONNREFUSED;
        }
        become_live(k, c);
        c->registered = false;
        sim_kernel_emit(k, KERNEL_CONNECTED, instance);
        return instance;
}

void sim_kernel_delete(SimKernel *k, int instance)
{
        SimController *c = &k->controllers[instance];

        if (!sim_controller_is_up(c))
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
                become_live(k, c);
                c->registered = false;
                if (sim_target_far_end(&k->targets, c->target)->kind == CONTROLLER_DISCOVERY)
                        sim_kernel_emit(k, KERNEL_REDISCOVERED, instance);
                sim_kernel_emit(k, KERNEL_CONNECTED, instance);
        }
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

static char *owner_text(SimOwner o)
{
        switch (o) {
        case SIM_OWNER_NONE:
                return NULL;
        case SIM_OWNER_STAS:
                return sim_must(strdup(DEVICE_OWNER_STAS));
        case SIM_OWNER_OTHER:
                return sim_must(strdup("other"));
        }
        abort();
}

static Device *make_device(const SimKernel *k, size_t instance)
{
        const SimController *c = &k->controllers[instance];
        Device *d = sim_must(calloc(1, sizeof(*d)));

        *d = (Device) {
                .instance = (int) instance,
                .state = device_state(c->phase),
                .kind = sim_kernel_kind(k, c),
                .inode = c->incarnation,
                .host_id = sim_must(strdup("")),
                .model = sim_must(strdup("Sim")),
                .serial = sim_must(strdup("1")),
                .cntrltype = sim_must(strdup("")),
                .dctype = sim_must(strdup(sim_target_far_end(&k->targets, c->target)->dctype)),
                .owner = owner_text(sim_kernel_owner(k, (int) instance)),
                .tid = sim_target_device_tid(&k->targets, c->target),
        };
        Address source = sim_target_source(&k->targets, c->target);
        if (c->phase == SIM_LIVE)
                d->src_address = source;
        else
                d->source_hidden = source.family != ADDRESS_NONE;
        return d;
}

int sim_kernel_read_device(SimKernel *k, size_t instance, Device **ret)
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
        *ret = make_device(k, instance);
        return 0;
}

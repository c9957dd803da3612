/* SPDX-License-Identifier: Apache-2.0 */

#include "sim-targets.h"

#include <stdio.h>

#include "base/text.h"

#define HOST_NQN "nqn.2024-01.sim:host"

enum {
        SUBSYSTEMS_PER_PORTAL = 64, /* as usual for storage arrays */
};

static const char *const interfaces[] = { "", "eth0", "eth1" };
static const char *const host_addresses[][2] = { { "192.0.2.1", "2001:db8:1::1" },
                                                 { "192.0.2.2", "2001:db8:1::2" } };

void *sim_must(void *p)
{
        if (!p)
                abort();
        return p;
}

/* Most discovery controllers still have the well-known NQN, others a unique one. */
static bool has_own_name(size_t far_end)
{
        return far_end % 8 >= 4;
}

static size_t path_of(const SimTargets *t, size_t far_end)
{
        return (far_end - t->n_dcs) / t->n_subsystems;
}

static size_t portal_of(const SimTargets *t, size_t far_end)
{
        size_t n_blocks = t->n_subsystems / SUBSYSTEMS_PER_PORTAL + 1;

        if (far_end < t->n_dcs)
                return far_end;
        return path_of(t, far_end) * n_blocks +
               t->far_ends[far_end].subsystem / SUBSYSTEMS_PER_PORTAL;
}

size_t sim_targets_portal(const SimTargets *t, size_t target)
{
        size_t far_end = t->targets[target].far_end, portal = portal_of(t, far_end);

        return far_end < t->n_dcs ? portal : t->n_dcs + portal;
}

SimManner sim_target_manner(const SimTargets *t, size_t target)
{
        return sim_target_far_end(t, target)->transport == TRANSPORT_TCP
                       ? t->manners[sim_targets_portal(t, target)]
                       : SIM_ANSWERS;
}

static Transport transport_of(const SimTargets *t, size_t far_end)
{
        return portal_of(t, far_end) % 5 == 3 ? TRANSPORT_RDMA : TRANSPORT_TCP;
}

static void format_portal(const SimTargets *t, size_t far_end, size_t size, char *ret)
{
        size_t portal = portal_of(t, far_end), net = far_end < t->n_dcs ? 1 : 2;

        if (portal % 4 == 1)
                (void) snprintf(ret, size, "2001:db8:%zu::%zx", net, portal + 1);
        else
                (void) snprintf(ret, size, "10.%zu.%zu.%zu", net, portal / 250, portal % 250 + 1);
}

static void format_nqn(const SimTargets *t, size_t far_end, size_t size, char *ret)
{
        if (far_end >= t->n_dcs)
                (void) snprintf(ret, size, "nqn.2024-01.sim:%zu", t->far_ends[far_end].subsystem);
        else if (has_own_name(far_end))
                (void) snprintf(ret, size, "nqn.2024-01.sim:dc%zu", far_end);
        else
                (void) snprintf(ret, size, NQN_DISCOVERY);
}

static Tid *make_tid(const SimTargets *t, size_t far_end, const char *interface, bool by_name)
{
        const SimFarEnd *f = &t->far_ends[far_end];
        char traddr[64], nqn[64];
        Tid *tid;

        format_portal(t, far_end, sizeof(traddr), traddr);
        format_nqn(t, far_end, sizeof(nqn), nqn);
        TidFields fields = {
                .transport = transport_to_string(f->transport),
                .traddr = traddr,
                .subsysnqn = by_name ? nqn : NQN_DISCOVERY,
                .host_iface = interface,
                .host_nqn = HOST_NQN,
        };
        if (tid_new(&fields, f->kind, &tid) < 0)
                abort();
        return tid;
}

static int compare_targets(const void *a, const void *b, void *userdata)
{
        const SimTargets *t = userdata;

        return tid_compare(t->targets[*(const size_t *) a].tid,
                           t->targets[*(const size_t *) b].tid);
}

static void init_far_end(SimTargets *t, size_t i)
{
        SimFarEnd *f = &t->far_ends[i];
        static const char *const dctypes[] = { "none", "ddc", "cdc" };
        bool is_dc = i < t->n_dcs;

        *f = (SimFarEnd) {
                .kind = is_dc ? CONTROLLER_DISCOVERY : CONTROLLER_IO,
                .dctype = is_dc ? dctypes[i % ELEMENTSOF(dctypes)] : "",
                .first = t->n_targets,
                .n_ways = ELEMENTSOF(interfaces) * (is_dc && has_own_name(i) ? 2 : 1),
                .subsystem = is_dc ? 0 : (i - t->n_dcs) % t->n_subsystems,
                .reachable = true,
        };
        f->transport = transport_of(t, i);
        if (is_dc) {
                f->log = sim_must(calloc(t->n_far_ends - t->n_dcs, sizeof(*f->log)));
                f->referrals = sim_must(calloc(t->n_dcs, sizeof(*f->referrals)));
        }
        for (size_t way = 0; way < f->n_ways; way++) {
                const char *interface = interfaces[way % ELEMENTSOF(interfaces)];
                /* RDMA does not support host_iface (drivers/nvme/host/rdma.c, allowed_opts). */
                t->targets[t->n_targets++] = (SimTarget) {
                        .tid = make_tid(t, i, interface, !is_dc || way >= ELEMENTSOF(interfaces)),
                        .far_end = i,
                        .interface = f->transport == TRANSPORT_TCP ? interface : "",
                };
        }
}

void sim_targets_init(SimTargets *t, SimSize size, bool shows_source)
{
        size_t n_far_ends = size.n_dcs + size.n_ios;
        size_t n_targets_max =
                size.n_dcs * 2 * ELEMENTSOF(interfaces) + size.n_ios * ELEMENTSOF(interfaces);

        *t = (SimTargets) {
                .far_ends = sim_must(calloc(n_far_ends, sizeof(SimFarEnd))),
                .n_far_ends = n_far_ends,
                .n_dcs = size.n_dcs,
                .n_subsystems = (size.n_ios + size.n_paths - 1) / size.n_paths,
                .targets = sim_must(calloc(n_targets_max, sizeof(SimTarget))),
                .by_tid = sim_must(calloc(n_targets_max, sizeof(size_t))),
                .shows_source = shows_source,
        };
        for (size_t i = 0; i < n_far_ends; i++)
                init_far_end(t, i);
        t->n_portals = size.n_dcs + (size.n_ios / t->n_subsystems + 1) *
                                            (t->n_subsystems / SUBSYSTEMS_PER_PORTAL + 1);
        t->manners = sim_must(calloc(t->n_portals, sizeof(*t->manners)));
        for (size_t i = 0; i < t->n_targets; i++)
                t->by_tid[i] = i;
        qsort_r(t->by_tid, t->n_targets, sizeof(*t->by_tid), compare_targets, t);
}

void sim_targets_done(SimTargets *t)
{
        for (size_t i = 0; i < t->n_targets; i++)
                (void) tid_free(t->targets[i].tid);
        for (size_t i = 0; i < t->n_far_ends; i++) {
                free(t->far_ends[i].log);
                free(t->far_ends[i].referrals);
        }
        free(t->far_ends);
        free(t->manners);
        free(t->targets);
        free(t->by_tid);
}

size_t sim_targets_find(const SimTargets *t, const Tid *tid)
{
        size_t low = 0, high = t->n_targets;

        while (low < high) {
                size_t middle = (low + high) / 2;
                int r = tid_compare(tid, t->targets[t->by_tid[middle]].tid);
                if (r == 0)
                        return t->by_tid[middle];
                if (r < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return SIZE_MAX;
}

const SimFarEnd *sim_target_far_end(const SimTargets *t, size_t target)
{
        return &t->far_ends[t->targets[target].far_end];
}

size_t sim_targets_way(const SimTargets *t, size_t far_end, const char *interface)
{
        for (size_t way = 0; way < ELEMENTSOF(interfaces); way++)
                if (streq(interfaces[way], interface))
                        return t->far_ends[far_end].first + way;
        abort();
}

size_t sim_targets_inherited_way(const SimTargets *t, size_t from, size_t far_end)
{
        bool is_to_rdma = t->far_ends[far_end].transport == TRANSPORT_RDMA &&
                          sim_target_far_end(t, from)->transport != TRANSPORT_RDMA;

        return sim_targets_way(t, far_end, is_to_rdma ? "" : t->targets[from].tid->host_iface);
}

size_t sim_targets_referral(const SimTargets *t, size_t from, size_t far_end, bool by_name)
{
        size_t way = sim_targets_inherited_way(t, from, far_end);

        if (far_end == t->targets[from].far_end)
                return SIZE_MAX;
        return by_name && has_own_name(far_end) ? way + ELEMENTSOF(interfaces) : way;
}

/* Returns the index of the interface in use: 0 or 1. */
static size_t route(const SimTargets *t, size_t made)
{
        const SimTarget *m = &t->targets[made];

        return *m->interface ? streq(m->interface, "eth1") : m->far_end % 2;
}

bool sim_targets_serve(const SimTargets *t, size_t made, size_t wanted)
{
        const SimTarget *m = &t->targets[made], *w = &t->targets[wanted];

        if (w->far_end != m->far_end)
                return false;
        if (!*w->interface)
                return true;
        if (t->shows_source)
                return route(t, made) == streq(w->interface, "eth1");
        return !*m->interface || streq(m->interface, w->interface);
}

bool sim_targets_are_alike(const SimTargets *t, size_t a, size_t b)
{
        const SimTarget *x = &t->targets[a], *y = &t->targets[b];

        return x->far_end == y->far_end && streq(x->interface, y->interface) &&
               streq(x->tid->subsysnqn, y->tid->subsysnqn);
}

Tid *sim_target_device_tid(const SimTargets *t, size_t made)
{
        const SimTarget *m = &t->targets[made];

        return make_tid(t, m->far_end, m->interface, true);
}

Address sim_target_source(const SimTargets *t, size_t made)
{
        bool is_v6 = t->targets[made].tid->address.family == ADDRESS_IPV6;

        if (!t->shows_source || sim_target_far_end(t, made)->transport != TRANSPORT_TCP)
                return (Address) { .family = ADDRESS_NONE };
        return address_parse(TRANSPORT_TCP, host_addresses[route(t, made)][is_v6]);
}

void sim_network(bool one_down, Network *ret)
{
        *ret = (Network) { 0 };
        for (size_t i = 0; i < (one_down ? 1 : 2); i++)
                for (size_t f = 0; f < 2; f++) {
                        Address a = address_parse(TRANSPORT_TCP, host_addresses[i][f]);
                        if (network_add(ret, interfaces[i + 1], &a) < 0)
                                abort();
                }
}

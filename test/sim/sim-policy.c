/* SPDX-License-Identifier: Apache-2.0 */

/* Changes of the configuration at run time, and of the host's network. */

#include "base/array.h"
#include "base/text.h"
#include "sim-daemon.h"

static void exclude_some(Sim *s, const SimDaemon *d, Policy *p)
{
        Random *r = &s->kernel.random;

        for (size_t n = random_below(r, 4); n > 0; n--) {
                size_t i = random_below(r, d->n_own_sources * SIM_PLACES);
                const Tid *t =
                        s->kernel.targets
                                .targets[sim_source_target(s, d, i / SIM_PLACES, i % SIM_PLACES)]
                                .tid;
                TidFields f = { .transport = transport_to_string(t->transport) };
                if (random_chance(r, 50))
                        f.subsysnqn = t->subsysnqn;
                else if (random_chance(r, 90))
                        f.traddr = t->traddr;
                else
                        f.host_iface = "eth1";
                CHECK(s, d, exclude_list_add(&p->excludes, &f, "rule") == 0, "memory");
        }
}

static unsigned choose_families(Random *r)
{
        switch (random_below(r, 10)) {
        case 0:
                return IP_FAMILY_IPV4;
        case 1:
                return IP_FAMILY_IPV6;
        default:
                return IP_FAMILY_IPV4 | IP_FAMILY_IPV6;
        }
}

Policy *sim_make_policy(Sim *s, const SimDaemon *d)
{
        static const DisconnectScope scopes[] = { DISCONNECT_ONLY_STAS, DISCONNECT_ONLY_STAS,
                                                  DISCONNECT_ONLY_STAS, DISCONNECT_ALL_MATCHING,
                                                  DISCONNECT_NONE };
        static const unsigned transports[] = { 1U << TRANSPORT_TCP, 1U << TRANSPORT_RDMA,
                                               1U << TRANSPORT_TCP | 1U << TRANSPORT_RDMA };
        Random *r = &s->kernel.random;
        Policy *p = sim_must(calloc(1, sizeof(*p)));

        p->role = d->role;
        p->ip_families = IP_FAMILY_IPV4 | IP_FAMILY_IPV6;
        p->disconnect_transports = 1U << TRANSPORT_TCP;
        settings_init(&p->settings);
        if (s->plain)
                return p;
        p->disconnect_scope = scopes[random_below(r, ELEMENTSOF(scopes))];
        p->disconnect_transports = transports[random_below(r, ELEMENTSOF(transports))];
        p->disconnect_in_use_force = random_chance(r, 25);
        p->connect_attempts_on_ncc = (unsigned) random_below(r, 4);
        p->ip_families = choose_families(r);
        p->pleo = random_chance(r, 50);
        exclude_some(s, d, p);
        return p;
}

static void set_network(Sim *s, SimDaemon *d)
{
        Network network;

        sim_network(s->network_down, &network);
        sim_tell(s, d, (EngineInput) { .kind = INPUT_SET_NETWORK, .network = network });
}

void sim_retry_now(Sim *s, SimDaemon *d)
{
        const SimTargets *t = &s->kernel.targets;

        sim_forgive_pace(s, d);
        sim_tell(s, d, (EngineInput) { .kind = INPUT_RETRY_NOW });
        for (size_t i = 0; i < t->n_targets; i++)
                if (sim_target_far_end(t, i)->kind == d->role) {
                        s->truth[i].n_ncc_connects = 0;
                        s->truth[i].stall_begun = 0; /* its wait ends */
                }
}

/* A reload reads everything again. */
void sim_change_policy(Sim *s, SimDaemon *d)
{
        Policy *p = sim_make_policy(s, d);

        sim_trace(s, d, "reload: scope %s, transports %u, force %i, families %u, ncc %u, %zu rules",
                  disconnect_scope_to_string(p->disconnect_scope), p->disconnect_transports,
                  p->disconnect_in_use_force, p->ip_families, p->connect_attempts_on_ncc,
                  p->excludes.n_rules);
        d->has_heard = true;
        sim_tell(s, d, (EngineInput) { .kind = INPUT_SET_POLICY, .policy = p });
        set_network(s, d);
        for (size_t i = 0; i < d->n_own_sources; i++)
                if (d->sources[i].kind == SOURCE_CONFIGURED)
                        sim_say(s, d, i, SOURCE_COMPLETE);
        sim_retry_now(s, d);
        sim_tell(s, d, (EngineInput) { .kind = INPUT_REREAD_LOGS });
}

static void forgive_network(Sim *s, const char *interface)
{
        const SimTargets *t = &s->kernel.targets;

        for (size_t i = 0; i < t->n_targets; i++)
                if (streq(tid_interface(t->targets[i].tid), interface))
                        sim_forgive_stall(s, i);
        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                for (size_t j = 0; j < s->daemons[i].n_asked; j++) {
                        SimAsked *a = &s->daemons[i].asked[j];
                        if (a->action.operation == OPERATION_CONNECT &&
                            streq(tid_interface(t->targets[a->target].tid), interface))
                                a->excused = true;
                }
}

void sim_change_network(Sim *s, bool one_down)
{
        const Reachability reachability = { .interface = "eth1" };
        bool came_up = s->network_down && !one_down;

        s->network_down = one_down;
        if (came_up)
                forgive_network(s, reachability.interface);
        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                if (s->daemons[i].engine)
                        set_network(s, &s->daemons[i]);
        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                if (s->daemons[i].engine && came_up)
                        sim_tell(s, &s->daemons[i],
                                 (EngineInput) { .kind = INPUT_REACHABILITY,
                                                 .reachability = reachability });
}

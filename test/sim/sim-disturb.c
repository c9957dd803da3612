/* SPDX-License-Identifier: Apache-2.0 */

/* Actions of others: manual connects and disconnects, links, controllers, mounts, the registry. */

#include "sim-daemon.h"

static void disturb_controller(Sim *s, int instance)
{
        SimKernel *k = &s->kernel;
        Random *r = &k->random;

        switch (random_below(r, 3)) {
        case 0: /* nvme disconnect, or ctrl_loss_tmo */
                sim_trace(s, NULL, "nvme%i is deleted by others", instance);
                sim_kernel_delete(k, instance);
                return;
        case 1: /* the link or the controller fails or recovers */
                sim_trace(s, NULL, "nvme%i breaks or is back", instance);
                sim_kernel_toggle_connection(k, instance);
                return;
        default: /* removed, and its name reused before it is read */
                sim_kernel_delete(k, instance);
                while (k->n_leaving > 0)
                        sim_kernel_advance_leaving(k);
                size_t other = random_chance(r, 50) ? k->controllers[instance].target
                                                    : random_below(r, k->targets.n_targets);
                sim_trace(s, NULL, "nvme%i is recycled for target %zu", instance, other);
                if (sim_kernel_begin_connect(k, other, SIM_OTHERS) >= 0)
                        (void) sim_kernel_end_connect(k);
        }
}

static void tell_log_changed(SimKernel *k, size_t far_end)
{
        k->targets.far_ends[far_end].log_version++;
        for (size_t i = 0; i < k->n_names_used; i++) {
                const SimController *c = &k->controllers[i];
                if (c->phase == SIM_LIVE && k->targets.targets[c->target].far_end == far_end)
                        sim_kernel_emit(k, KERNEL_LOG_CHANGED, (int) i);
        }
}

static void change_log(Sim *s)
{
        SimKernel *k = &s->kernel;
        Random *r = &k->random;
        SimTargets *t = &k->targets;
        size_t dc = random_below(r, t->n_dcs);

        for (size_t n = random_below(r, 4) + 1; n > 0; n--)
                t->far_ends[dc].log[random_below(r, t->n_far_ends - t->n_dcs)] =
                        random_chance(r, 20);
        if (random_chance(r, 40))
                t->far_ends[dc].referrals[random_below(r, t->n_dcs)] =
                        random_chance(r, 50) ? (uint8_t) (1 + random_below(r, 2)) : 0;
        sim_trace(s, NULL, "the log of discovery controller %zu changes", dc);
        tell_log_changed(k, dc);
}

static void toggle_ncc(Sim *s, size_t far_end)
{
        SimTargets *t = &s->kernel.targets;

        if (t->far_ends[far_end].kind != CONTROLLER_IO)
                return;
        t->far_ends[far_end].ncc ^= true;
        if (random_chance(&s->kernel.random, 50))
                t->far_ends[far_end].reachable = !t->far_ends[far_end].ncc;
        for (size_t dc = 0; dc < t->n_dcs; dc++)
                if (t->far_ends[dc].log[far_end - t->n_dcs])
                        tell_log_changed(&s->kernel, dc);
}

static void change_owner(Sim *s, int instance)
{
        SimKernel *k = &s->kernel;
        SimOwner owner = random_chance(&k->random, 50) ? SIM_OWNER_OTHER : SIM_OWNER_NONE;

        sim_trace(s, NULL, "the registry gives nvme%i to %s", instance,
                  owner == SIM_OWNER_NONE ? "nobody" : "others");
        sim_set_owner(s, instance, owner);
        sim_connection(s, k->controllers[instance].incarnation)->given_away = true;
}

static void toggle_use(Sim *s, size_t subsystem)
{
        SimKernel *k = &s->kernel;

        if (!k->in_use[subsystem] && !sim_kernel_has_path(k, subsystem))
                return;
        k->in_use[subsystem] ^= true;
        sim_trace(s, NULL, "a namespace of subsystem %zu is %s", subsystem,
                  k->in_use[subsystem] ? "mounted" : "released");
}

static void change_manner(Sim *s, size_t portal)
{
        Random *r = &s->kernel.random;
        SimManner manner = random_chance(r, 60) ? SIM_ANSWERS : random_below(r, _SIM_MANNER_MAX);

        s->kernel.targets.manners[portal] = manner;
        sim_trace(s, NULL, "portal %zu behaves in manner %i", portal, (int) manner);
}

void sim_disturb(Sim *s)
{
        SimKernel *k = &s->kernel;
        Random *r = &k->random;
        size_t target = random_below(r, k->targets.n_targets);
        size_t far_end = k->targets.targets[target].far_end;
        int instance = sim_kernel_find(k, target);

        switch (random_below(r, 12)) {
        case 0: /* nvme connect */
                (void) sim_kernel_begin_connect(k, target, SIM_OTHERS);
                return;
        case 1:
                if (random_chance(r, 20))
                        k->targets.far_ends[far_end].swallows ^= true;
                else if (random_chance(r, 50))
                        change_manner(s, sim_targets_portal(&k->targets, target));
                else
                        k->targets.far_ends[far_end].reachable ^= true;
                return;
        case 2:
        case 3:
                change_log(s);
                return;
        case 4: /* a local disk */
                sim_kernel_emit(k, KERNEL_ADDED, (int) k->n_controllers);
                return;
        case 5:
                if (random_chance(r, 50))
                        toggle_ncc(s, far_end);
                return;
        case 6:
                if (instance >= 0 && random_chance(r, 30))
                        change_owner(s, instance);
                return;
        case 7:
        case 8:
                toggle_use(s, k->targets.far_ends[far_end].subsystem);
                return;
        default:
                if (instance >= 0)
                        disturb_controller(s, instance);
        }
}

void sim_end_faults(Sim *s)
{
        SimKernel *k = &s->kernel;
        SimTargets *t = &k->targets;

        k->faults = false;
        for (size_t i = 0; i < t->n_portals; i++)
                t->manners[i] = SIM_ANSWERS;
        for (size_t i = 0; i < t->n_far_ends; i++) {
                if (t->far_ends[i].ncc)
                        toggle_ncc(s, i);
                t->far_ends[i].reachable = true;
                t->far_ends[i].swallows = false;
        }
        for (size_t i = 0; i < k->n_names_used; i++)
                if (k->controllers[i].phase == SIM_CONNECTING)
                        sim_kernel_toggle_connection(k, (int) i);
}

void sim_release_namespaces(Sim *s)
{
        for (size_t i = 0; i < s->kernel.targets.n_subsystems; i++)
                s->kernel.in_use[i] = false;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The final state: the faults have stopped, all sources are complete and time has passed. The
 * kernel must have the wanted connections and those that the policy keeps, each once. */

#include <string.h>

#include "base/text.h"
#include "sim-daemon.h"

/* Collects the wanted targets from the sources themselves, independently of the engines. */
static bool *collect_wishes(const Sim *s)
{
        const SimTargets *t = &s->kernel.targets;
        bool *wanted = sim_must(calloc(t->n_targets, sizeof(*wanted)));

        for (size_t i = 0; i < SIM_N_DAEMONS; i++) {
                const SimDaemon *d = &s->daemons[i];
                for (size_t j = 0; j < d->n_own_sources; j++)
                        for (size_t place = 0; place < SIM_PLACES; place++)
                                if (d->sources[j].listed[place])
                                        wanted[sim_source_target(s, d, j, place)] = true;
        }
        return wanted;
}

/* Adds the entries of the discovery controllers' logs. */
static void add_logs(const Sim *s, bool *wanted)
{
        const SimTargets *t = &s->kernel.targets;

        for (size_t dc = 0; dc < t->n_targets; dc++) {
                const SimFarEnd *f = sim_target_far_end(t, dc);
                if (f->kind != CONTROLLER_DISCOVERY || !wanted[dc] || !sim_is_wanted(s, dc))
                        continue;
                for (size_t i = 0; i < t->n_far_ends - t->n_dcs; i++)
                        if (f->log[i])
                                wanted[sim_targets_inherited_way(t, dc, t->n_dcs + i)] = true;
        }
}

static const char *find_who_told(const SimDaemon *d, size_t target)
{
        for (size_t i = 0; i < d->n_sources; i++)
                if (d->sources[i].word[target])
                        return d->sources[i].key;
        return "nobody";
}

/* Exactly the wanted targets are known to the daemons. */
static void check_heard(Sim *s)
{
        const SimTargets *t = &s->kernel.targets;
        _cleanup_free_ bool *wanted = collect_wishes(s);

        sim_add_referrals(s, wanted);
        add_logs(s, wanted);
        for (size_t i = 0; i < t->n_targets; i++) {
                SimDaemon *d = &s->daemons[sim_target_far_end(t, i)->kind];
                CHECK(s, d, wanted[i] || s->truth[i].n_told == 0,
                      "target %zu is not wanted, and it has not heard of that from %s", i,
                      find_who_told(d, i));
                CHECK(s, d, !wanted[i] || s->truth[i].n_told > 0,
                      "target %zu is wanted, and it has not heard of that", i);
        }
}

/* The engine's devices are those of the kernel. */
static void check_picture(Sim *s, SimDaemon *d)
{
        const SimKernel *k = &s->kernel;

        for (size_t i = 0; i < k->n_names_used; i++) {
                const SimController *c = &k->controllers[i];
                const DeviceNode *n = engine_find_device(d->engine, (int) i);
                bool known = n && n->device && n->device->kind == d->role;
                bool there = c->phase != SIM_ABSENT && sim_kernel_kind(k, c) == d->role;
                CHECK(s, d, known == there,
                      known ? "nvme%zu is gone, and it does not know" : "nvme%zu is not known", i);
                CHECK(s, d, !known || n->device->inode == c->incarnation,
                      "nvme%zu is another one, and it does not know", i);
        }
}

static void check_wanted(Sim *s, SimDaemon *d, size_t target)
{
        const SimKernel *k = &s->kernel;
        const SimTarget *t = &k->targets.targets[target];
        const Row *row = engine_find_row(d->engine, t->tid);

        if (s->truth[target].n_confirmed == 0 && sim_kernel_find(k, target) < 0)
                return; /* the firmware's, to be connected by others */
        CHECK(s, d, sim_kernel_find(k, target) >= 0, "target %zu is wanted and not connected",
              target);
        CHECK(s, d,
              row && row->node &&
                      sim_kernel_serves(k, &k->controllers[row->node->instance], target),
              "target %zu is wanted, connected, and it does not know by what", target);
        if (d->role == CONTROLLER_IO)
                return;
        CHECK(s, d, row->log.state == SOURCE_COMPLETE && row->log.log, "the log of %zu is not read",
              target);
        CHECK(s, d,
              row->log.log->entries[0].asqsz ==
                      (uint16_t) k->targets.far_ends[t->far_end].log_version,
              "the log of target %zu is an old one", target);
        CHECK(s, d,
              row->registration.n_lost > 0 || !device_takes_registration(row->node->device) ||
                      k->controllers[row->node->instance].registered,
              "the host is not registered at target %zu", target);
}

/* Traces the rows of a remaining connection. */
static void trace_rows(const Sim *s, const SimDaemon *d, const DeviceNode *n)
{
        const Row *row;

        LIST_FOREACH(row, &n->users, user_entry)
                sim_trace(s, d, "nvme%i serves target %zd: %s, %s", n->instance,
                          (ssize_t) sim_targets_find(&s->kernel.targets, row->tid),
                          decision_to_string(&row->decision),
                          reason_to_string(row->decision.reason));
}

/* Returns true if a wanted row uses the device. */
static bool is_used(const DeviceNode *n)
{
        const Row *row;

        LIST_FOREACH(row, &n->users, user_entry)
                if (row_is_wanted(row))
                        return true;
        return false;
}

static bool serves_any_wanted(const Sim *s, const SimController *c)
{
        const SimFarEnd *f = sim_target_far_end(&s->kernel.targets, c->target);

        for (size_t t = f->first; t < f->first + f->n_ways; t++)
                if (sim_kernel_serves(&s->kernel, c, t) && sim_is_wanted(s, t))
                        return true;
        return false;
}

/* Others may connect a discovery controller a second time by its other NQN; the kernel does not
 * treat the two as duplicates, but afterwards they have the same NQN. A row uses one of them. */
static bool has_twin(const SimDaemon *d, const DeviceNode *n)
{
        for (const DeviceNode *m = engine_next_device(d->engine, NULL); m;
             m = engine_next_device(d->engine, m))
                if (m != n && m->device && d->role == CONTROLLER_DISCOVERY && is_used(m) &&
                    tid_compare(m->device->tid, n->device->tid) == 0)
                        return true;
        return false;
}

/* Returns true if the policy forbids the removal. */
static bool is_kept(const Sim *s, const SimDaemon *d, const DeviceNode *n)
{
        const SimController *c = &s->kernel.controllers[n->instance];
        const Policy *p = engine_policy(d->engine);

        return p->disconnect_scope == DISCONNECT_NONE || sim_is_firmware(s, c) ||
               sim_kernel_owner(&s->kernel, n->instance) == SIM_OWNER_OTHER ||
               (!p->disconnect_in_use_force && sim_kernel_is_last_path(&s->kernel, n->instance));
}

/* Checks a connection that no wanted row uses. */
static void check_left(Sim *s, SimDaemon *d, const DeviceNode *n)
{
        const SimController *c = &s->kernel.controllers[n->instance];
        const SimConnection *connection = sim_connection(s, c->incarnation);
        const Policy *p = engine_policy(d->engine);
        unsigned transport = 1U << sim_target_far_end(&s->kernel.targets, c->target)->transport;

        if (is_kept(s, d, n) || has_twin(d, n))
                return;
        trace_rows(s, d, n);
        CHECK(s, d, !n->ours, "nvme%i, which it holds for its own, is left behind", n->instance);
        CHECK(s, d, !connection->made || connection->given_away,
              "nvme%i, which one of our daemons connected%s, is left behind", n->instance,
              connection->orphan ? " when it was killed" : "");
        CHECK(s, d, !connection->restored || connection->given_away,
              "nvme%i, which the state file said is ours, is left behind", n->instance);
        CHECK(s, d,
              p->disconnect_scope != DISCONNECT_ALL_MATCHING ||
                      !(p->disconnect_transports & transport) || serves_any_wanted(s, c),
              "nvme%i of others, in the scope of disconnects, is left behind", n->instance);
}

void sim_check_outcome(Sim *s)
{
        const SimTargets *t = &s->kernel.targets;

        check_heard(s);
        for (size_t i = 0; i < SIM_N_DAEMONS; i++) {
                SimDaemon *d = &s->daemons[i];
                sim_check_rows(s, d, true);
                check_picture(s, d);
                for (const DeviceNode *n = engine_next_device(d->engine, NULL); n;
                     n = engine_next_device(d->engine, n))
                        if (n->device && n->device->kind == d->role && !is_used(n))
                                check_left(s, d, n);
        }
        for (size_t i = 0; i < t->n_targets; i++)
                if (sim_is_wanted(s, i))
                        check_wanted(s, &s->daemons[sim_target_far_end(t, i)->kind], i);
}

void sim_check_released(Sim *s, SimDaemon *d)
{
        for (const DeviceNode *n = engine_next_device(d->engine, NULL); n;
             n = engine_next_device(d->engine, n)) {
                const SimController *c = &s->kernel.controllers[n->instance];
                bool there =
                        c->phase != SIM_ABSENT && n->device && n->device->inode == c->incarnation;
                CHECK(s, d, !n->ours || !there || sim_is_firmware(s, c), "nvme%i is not given up",
                      n->instance);
        }
}

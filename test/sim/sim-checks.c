/* SPDX-License-Identifier: Apache-2.0 */

/* What must hold, whatever the kernel and the sources do. */

#include <string.h>

#include "base/array.h"
#include "plan/backoff.h"
#include "sim.h"

size_t sim_source_target(const Sim *s, size_t source, size_t i)
{
        return (source * TARGETS_PER_SOURCE + i) % s->kernel.n_targets;
}

static bool is_allowed(const Sim *s, size_t target)
{
        const Policy *p = engine_policy(s->engine);
        const Tid *tid = s->kernel.targets[target].tid;
        unsigned family = tid->address.family == ADDRESS_IPV6 ? IP_FAMILY_IPV6 : IP_FAMILY_IPV4;

        return (p->ip_families & family) && !exclude_list_match(&p->excludes, tid);
}

static bool has_ncc(const Sim *s, size_t target)
{
        const Controller *c = engine_find_controller(s->engine, s->kernel.targets[target].tid);

        return c && c->wanted.ncc;
}

void sim_refresh_truth(Sim *s)
{
        size_t n = s->kernel.n_targets;
        bool *listed = calloc(n, sizeof(*listed));

        for (size_t i = 0; i < s->n_sources; i++)
                for (size_t j = 0; j < TARGETS_LISTED; j++)
                        if (!s->sources[i].dropped && s->sources[i].listed[j])
                                listed[sim_source_target(s, i, j)] = true;
        for (size_t t = 0; t < n; t++) {
                SimTruth *truth = &s->truth[t];
                bool wanted = listed[t] && is_allowed(s, t);
                truth->wanted = wanted;
                if (truth->n_ncc_connects > 0 && !has_ncc(s, t))
                        truth->n_ncc_connects = 0;
        }
        free(listed);
}

SimConnection *sim_connection(Sim *s, uint64_t incarnation)
{
        CHECK(s, ARRAY_RESERVE(s->connections, s->n_connections_allocated, incarnation + 1) == 0,
              "memory");
        return &s->connections[incarnation];
}

void sim_observe_rows(Sim *s)
{
        for (const Controller *c = engine_next_controller(s->engine, NULL); c;
             c = engine_next_controller(s->engine, c))
                if (controller_is_wanted(c) && controller_device(c))
                        sim_connection(s, controller_device(c)->inode)->wanted_till = s->now;
}

static bool is_listed_by(const Sim *s, const SimSource *source, size_t target, const bool *list)
{
        size_t index = (size_t) (source - s->sources);

        for (size_t j = 0; !source->dropped && j < TARGETS_LISTED; j++)
                if (list[j] && sim_source_target(s, index, j) == target)
                        return true;
        return false;
}

static bool is_confirmed(const Sim *s, size_t target)
{
        for (size_t i = 0; i < s->n_sources; i++)
                if (is_listed_by(s, &s->sources[i], target, s->sources[i].confirmed))
                        return true;
        return false;
}

static bool is_firmware(const Sim *s, size_t target)
{
        for (size_t i = 0; i < s->n_sources; i++)
                if (s->sources[i].kind == SOURCE_NBFT &&
                    is_listed_by(s, &s->sources[i], target, s->sources[i].listed))
                        return true;
        return false;
}

static bool serves_firmware(const Sim *s, const SimController *c)
{
        for (size_t t = 0; t < s->kernel.n_targets; t++)
                if (sim_kernel_serves(&s->kernel, c, t) && is_firmware(s, t))
                        return true;
        return false;
}

static bool all_have_spoken(const Sim *s)
{
        for (size_t i = 0; i < s->n_sources; i++)
                if (!s->sources[i].dropped && !s->sources[i].complete)
                        return false;
        return true;
}

/* Of what it wants the engine has a connection at hand, and knows enough to see it. */
static bool is_connected(const Sim *s, size_t target)
{
        const SimKernel *k = &s->kernel;

        for (const DeviceNode *n = engine_next_device(s->engine, NULL); n && !s->network_down;
             n = engine_next_device(s->engine, n)) {
                const SimController *c = &k->controllers[n->instance];
                bool known = (n->device && n->device->inode == c->incarnation) ||
                             (n->settling && n->made_inode == c->incarnation);
                if (known && sim_kernel_serves(k, c, target))
                        return true;
        }
        return false;
}

static void check_connect(Sim *s, const Action *a, size_t target)
{
        const Policy *p = engine_policy(s->engine);

        s->n_connects++;
        CHECK(s, !s->releasing, "connect of %zu while giving up all", target);
        CHECK(s, target != SIZE_MAX && s->truth[target].wanted, "connect of %zu that nobody wants",
              target);
        CHECK(s, is_confirmed(s, target), "connect of %zu that is only remembered", target);
        CHECK(s, s->scanned, "connect of %zu before the kernel is known", target);
        CHECK(s, !is_connected(s, target), "connect of %zu that is connected", target);
        CHECK(s,
              s->truth[target].failed_at == 0 ||
                      s->now >= s->truth[target].failed_at + BACKOFF_MIN * 3 / 4,
              "connect of %zu too soon", target);
        if (!a->controller->wanted.ncc)
                s->truth[target].n_ncc_connects = 0;
        else if (p->connect_attempts_on_ncc > 0)
                CHECK(s, ++s->truth[target].n_ncc_connects <= MAX(p->connect_attempts_on_ncc, 2U),
                      "%zu is not connected to its CDC", target);
}

/* A target that the connection serves, unless it has another one. */
static void check_victim(Sim *s, int instance, size_t target)
{
        const SimTruth *t = &s->truth[target];
        const Controller *c = engine_find_controller(s->engine, s->kernel.targets[target].tid);

        if (c && (c->op.kind == OP_SETTLE || (c->node && c->node->instance != instance)))
                return;
        CHECK(s, !is_firmware(s, target), "disconnect of %zu, which the firmware wants", target);
        if (s->releasing)
                return;
        CHECK(s, !t->wanted, "disconnect of %zu that is wanted", target);
}

static void check_disconnect(Sim *s, const Action *a)
{
        const SimKernel *k = &s->kernel;
        const SimController *c = &k->controllers[a->instance];
        const Policy *p = engine_policy(s->engine);
        bool told = false, mine = sim_connection(s, a->inode)->mine;
        bool quiet = s->now >= sim_connection(s, a->inode)->wanted_till + PLAN_QUIET_USEC;

        s->n_disconnects++;
        CHECK(s, mine || p->disconnect_scope == DISCONNECT_ALL_MATCHING,
              "disconnect of nvme%i that is not ours", a->instance);
        CHECK(s, p->disconnect_scope != DISCONNECT_NONE || s->releasing,
              "disconnect of nvme%i against the policy", a->instance);
        CHECK(s, quiet || s->releasing, "disconnect of nvme%i in the quiet time", a->instance);
        if (c->incarnation != a->inode || c->phase == SIM_ABSENT)
                return; /* old news, and the inode keeps it from doing harm */

        CHECK(s, !c->owned_by_others, "disconnect of nvme%i of another owner", a->instance);
        for (size_t t = 0; t < k->n_targets; t++)
                if (sim_kernel_serves(k, c, t)) {
                        check_victim(s, a->instance, t);
                        told = told || s->truth[t].told;
                }
        CHECK(s, told || s->releasing || all_have_spoken(s),
              "disconnect of nvme%i that a source may still want", a->instance);
}

static bool is_on_controller(const Action *a)
{
        return a->kind == ACTION_DISCONNECT || a->kind == ACTION_READ_LOG;
}

void sim_check_action(Sim *s, const Action *a)
{
        const SimKernel *k = &s->kernel;

        for (size_t i = 0; i < k->n_jobs; i++) {
                const Action *other = &k->jobs[i].action;
                CHECK(s, a->kind != ACTION_CONNECT || other->kind != ACTION_CONNECT,
                      "two connects");
                CHECK(s, a->kind != ACTION_SCAN || other->kind != ACTION_SCAN, "two scans");
                CHECK(s,
                      !is_on_controller(a) || !is_on_controller(other) ||
                              a->instance != other->instance || a->inode != other->inode,
                      "two operations on nvme%i", a->instance);
        }
        if (!a->controller)
                return;

        size_t target = sim_kernel_find_target(k, a->controller->tid);
        for (size_t i = 0; i < k->n_jobs; i++)
                CHECK(s, target == SIZE_MAX || k->jobs[i].target != target, "two operations on %zu",
                      target);
        s->n_log_reads += a->kind == ACTION_READ_LOG;
        if (a->kind == ACTION_CONNECT)
                check_connect(s, a, target);
        if (a->kind == ACTION_DISCONNECT)
                check_disconnect(s, a);
}

void sim_check_note(Sim *s, const Note *n)
{
        const DeviceNode *node = engine_find_device(s->engine, n->instance);
        size_t target = sim_kernel_find_target(&s->kernel, n->controller->tid);

        if (target != SIZE_MAX && n->kind != NOTE_CONNECT_FAILED)
                s->truth[target].n_ncc_connects = 0;
        if (n->kind != NOTE_ADOPTED)
                return;

        CHECK(s, target != SIZE_MAX, "what nobody wants is adopted");
        /* It may have been wanted when it was adopted and not be any more. */
        if (node && node->device && node->ours && s->truth[target].wanted && !node->device->owner)
                sim_connection(s, node->device->inode)->mine = true;
}

static void check_log(Sim *s, const Controller *c)
{
        size_t target = sim_kernel_find_target(&s->kernel, c->tid);

        if (c->log.state != SOURCE_COMPLETE || target == SIZE_MAX)
                return;
        CHECK(s, c->node && c->node->device, "%s: a log that is current, of no connection",
              c->tid->subsysnqn);
        CHECK(s, c->log.log->entries[0].portid == s->kernel.targets[target].far_end,
              "%s: the log of another one", c->tid->subsysnqn);
        CHECK(s, c->log.log->genctr == c->node->device->inode,
              "%s: a log read before it was connected", c->tid->subsysnqn);
}

static void check_row(Sim *s, const Controller *c)
{
        size_t target = sim_kernel_find_target(&s->kernel, c->tid);
        /* What was decided row by row, as events came, is what a plan from scratch decides. */
        Facts f = engine_facts(s->engine, c);
        Decision d = plan_controller(&f, engine_policy(s->engine), s->now);
        bool begun = c->op.kind != OP_NONE || c->decision.verb == VERB_LOOK;

        CHECK(s, begun || (d.verb == c->decision.verb && d.at == c->decision.at),
              "%s: decided %s (%s), should be %s (%s)", c->tid->subsysnqn,
              verb_to_string(c->decision.verb), reason_to_string(c->decision.reason),
              verb_to_string(d.verb), reason_to_string(d.reason));
        CHECK(s, f.claimed || f.device || f.op != OP_NONE, "%s: a row for nothing",
              c->tid->subsysnqn);
        CHECK(s, !f.wanted || (target != SIZE_MAX && s->truth[target].wanted),
              "%s: wanted by nobody", c->tid->subsysnqn);
        if (f.device && f.ours)
                CHECK(s, sim_connection(s, f.device->inode)->mine, "nvme%i is not ours",
                      f.device->instance);
        check_log(s, c);
}

void sim_check_rows(Sim *s, bool all)
{
        size_t n = 0, every = all ? 1 : 1 + s->kernel.n_targets / 32;

        for (const Controller *c = engine_next_controller(s->engine, NULL); c;
             c = engine_next_controller(s->engine, c))
                if (n++ % every == s->step % every)
                        check_row(s, c);
}

/* The engine's picture is the kernel's. */
static void check_picture(Sim *s)
{
        const SimKernel *k = &s->kernel;

        for (size_t i = 0; i < k->n_controllers; i++) {
                const SimController *c = &k->controllers[i];
                const DeviceNode *n = engine_find_device(s->engine, (int) i);
                bool known = n && n->device;
                CHECK(s, known == (c->phase != SIM_ABSENT), "nvme%zu is %s", i,
                      known ? "gone" : "not known");
                if (known)
                        CHECK(s, n->device->inode == c->incarnation, "nvme%zu is another one", i);
        }
}

static void check_wanted(Sim *s, size_t target)
{
        const SimKernel *k = &s->kernel;
        const Controller *c = engine_find_controller(s->engine, k->targets[target].tid);

        CHECK(s, sim_kernel_find(k, target) >= 0, "%zu is wanted and not connected", target);
        CHECK(s, c && c->node && sim_kernel_serves(k, &k->controllers[c->node->instance], target),
              "%zu is wanted and connected elsewhere", target);
        if (k->kind == CONTROLLER_IO)
                return;
        CHECK(s, c->log.state == SOURCE_COMPLETE && c->log.log, "log of %zu not read", target);
        CHECK(s,
              c->log.log->entries[0].asqsz ==
                      (uint16_t) k->targets[k->targets[target].far_end].log_version,
              "log of %zu is old", target);
}

/* Nobody wants this connection. */
static void check_left(Sim *s, const SimController *c, int instance)
{
        const Policy *p = engine_policy(s->engine);
        bool in_scope = p->disconnect_scope == DISCONNECT_ALL_MATCHING && !c->owned_by_others;

        if (p->disconnect_scope == DISCONNECT_NONE || serves_firmware(s, c))
                return;
        CHECK(s, !sim_connection(s, c->incarnation)->mine || c->owned_by_others,
              "nvme%i is left behind", instance);
        CHECK(s, !in_scope, "nvme%i of others is left behind", instance);
}

void sim_check_converged(Sim *s)
{
        const SimKernel *k = &s->kernel;

        sim_check_rows(s, true);
        check_picture(s);
        for (size_t t = 0; t < k->n_targets; t++)
                if (s->truth[t].wanted)
                        check_wanted(s, t);
        for (size_t i = 0; i < k->n_controllers; i++) {
                const SimController *c = &k->controllers[i];
                bool serves = false;
                for (size_t t = 0; t < k->n_targets && c->phase != SIM_ABSENT && !serves; t++)
                        serves = s->truth[t].wanted && sim_kernel_serves(k, c, t);
                if (c->phase != SIM_ABSENT && !serves)
                        check_left(s, c, (int) i);
        }
}

void sim_check_released(Sim *s)
{
        const SimKernel *k = &s->kernel;

        for (size_t i = 0; i < k->n_controllers; i++) {
                const SimController *c = &k->controllers[i];
                CHECK(s,
                      c->phase == SIM_ABSENT || serves_firmware(s, c) ||
                              !sim_connection(s, c->incarnation)->mine,
                      "nvme%zu is not given up", i);
        }
}

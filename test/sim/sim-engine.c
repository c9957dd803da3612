/* SPDX-License-Identifier: Apache-2.0 */

/* The real engine over a simulated kernel, network and clock. Everything is drawn from a seed: what
 * fails, what is lost, what comes late. Invariants are checked after each step; at the end the
 * faults stop and kernel and sources must agree. sim-engine [-t TARGETS] [-n STEPS] [-s SEED] [-c
 * COUNT]      COUNT seeds from SEED on, for both kinds */

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sim-kernel.h"

enum {
        TARGETS_PER_SOURCE = 50
};

typedef struct SimSource {
        bool *listed; /* what it said last, kept through "unknown" */
        bool known, dropped;
} SimSource;

typedef struct Sim {
        uint64_t seed, step;
        SimKernel kernel;
        Engine *engine;
        usec_t now;
        SimSource *sources;
        size_t n_sources;
        bool *foreign; /* connected by somebody else and not wanted since */
        size_t n_connects, n_disconnects, n_log_reads;
} Sim;

#define CHECK(sim, condition, ...)                                                                 \
        do {                                                                                       \
                if (!(condition)) {                                                                \
                        (void) fprintf(stderr, "seed %llu step %llu %s: %s: ",                     \
                                       (unsigned long long) (sim)->seed,                           \
                                       (unsigned long long) (sim)->step,                           \
                                       (sim)->kernel.kind == CONTROLLER_IO ? "io" : "discovery",   \
                                       #condition);                                                \
                        (void) fprintf(stderr, __VA_ARGS__);                                       \
                        (void) fputc('\n', stderr);                                                \
                        exit(EXIT_FAILURE);                                                        \
                }                                                                                  \
        } while (0)

static bool is_listed(const Sim *s, size_t target)
{
        const SimSource *source = &s->sources[target / TARGETS_PER_SOURCE];

        return !source->dropped && source->listed[target % TARGETS_PER_SOURCE];
}

static void say(Sim *s, size_t source, SourceState state)
{
        char key[32];
        SourceSet *set;
        SimSource *src = &s->sources[source];

        (void) snprintf(key, sizeof(key), "source %zu", source);
        CHECK(s, source_set_new(key, SOURCE_DISCOVERY_LOG, state, &set) == 0, "memory");
        for (size_t i = 0; i < TARGETS_PER_SOURCE; i++) {
                Tid *tid;
                bool lists = src->listed[i];
                if (state == SOURCE_UNKNOWN ||
                    (state == SOURCE_PARTIAL && random_chance(&s->kernel.random, 50)))
                        lists = false; /* what is not said must stay */
                if (!lists)
                        continue;
                CHECK(s, tid_dup(s->kernel.targets[source * TARGETS_PER_SOURCE + i].tid, &tid) == 0,
                      "memory");
                CHECK(s, source_set_add(set, tid, key) != NULL, "memory");
        }
        source_set_seal(set);
        src->known = state == SOURCE_COMPLETE;
        src->dropped = false;
        CHECK(s, engine_set_source(s->engine, set, s->now) == 0, "memory");
}

static void change_source(Sim *s)
{
        Random *r = &s->kernel.random;
        size_t source = random_below(r, s->n_sources);
        SimSource *src = &s->sources[source];
        char key[32];

        switch (random_below(r, 12)) {
        case 0:
                (void) snprintf(key, sizeof(key), "source %zu", source);
                engine_drop_source(s->engine, key, s->now);
                memset(src->listed, 0, TARGETS_PER_SOURCE);
                src->dropped = true;
                return;
        case 1:
                if (!src->dropped)
                        say(s, source, SOURCE_UNKNOWN);
                return;
        case 2:
                if (!src->dropped)
                        say(s, source, SOURCE_PARTIAL);
                return;
        default:
                for (size_t n = random_below(r, 8) + 1; n > 0; n--)
                        src->listed[random_below(r, TARGETS_PER_SOURCE)] = random_chance(r, 70);
                say(s, source, SOURCE_COMPLETE);
        }
}

/* Uevents come before the results of what caused them: the daemon reads that socket first. */
static void deliver_uevents(Sim *s)
{
        SimKernel *k = &s->kernel;

        for (size_t i = 0; i < k->n_uevents; i++)
                CHECK(s,
                      engine_kernel_event(s->engine, k->uevents[i].event, k->uevents[i].instance,
                                          s->now) == 0,
                      "memory");
        if (k->overflow)
                engine_kernel_events_lost(s->engine);
        k->overflow = false;
        k->n_uevents = 0;
}

static DiscoveryLog *make_log(unsigned version)
{
        DiscoveryLog *log = calloc(1, sizeof(*log));

        log->entries = calloc(1, sizeof(*log->entries));
        log->n_entries = 1;
        log->genctr = version;
        log->entries[0] = (DlpEntry) {
                .subtype = DLPE_NVME,
                .portid = (uint16_t) version,
                .subnqn = strdup("nqn.2024-01.sim:entry"),
                .traddr = strdup("10.0.0.1"),
        };
        return log;
}

static void deliver_job(Sim *s, SimJob *job)
{
        Engine *e = s->engine;
        uint64_t id = job->action.op_id;
        int r = 0;

        switch (job->action.kind) {
        case ACTION_CONNECT:
                r = engine_connect_done(e, id, job->error, job->instance, s->now);
                break;
        case ACTION_DISCONNECT:
                engine_disconnect_done(e, id, job->error, s->now);
                break;
        case ACTION_READ_LOG:
                engine_read_log_done(e, id, job->error, 0,
                                     job->error < 0 ? NULL : make_log(job->log_version), s->now);
                break;
        case ACTION_READ_DEVICE:
                r = engine_read_device_done(e, id, job->instance, job->error,
                                            job->n_devices > 0 ? job->devices[0] : NULL, s->now);
                job->n_devices = 0;
                break;
        case ACTION_SCAN:
                r = engine_scan_done(e, id, 0, job->devices, job->n_devices, s->now);
                job->n_devices = 0;
                break;
        case _ACTION_KIND_MAX:
                break;
        }
        CHECK(s, r == 0, "memory");
        sim_kernel_drop_job(&s->kernel, job);
}

static void advance_job(Sim *s)
{
        SimKernel *k = &s->kernel;
        if (k->n_jobs == 0)
                return;

        SimJob *job = &k->jobs[random_below(&k->random, k->n_jobs)];
        if (!job->ran) {
                sim_kernel_run(k, job);
                return;
        }
        deliver_uevents(s);
        deliver_job(s, job);
}

/* nvme connect */
static void connect_foreign(Sim *s, size_t target)
{
        if (sim_kernel_connect(&s->kernel, target) >= 0)
                s->foreign[target] = true;
}

static void disturb(Sim *s)
{
        SimKernel *k = &s->kernel;
        Random *r = &k->random;
        size_t target = random_below(r, k->n_targets);
        int instance = sim_kernel_find(k, target);

        switch (random_below(r, 6)) {
        case 0: /* nvme disconnect, or ctrl_loss_tmo */
                if (instance >= 0)
                        sim_kernel_remove(k, instance);
                return;
        case 1:
                connect_foreign(s, target);
                return;
        case 2:
                k->targets[target].reachable = !k->targets[target].reachable;
                return;
        case 3: /* the kernel reconnected */
                if (instance >= 0)
                        sim_kernel_emit(k, KERNEL_CONNECTED, instance);
                return;
        case 4:
                k->targets[target].log_version++;
                if (instance >= 0)
                        sim_kernel_emit(k, KERNEL_LOG_CHANGED, instance);
                return;
        default: /* removed and the name given to another one, before anybody looks */
                if (instance < 0)
                        return;
                sim_kernel_remove(k, instance);
                connect_foreign(s, random_below(r, k->n_targets));
        }
}

static void check_action(Sim *s, const Action *a)
{
        const SimKernel *k = &s->kernel;

        for (size_t i = 0; i < k->n_jobs; i++) {
                const Action *other = &k->jobs[i].action;
                CHECK(s, a->kind != ACTION_CONNECT || other->kind != ACTION_CONNECT,
                      "two connects");
                CHECK(s, a->kind != ACTION_SCAN || other->kind != ACTION_SCAN, "two scans");
        }
        if (!a->controller)
                return;

        size_t target = sim_kernel_find_target(k, a->controller->tid);
        for (size_t i = 0; i < k->n_jobs; i++)
                CHECK(s, k->jobs[i].target != target, "two operations on %zu", target);
        s->n_connects += a->kind == ACTION_CONNECT;
        s->n_disconnects += a->kind == ACTION_DISCONNECT;
        s->n_log_reads += a->kind == ACTION_READ_LOG;
        if (a->kind == ACTION_CONNECT)
                CHECK(s, is_listed(s, target), "connect of %zu that nobody wants", target);
        if (a->kind == ACTION_DISCONNECT) {
                CHECK(s, !is_listed(s, target), "disconnect of %zu that is wanted", target);
                CHECK(s, !s->foreign[target], "disconnect of %zu that is not ours", target);
        }
}

static void check_rows(Sim *s, bool all)
{
        size_t n = 0, every = all ? 1 : 61;

        for (const Controller *c = engine_next_controller(s->engine, NULL); c;
             c = engine_next_controller(s->engine, c)) {
                if (n++ % every != s->step % every)
                        continue;
                /* What was decided row by row, as events came, is what a plan from scratch decides.
                 */
                Facts f = engine_facts(s->engine, c);
                Decision d = plan_controller(&f, engine_policy(s->engine), s->now);
                bool begun = c->op.kind != OP_NONE || d.verb == VERB_LOOK;
                CHECK(s, begun || (d.verb == c->decision.verb && d.at == c->decision.at),
                      "%s: decided %s, should be %s", c->tid->subsysnqn,
                      verb_to_string(c->decision.verb), verb_to_string(d.verb));
                CHECK(s, f.wanted == (c->wanted.n_claims > 0), "%s", c->tid->subsysnqn);
        }
}

static void plan(Sim *s)
{
        const Plan *p;

        CHECK(s, engine_plan(s->engine, s->now, &p) == 0, "memory");
        for (size_t i = 0; i < p->n_notes; i++)
                if (p->notes[i].kind == NOTE_ADOPTED || p->notes[i].kind == NOTE_CONNECTED)
                        s->foreign[sim_kernel_find_target(&s->kernel,
                                                          p->notes[i].controller->tid)] = false;
        for (size_t i = 0; i < p->n_actions; i++) {
                check_action(s, &p->actions[i]);
                sim_kernel_submit(&s->kernel, &p->actions[i]);
        }
        CHECK(s, engine_plan(s->engine, s->now, &p) == 0 && p->n_actions == 0,
              "planning twice acts twice");
        CHECK(s, p->wake_at > s->now, "a deadline that has passed");
}

static void step(Sim *s)
{
        Random *r = &s->kernel.random;

        s->now += random_chance(r, 90) ? random_below(r, 20 * USEC_PER_MSEC)
                                       : random_below(r, 5 * USEC_PER_SEC);
        switch (random_below(r, 10)) {
        case 0:
                change_source(s);
                break;
        case 1:
                disturb(s);
                break;
        case 2:
                deliver_uevents(s);
                break;
        default:
                advance_job(s);
        }
        plan(s);
        check_rows(s, s->step % 1024 == 0);
}

/* No more faults: everything is reachable and complete, every message arrives. */
static void converge(Sim *s)
{
        SimKernel *k = &s->kernel;

        for (size_t i = 0; i < k->n_targets; i++)
                k->targets[i].reachable = true;
        for (size_t i = 0; i < s->n_sources; i++)
                say(s, i, SOURCE_COMPLETE);
        for (;;) {
                const Plan *p;
                plan(s);
                while (k->n_jobs > 0 || k->n_uevents > 0 || k->overflow) {
                        s->now += USEC_PER_MSEC;
                        deliver_uevents(s);
                        advance_job(s);
                        plan(s);
                }
                CHECK(s, engine_plan(s->engine, s->now, &p) == 0, "memory");
                if (p->wake_at == USEC_INFINITY)
                        break;
                s->now = p->wake_at;
        }
}

static void check_converged(Sim *s)
{
        SimKernel *k = &s->kernel;

        check_rows(s, true);
        for (size_t t = 0; t < k->n_targets; t++) {
                int instance = sim_kernel_find(k, t);
                if (is_listed(s, t))
                        CHECK(s, instance >= 0, "%zu is wanted and not connected", t);
                else
                        CHECK(s, instance < 0 || s->foreign[t], "%zu is left behind", t);
                if (k->kind == CONTROLLER_IO || !is_listed(s, t))
                        continue;
                const Controller *c = engine_find_controller(s->engine, k->targets[t].tid);
                CHECK(s, c->log.state == SOURCE_COMPLETE && c->log.log, "log of %zu not read", t);
                CHECK(s, c->log.log->entries[0].portid == (uint16_t) k->targets[t].log_version,
                      "log of %zu is old", t);
        }
}

static void sim_run(uint64_t seed, ControllerKind kind, size_t n_targets, uint64_t n_steps)
{
        Sim s = { .seed = seed, .now = USEC_PER_SEC, .n_sources = n_targets / TARGETS_PER_SOURCE };
        Policy *policy = calloc(1, sizeof(*policy));

        policy->role = kind;
        policy->ip_families = IP_FAMILY_IPV4 | IP_FAMILY_IPV6;
        settings_init(&policy->settings);
        sim_kernel_init(&s.kernel, seed, kind, s.n_sources * TARGETS_PER_SOURCE);
        s.sources = calloc(s.n_sources, sizeof(*s.sources));
        s.foreign = calloc(s.kernel.n_targets, sizeof(*s.foreign));
        CHECK(&s, engine_new(policy, &s.engine) == 0, "memory");
        for (size_t i = 0; i < s.n_sources; i++) {
                s.sources[i].listed = calloc(TARGETS_PER_SOURCE, sizeof(bool));
                for (size_t t = 0; t < TARGETS_PER_SOURCE; t++)
                        s.sources[i].listed[t] = random_chance(&s.kernel.random, 80);
                say(&s, i, SOURCE_COMPLETE);
        }
        for (s.step = 1; s.step <= n_steps; s.step++)
                step(&s);
        converge(&s);
        check_converged(&s);
        (void) printf("seed %llu %s: %zu targets, %llu steps, %zu connects, %zu disconnects, %zu "
                      "logs read\n",
                      (unsigned long long) seed, kind == CONTROLLER_IO ? "io" : "discovery",
                      s.kernel.n_targets, (unsigned long long) n_steps, s.n_connects,
                      s.n_disconnects, s.n_log_reads);

        (void) engine_free(s.engine);
        for (size_t i = 0; i < s.n_sources; i++)
                free(s.sources[i].listed);
        free(s.sources);
        free(s.foreign);
        sim_kernel_done(&s.kernel);
}

int main(int argc, char **argv)
{
        uint64_t targets = 2000, steps = 10000, seed = 1, count = 1;
        int c;

        while ((c = getopt(argc, argv, "t:n:s:c:")) != -1) {
                uint64_t *arg = c == 't' ? &targets : c == 'n' ? &steps : c == 's' ? &seed : &count;
                if (c == '?' || text_to_u64(optarg, 1, 100000000, arg) < 0)
                        return EXIT_FAILURE;
        }
        for (uint64_t i = 0; i < count; i++) {
                sim_run(seed + i, CONTROLLER_IO, targets, steps);
                sim_run(seed + i, CONTROLLER_DISCOVERY, targets, steps);
        }
        return EXIT_SUCCESS;
}

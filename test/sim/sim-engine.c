/* SPDX-License-Identifier: Apache-2.0 */

/* The real engine over a simulated kernel, network and clock. Everything is drawn from a seed: what
 * fails, what is lost, what comes late, when the daemon is killed. Invariants are checked after
 * each step; at the end the faults stop and kernel and sources must agree. sim-engine [-t TARGETS]
 * [-n STEPS] [-s SEED] [-c COUNT] [-q] COUNT seeds from SEED on, for both kinds */

#include <getopt.h>
#include <string.h>

#include "base/text.h"
#include "sim.h"

static Tid *target_tid(const Sim *s, size_t target)
{
        Tid *tid;

        CHECK(s, tid_dup(s->kernel.targets[target].tid, &tid) == 0, "memory");
        return tid;
}

static void add_entry(Sim *s, SourceSet *set, size_t target)
{
        SourceEntry *entry = source_set_add(set, target_tid(s, target), set->key);

        CHECK(s, entry, "memory");
        if (set->kind != SOURCE_DISCOVERY_LOG)
                return;
        entry->dlpe = calloc(1, sizeof(*entry->dlpe));
        *entry->dlpe = (DlpEntry) {
                .eflags = s->kernel.targets[target].ncc ? DLPE_EFLAGS_NCC : 0,
                .subnqn = strdup("nqn.2024-01.sim:entry"),
                .traddr = strdup("10.0.0.1"),
        };
}

static void format_key(size_t source, char ret[static 32])
{
        (void) snprintf(ret, 32, "source %zu", source);
}

/* What a part brings for the first time is in it. What is remembered may miss the last second's
 * news, which the engine can make up for as long as no other source takes back the same. */
static bool must_say(const SimSource *src, size_t i, SourceState state, bool restored)
{
        bool is_shared = i < TARGETS_LISTED - TARGETS_PER_SOURCE || i >= TARGETS_PER_SOURCE;

        return restored ? is_shared : state == SOURCE_PARTIAL && i == src->newest;
}

/* The source says what it wants: all of it, or a part, or that it does not know. */
static void say(Sim *s, size_t source, SourceState state, bool restored)
{
        char key[32];
        SourceSet *set;
        SimSource *src = &s->sources[source];
        unsigned percent = state == SOURCE_COMPLETE  ? 100
                           : restored                ? 80
                           : state == SOURCE_PARTIAL ? 50
                                                     : 0;

        format_key(source, key);
        CHECK(s, source_set_new(key, src->kind, state, &set) == 0, "memory");
        set->restored = restored;
        for (size_t i = 0; i < TARGETS_LISTED; i++) {
                bool must = must_say(src, i, state, restored);
                if (!src->listed[i] || (!must && !random_chance(&s->kernel.random, percent)))
                        continue; /* what is not said must stay */
                size_t target = sim_source_target(s, source, i);
                add_entry(s, set, target);
                s->truth[target].told = true;
                src->confirmed[i] = !restored;
        }
        source_set_seal(set);
        src->complete = state == SOURCE_COMPLETE;
        src->dropped = false;
        CHECK(s, engine_set_source(s->engine, set, s->now) == 0, "memory");
        sim_refresh_truth(s);
}

static void drop(Sim *s, size_t source)
{
        SimSource *src = &s->sources[source];
        char key[32];

        format_key(source, key);
        engine_drop_source(s->engine, key, s->now);
        memset(src->listed, 0, sizeof(src->listed));
        memset(src->confirmed, 0, sizeof(src->confirmed));
        src->dropped = true;
        sim_refresh_truth(s);
}

static void change_source(Sim *s)
{
        Random *r = &s->kernel.random;
        size_t source = random_below(r, s->n_sources);
        SimSource *src = &s->sources[source];

        switch (random_below(r, 12)) {
        case 0:
                drop(s, source);
                return;
        case 1:
                if (!src->dropped)
                        say(s, source, SOURCE_UNKNOWN, false);
                return;
        case 2:
                src->newest = random_below(r, TARGETS_LISTED);
                src->listed[src->newest] = true;
                say(s, source, SOURCE_PARTIAL, false);
                return;
        case 3:
                s->kernel.targets[random_below(r, s->kernel.n_targets)].ncc ^= true;
                break;
        default:
                for (size_t n = random_below(r, 8) + 1; n > 0; n--) {
                        size_t i = random_below(r, TARGETS_LISTED);
                        src->listed[i] = random_chance(r, 70);
                        src->confirmed[i] = src->confirmed[i] && src->listed[i];
                }
        }
        say(s, source, SOURCE_COMPLETE, false);
}

static void exclude_some(Sim *s, Policy *p)
{
        Random *r = &s->kernel.random;

        for (size_t n = random_below(r, 4); n > 0; n--) {
                const Tid *t = s->kernel.targets[random_below(r, s->kernel.n_targets)].tid;
                TidFields f = { .transport = "tcp" };
                if (s->kernel.kind == CONTROLLER_IO && random_chance(r, 80))
                        f.subsysnqn = t->subsysnqn;
                else
                        f.traddr = t->traddr;
                CHECK(s, exclude_list_add(&p->excludes, &f, "rule") == 0, "memory");
        }
}

static Policy *make_policy(Sim *s, bool plain)
{
        static const DisconnectScope scopes[] = { DISCONNECT_ONLY_STAS, DISCONNECT_ONLY_STAS,
                                                  DISCONNECT_ONLY_STAS, DISCONNECT_ALL_MATCHING,
                                                  DISCONNECT_NONE };
        Random *r = &s->kernel.random;
        Policy *p = calloc(1, sizeof(*p));

        CHECK(s, p, "memory");
        p->role = s->kernel.kind;
        p->ip_families = IP_FAMILY_IPV4 | IP_FAMILY_IPV6;
        p->disconnect_transports = 1U << TRANSPORT_TCP;
        settings_init(&p->settings);
        if (plain)
                return p;
        p->disconnect_scope = scopes[random_below(r, ELEMENTSOF(scopes))];
        p->connect_attempts_on_ncc = (unsigned) random_below(r, 4);
        if (random_chance(r, 20))
                p->ip_families = random_chance(r, 50) ? IP_FAMILY_IPV4 : IP_FAMILY_IPV6;
        exclude_some(s, p);
        return p;
}

static void change_network(Sim *s, bool one_down)
{
        Network network;

        s->network_down = one_down;
        sim_kernel_network(one_down, &network);
        engine_set_network(s->engine, &network, s->now);
}

/* A reload, mostly. */
static void change_configuration(Sim *s)
{
        switch (random_below(&s->kernel.random, 4)) {
        case 0:
                engine_retry_now(s->engine);
                for (size_t t = 0; t < s->kernel.n_targets; t++)
                        s->truth[t].n_ncc_connects = 0;
                return;
        case 1:
                engine_reread_logs(s->engine);
                return;
        case 2:
                change_network(s, random_chance(&s->kernel.random, 50));
                return;
        default:
                engine_set_policy(s->engine, make_policy(s, false), s->now);
                sim_refresh_truth(s);
        }
}

/* Uevents come before the results of what caused them: the daemon reads that socket first, and
 * tells of a loss behind what was still waiting. */
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

/* A log that tells on whose connection it was read, of whom, and when. */
static DiscoveryLog *make_log(const SimJob *job)
{
        DiscoveryLog *log = calloc(1, sizeof(*log));

        log->entries = calloc(1, sizeof(*log->entries));
        log->n_entries = 1;
        log->genctr = job->incarnation;
        log->entries[0] = (DlpEntry) {
                .subtype = DLPE_NVME,
                .portid = (uint16_t) job->log_of,
                .asqsz = (uint16_t) job->log_version,
                .subnqn = strdup("nqn.2024-01.sim:entry"),
                .traddr = strdup("10.0.0.1"),
        };
        return log;
}

static int deliver_result(Sim *s, SimJob *job)
{
        Engine *e = s->engine;
        uint64_t id = job->action.op_id;

        switch (job->action.kind) {
        case ACTION_CONNECT:
                return job->error < 0
                               ? engine_connect_done(e, id, job->error, -1, s->now)
                               : engine_connected(e, id, job->instance, job->incarnation, s->now);
        case ACTION_DISCONNECT:
                engine_disconnect_done(e, id, job->error, s->now);
                return 0;
        case ACTION_READ_LOG:
                engine_read_log_done(e, id, job->error, 0, job->error < 0 ? NULL : make_log(job),
                                     s->now);
                return 0;
        case ACTION_READ_DEVICE:
                return engine_read_device_done(
                        e, id, job->instance, job->error,
                        job->n_devices > 0 ? TAKE_PTR(job->devices[0]) : NULL, s->now);
        case ACTION_SCAN:
                return engine_scan_done(e, id, job->error, job->devices, job->n_devices, s->now);
        case _ACTION_KIND_MAX:
                break;
        }
        abort();
}

static void advance_job(Sim *s)
{
        SimKernel *k = &s->kernel;
        SimJob *job = &k->jobs[random_below(&k->random, k->n_jobs)];

        if (!job->done) {
                sim_kernel_run(k, job);
                if (job->done && job->action.kind == ACTION_CONNECT && job->error >= 0)
                        sim_connection(s, job->incarnation)->mine = true;
                return;
        }
        deliver_uevents(s);
        if (job->action.kind == ACTION_SCAN && job->error == 0)
                s->scanned = true;
        if (job->action.kind == ACTION_CONNECT && job->error < 0)
                s->truth[job->target].failed_at = s->now;
        CHECK(s, deliver_result(s, job) == 0, "memory");
        sim_kernel_drop_job(k, job);
}

/* Whatever is under way goes on by one step. */
static void advance(Sim *s)
{
        SimKernel *k = &s->kernel;

        if (k->starting >= 0 && !k->starting_for_us && random_chance(&k->random, 20))
                (void) sim_kernel_end_connect(k);
        else if (k->n_leaving > 0 && random_chance(&k->random, 30))
                sim_kernel_advance_leaving(k);
        else if (k->n_jobs > 0)
                advance_job(s);
}

static void disturb_controller(Sim *s, int instance)
{
        SimKernel *k = &s->kernel;
        Random *r = &k->random;

        switch (random_below(r, 3)) {
        case 0: /* nvme disconnect, or ctrl_loss_tmo */
                sim_kernel_delete(k, instance);
                return;
        case 1: /* the link, or the controller, went away or is back */
                sim_kernel_toggle_connection(k, instance);
                return;
        default: /* gone, and its name given to another one, before anybody looks */
                sim_kernel_delete(k, instance);
                while (k->n_leaving > 0)
                        sim_kernel_advance_leaving(k);
                size_t other = random_chance(r, 50) ? k->controllers[instance].target
                                                    : random_below(r, k->n_targets);
                if (sim_kernel_begin_connect(k, other, false) >= 0)
                        (void) sim_kernel_end_connect(k);
        }
}

static void disturb(Sim *s)
{
        SimKernel *k = &s->kernel;
        Random *r = &k->random;
        size_t target = random_below(r, k->n_targets);
        SimTarget *far = &k->targets[k->targets[target].far_end];
        int instance = sim_kernel_find(k, target);

        switch (random_below(r, 6)) {
        case 0: /* nvme connect */
                (void) sim_kernel_begin_connect(k, target, false);
                return;
        case 1:
                far->reachable = !far->reachable;
                return;
        case 2:
                far->log_version++;
                for (size_t i = 0; i < k->n_controllers; i++)
                        if (k->controllers[i].phase == SIM_LIVE &&
                            &k->targets[k->targets[k->controllers[i].target].far_end] == far)
                                sim_kernel_emit(k, KERNEL_LOG_CHANGED, (int) i);
                return;
        case 3: /* a local disk */
                sim_kernel_emit(k, KERNEL_ADDED, (int) k->n_controllers);
                return;
        default:
                if (instance >= 0)
                        disturb_controller(s, instance);
        }
}

static void plan(Sim *s)
{
        const Plan *p;

        CHECK(s, engine_plan(s->engine, s->now, &p) == 0, "memory");
        for (size_t i = 0; i < p->n_notes; i++)
                sim_check_note(s, &p->notes[i]);
        for (size_t i = 0; i < p->n_actions; i++) {
                sim_check_action(s, &p->actions[i]);
                sim_kernel_submit(&s->kernel, &p->actions[i]);
        }
        CHECK(s, engine_plan(s->engine, s->now, &p) == 0 && p->n_actions == 0,
              "planning twice acts twice");
        CHECK(s, p->wake_at > s->now, "a deadline that has passed");
        sim_observe_rows(s);
}

typedef struct Restored {
        int instance;
        uint64_t inode;
} Restored;

/* What the state file knows is ours; it may be older than the last connection. */
static Restored *collect_restored(Sim *s, size_t *ret_n)
{
        Restored *list = calloc(s->kernel.n_controllers, sizeof(*list));
        size_t n = 0;

        for (const DeviceNode *d = engine_next_device(s->engine, NULL); d;
             d = engine_next_device(s->engine, d))
                if (d->ours && d->device && random_chance(&s->kernel.random, 90))
                        list[n++] = (Restored) { d->instance, d->device->inode };
        *ret_n = n;
        return list;
}

static void start(Sim *s, Policy *policy)
{
        CHECK(s, engine_new(policy, &s->engine) == 0, "memory");
        change_network(s, false);
}

/* Killed and started again: what the kernel was doing for us goes on without us. */
static void restart(Sim *s)
{
        SimKernel *k = &s->kernel;
        size_t n;
        Restored *restored = collect_restored(s, &n);

        s->n_restarts++;
        s->scanned = false;
        s->engine = engine_free(s->engine);
        while (k->n_jobs > 0)
                sim_kernel_drop_job(k, &k->jobs[k->n_jobs - 1]);
        k->starting_for_us = false;
        k->n_uevents = 0;
        k->overflow = false;
        for (size_t t = 0; t < k->n_targets; t++) {
                s->truth[t].told = false;
                s->truth[t].n_ncc_connects = 0;
        }
        for (size_t i = 0; i < s->n_connections_allocated; i++)
                s->connections[i].mine = false;

        start(s, make_policy(s, false));
        for (size_t i = 0; i < n; i++) {
                sim_connection(s, restored[i].inode)->mine = true;
                CHECK(s,
                      engine_restore_device(s->engine, restored[i].instance, restored[i].inode) ==
                              0,
                      "memory");
        }
        free(restored);
        for (size_t i = 0; i < s->n_sources; i++) {
                memset(s->sources[i].confirmed, 0, sizeof(s->sources[i].confirmed));
                if (s->sources[i].kind == SOURCE_CONFIGURED)
                        say(s, i, SOURCE_COMPLETE, false);
                else if (!s->sources[i].dropped)
                        say(s, i, SOURCE_UNKNOWN, true);
        }
        sim_refresh_truth(s);
}

/* What happens now may be a reason to try again at once. */
static void forgive(Sim *s)
{
        for (size_t t = 0; t < s->kernel.n_targets; t++)
                s->truth[t].failed_at = 0;
}

static void step(Sim *s)
{
        Random *r = &s->kernel.random;

        s->now += random_chance(r, 90) ? random_below(r, 20 * USEC_PER_MSEC)
                                       : random_below(r, 5 * USEC_PER_SEC);
        switch (random_below(r, 20)) {
        case 0:
        case 1:
                forgive(s);
                change_source(s);
                break;
        case 2:
        case 3:
                disturb(s);
                break;
        case 4:
        case 5:
                deliver_uevents(s);
                break;
        case 6:
                forgive(s);
                if (random_chance(r, 10))
                        change_configuration(s);
                else if (random_chance(r, 1))
                        restart(s);
                break;
        default:
                advance(s);
        }
        plan(s);
        sim_check_rows(s, s->step % 1024 == 0);
}

/* Until nothing is under way and nothing waits. */
static void settle(Sim *s)
{
        SimKernel *k = &s->kernel;

        for (;;) {
                const Plan *p;
                plan(s);
                while (k->n_jobs > 0 || k->n_uevents > 0 || k->overflow || k->n_leaving > 0 ||
                       k->starting >= 0) {
                        s->now += USEC_PER_MSEC;
                        deliver_uevents(s);
                        advance(s);
                        plan(s);
                }
                CHECK(s, engine_plan(s->engine, s->now, &p) == 0, "memory");
                if (p->wake_at == USEC_INFINITY)
                        break;
                s->now = p->wake_at;
        }
}

/* No more faults: everything is reachable and complete, every message arrives. */
static void converge(Sim *s)
{
        SimKernel *k = &s->kernel;

        k->faults = false;
        for (size_t i = 0; i < k->n_targets; i++) {
                k->targets[i].reachable = true;
                k->targets[i].ncc = false;
        }
        for (size_t i = 0; i < k->n_controllers; i++)
                if (k->controllers[i].phase == SIM_CONNECTING)
                        sim_kernel_toggle_connection(k, (int) i);
        forgive(s);
        change_network(s, false);
        for (size_t i = 0; i < s->n_sources; i++)
                say(s, i, SOURCE_COMPLETE, false);
        settle(s);
        sim_check_converged(s);
}

static void release(Sim *s)
{
        s->releasing = true;
        engine_release_all(s->engine);
        settle(s);
        CHECK(s, !engine_is_busy(s->engine), "gave up all and is still busy");
        sim_check_released(s);
}

static void sim_init(Sim *s, uint64_t seed, ControllerKind kind, size_t n_targets)
{
        *s = (Sim) {
                .seed = seed,
                .now = USEC_PER_SEC,
                .n_sources = n_targets / TARGETS_PER_SOURCE,
        };
        sim_kernel_init(&s->kernel, seed, kind, n_targets);
        s->sources = calloc(s->n_sources, sizeof(*s->sources));
        s->truth = calloc(n_targets, sizeof(*s->truth));
        CHECK(s, s->sources && s->truth, "memory");
        start(s, make_policy(s, seed % 2));
        for (size_t i = 0; i < s->n_sources; i++) {
                SimSource *src = &s->sources[i];
                src->kind = i % 4 == 0            ? SOURCE_CONFIGURED
                            : (i + seed) % 4 == 0 ? SOURCE_NBFT
                                                  : SOURCE_DISCOVERY_LOG;
                for (size_t t = 0; t < TARGETS_LISTED; t++)
                        src->listed[t] = random_chance(&s->kernel.random, 80);
                say(s, i, SOURCE_COMPLETE, false);
        }
}

static void sim_done(Sim *s)
{
        (void) engine_free(s->engine);
        sim_kernel_done(&s->kernel);
        free(s->sources);
        free(s->truth);
        free(s->connections);
}

static void sim_run(uint64_t seed, ControllerKind kind, size_t n_targets, uint64_t n_steps,
                    bool quiet)
{
        Sim s;

        sim_init(&s, seed, kind, n_targets);
        for (s.step = 1; s.step <= n_steps; s.step++)
                step(&s);
        converge(&s);
        if (seed % 3 == 0)
                release(&s);
        if (!quiet)
                (void) printf("seed %llu %s: %zu targets, %llu steps, %zu connects, %zu "
                              "disconnects, %zu logs read, %zu restarts\n",
                              (unsigned long long) seed, kind == CONTROLLER_IO ? "io" : "discovery",
                              n_targets, (unsigned long long) n_steps, s.n_connects,
                              s.n_disconnects, s.n_log_reads, s.n_restarts);
        sim_done(&s);
}

int main(int argc, char **argv)
{
        uint64_t targets = 2000, steps = 10000, seed = 1, count = 1;
        bool quiet = false;
        int c;

        while ((c = getopt(argc, argv, "t:n:s:c:q")) != -1) {
                uint64_t *arg = c == 't' ? &targets : c == 'n' ? &steps : c == 's' ? &seed : &count;
                if (c == 'q')
                        quiet = true;
                else if (c == '?' || text_to_u64(optarg, 1, 100000000, arg) < 0)
                        return EXIT_FAILURE;
        }
        targets = MAX(targets / TARGETS_PER_SOURCE, 1U) * TARGETS_PER_SOURCE;
        for (uint64_t i = 0; i < count; i++) {
                sim_run(seed + i, CONTROLLER_IO, targets, steps, quiet);
                sim_run(seed + i, CONTROLLER_DISCOVERY, targets, steps, quiet);
        }
        return EXIT_SUCCESS;
}

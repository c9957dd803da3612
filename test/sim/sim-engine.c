/* SPDX-License-Identifier: Apache-2.0 */

/* The real engines of two daemons on a simulated kernel, network and clock. All events are derived
 * from a seed: failures, losses, delays, kills of a daemon. Invariants are checked after each step;
 * at the end the faults stop, and the kernel must have exactly the wanted connections.
 *
 * sim-engine [-t TARGETS] [-n STEPS] [-s SEED] [-c COUNT] [-r FOLDER] [-q] [-v]: COUNT seeds from
 * SEED on. -r: records both daemons for stas-replay, to analyze failures. */

#include <getopt.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "sim-daemon.h"

#define STOP_TIMEOUT_USEC (3 * USEC_PER_SEC)
#define SETTLE_USEC (STALL_WAIT_MAX_USEC + 60 * USEC_PER_SEC) /* a connect may still fail */

typedef struct Arguments {
        uint64_t n_targets, n_steps, seed, count;
        const char *recordings;
        bool quiet, verbose;
} Arguments;

static SimDaemon *choose_daemon(Sim *s)
{
        return &s->daemons[random_below(&s->kernel.random, SIM_N_DAEMONS)];
}

/* Ends a connect that none of the daemons waits for. */
static void end_connect_of_others(Sim *s)
{
        SimKernel *k = &s->kernel;
        bool of_others = k->starter == SIM_OTHERS;
        int instance = sim_kernel_end_connect(k);

        sim_trace(s, NULL, "a connect of %s ends: %i", of_others ? "others" : "the dead", instance);
        if (instance >= 0 && of_others && k->faults && random_chance(&k->random, 25))
                sim_set_owner(s, instance, SIM_OWNER_OTHER);
}

/* Advances one of the operations under way by one step. */
static void advance(Sim *s)
{
        SimKernel *k = &s->kernel;
        SimDaemon *d = choose_daemon(s);

        if (k->starting >= 0 && k->starter < 0 && random_chance(&k->random, 20))
                end_connect_of_others(s);
        else if (k->n_leaving > 0 && random_chance(&k->random, 30))
                sim_kernel_advance_leaving(k);
        else if (random_chance(&k->random, 15))
                sim_follower_step(s);
        else if (random_chance(&k->random, 10))
                sim_daemon_read_options(s, d);
        else
                sim_daemon_advance(s, d);
}

static void change_configuration(Sim *s, SimDaemon *d)
{
        switch (random_below(&s->kernel.random, 4)) {
        case 0:
                sim_retry_now(s, d);
                return;
        case 1:
                sim_forgive_pace(s, d);
                sim_tell(s, d, (EngineInput) { .kind = INPUT_REREAD_LOGS });
                return;
        case 2:
                sim_change_network(s, random_chance(&s->kernel.random, 50));
                return;
        default:
                sim_change_policy(s, d);
        }
}

/* Changes the configuration that the daemon will read at its next start. */
static void edit_configuration(Sim *s, SimDaemon *d)
{
        Random *r = &s->kernel.random;

        for (size_t i = 0; i < d->n_own_sources; i++)
                if (d->sources[i].kind == SOURCE_CONFIGURED && !d->sources[i].dropped &&
                    random_chance(r, 20))
                        d->sources[i].listed[random_below(r, SIM_PLACES)] ^= true;
}

/* stafd without persistent-connections. */
static void begin_release(Sim *s, SimDaemon *d)
{
        sim_trace(s, d, "gives up all");
        d->releasing = true;
        d->release_by = s->now + STOP_TIMEOUT_USEC;
        sim_tell(s, d, (EngineInput) { .kind = INPUT_RELEASE_ALL });
}

static void end_release(Sim *s, SimDaemon *d)
{
        if (s->now < d->release_by && engine_is_busy(d->engine))
                return;
        if (!engine_is_busy(d->engine))
                sim_check_released(s, d);
        sim_state_save(s, d);
        sim_daemon_kill(s, d);
}

static void stop(Sim *s, SimDaemon *d)
{
        Random *r = &s->kernel.random;

        if (d->role == CONTROLLER_DISCOVERY && random_chance(r, 20)) {
                begin_release(s, d);
                return;
        }
        if (random_chance(r, 30))
                sim_state_save(s, d); /* as requested */
        sim_daemon_kill(s, d);
        if (random_chance(r, 30))
                edit_configuration(s, d);
        if (random_chance(r, 50))
                sim_daemon_start(s, d);
}

static void disturb_daemon(Sim *s, SimDaemon *d)
{
        static const unsigned kills[] = { 0, 2, 10 }; /* percent */
        Random *r = &s->kernel.random;

        if (random_chance(r, kills[s->seed % ELEMENTSOF(kills)]))
                stop(s, d);
        else if (random_chance(r, 10))
                change_configuration(s, d);
}

static void step_daemon(Sim *s, SimDaemon *d)
{
        switch (random_below(&s->kernel.random, 5)) {
        case 0:
        case 1:
                sim_change_source(s, d);
                return;
        case 2:
        case 3:
                sim_daemon_deliver_uevents(s, d);
                return;
        default:
                disturb_daemon(s, d);
        }
}

static void plan(Sim *s)
{
        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                if (s->daemons[i].engine)
                        sim_daemon_plan(s, &s->daemons[i]);
        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                if (s->daemons[i].engine && s->daemons[i].releasing)
                        end_release(s, &s->daemons[i]);
}

static void step(Sim *s)
{
        Random *r = &s->kernel.random;
        SimDaemon *d = choose_daemon(s);

        s->now += random_chance(r, 90) ? random_below(r, 20 * USEC_PER_MSEC)
                                       : random_below(r, 5 * USEC_PER_SEC);
        sim_flap(s);
        switch (random_below(r, 20)) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4:
                sim_forgive(s);
                if (d->engine)
                        step_daemon(s, d);
                else if (random_chance(r, 10))
                        sim_daemon_start(s, d);
                break;
        case 5:
        case 6:
                sim_disturb(s);
                break;
        default:
                for (size_t n = random_below(r, 4) + 1; n > 0; n--)
                        advance(s);
        }
        plan(s);
        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                if (s->daemons[i].engine)
                        sim_check_rows(s, &s->daemons[i], s->step % 1024 == 0);
}

static bool is_busy(const Sim *s)
{
        const SimKernel *k = &s->kernel;

        return k->n_leaving > 0 || k->starting >= 0 || sim_follower_is_busy(s) ||
               sim_daemon_is_busy(s, &s->daemons[0]) || sim_daemon_is_busy(s, &s->daemons[1]);
}

static usec_t next_wake(Sim *s)
{
        usec_t at = sim_follower_wake_at(s);

        for (size_t i = 0; i < SIM_N_DAEMONS; i++) {
                if (s->daemons[i].engine)
                        at = MIN(at, sim_plan(s, &s->daemons[i])->wake_at);
        }
        return at;
}

/* Continues until no operation is under way and only devices in use are waited for. */
static void settle(Sim *s)
{
        usec_t end = usec_add(s->now, SETTLE_USEC);

        for (;;) {
                plan(s);
                while (is_busy(s)) {
                        s->now += USEC_PER_MSEC;
                        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                                if (s->daemons[i].engine)
                                        sim_daemon_deliver_uevents(s, &s->daemons[i]);
                        advance(s);
                        plan(s);
                }
                usec_t at = next_wake(s);
                if (at > end)
                        return;
                s->now = at;
        }
}

static void hear_all(Sim *s, SimDaemon *d)
{
        for (size_t i = 0; i < d->n_own_sources; i++)
                if (!d->sources[i].dropped)
                        sim_say(s, d, i, SOURCE_COMPLETE);
                else if (d->sources[i].present)
                        sim_hear_end(s, d, &d->sources[i]);
}

/* What an owner's discovery controller lists is the owner's: all of them end. */
static void end_owners_of_dcs(Sim *s)
{
        SimKernel *k = &s->kernel;

        for (int i = 0; i < (int) k->n_names_used; i++) {
                size_t target = k->controllers[i].target;
                if (sim_target_far_end(&k->targets, target)->kind != CONTROLLER_DISCOVERY ||
                    sim_kernel_owner(k, i) != SIM_OWNER_OTHER)
                        continue;
                sim_set_owner(s, i, SIM_OWNER_NONE);
        }
}

/* Ends all faults: all targets are reachable, all sources complete, and no event is lost. */
static void converge(Sim *s)
{
        sim_trace(s, NULL, "the faults end");
        sim_end_faults(s);
        sim_forgive(s);
        for (size_t i = 0; i < SIM_N_DAEMONS; i++) {
                SimDaemon *d = &s->daemons[i];
                if (d->engine && d->releasing)
                        sim_daemon_kill(s, d);
                if (!d->engine)
                        sim_daemon_start(s, d);
        }
        sim_change_network(s, false);
        end_owners_of_dcs(s);
        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                hear_all(s, &s->daemons[i]);
        settle(s);
        sim_check_outcome(s);
        sim_trace(s, NULL, "all namespaces are released");
        sim_release_namespaces(s);
        settle(s);
        sim_check_outcome(s);
}

static void release(Sim *s, SimDaemon *d)
{
        begin_release(s, d);
        d->release_by = USEC_INFINITY;
        settle(s);
        CHECK(s, d, !d->engine, "it gave up all and is still busy");
}

static void init_logs(Sim *s)
{
        SimTargets *t = &s->kernel.targets;
        size_t n_ios = t->n_far_ends - t->n_dcs;

        for (size_t dc = 0; dc < t->n_dcs; dc++)
                for (size_t i = 0; i < MIN(n_ios, (size_t) 16); i++)
                        t->far_ends[dc].log[(dc * 10 + i) % n_ios] =
                                random_chance(&s->kernel.random, 60);
        /* Chains, some of them longer than the limit, and rings. */
        for (size_t dc = 0; dc < t->n_dcs; dc++) {
                if (random_chance(&s->kernel.random, s->seed % 3 ? 60 : 95))
                        t->far_ends[dc].referrals[(dc + 1) % t->n_dcs] = 1;
                if (random_chance(&s->kernel.random, 30))
                        t->far_ends[dc].referrals[random_below(&s->kernel.random, t->n_dcs)] = 2;
        }
}

static void sim_init(Sim *s, const Arguments *a, uint64_t seed)
{
        SimSize size = {
                .n_dcs = 8 + a->n_targets / 20,
                .n_ios = a->n_targets,
                .n_paths = 1 + seed % 3,
        };

        *s = (Sim) {
                .seed = seed,
                .recordings = a->recordings,
                .verbose = a->verbose,
                .now = USEC_PER_SEC,
                .plain = seed % 4 == 0,
                .flaps = seed % 5 == 0,
        };
        (void) snprintf(s->replay, sizeof(s->replay),
                        "sim-engine -t %llu -n %llu -s %llu -c 1 -v -r .",
                        (unsigned long long) a->n_targets, (unsigned long long) a->n_steps,
                        (unsigned long long) seed);
        sim_kernel_init(&s->kernel, seed, size);
        s->truth = sim_must(calloc(s->kernel.targets.n_targets, sizeof(*s->truth)));
        s->paths = sim_must(calloc(s->kernel.targets.n_portals * SIM_WAYS, sizeof(*s->paths)));
        init_logs(s);
        for (size_t i = 0; i < SIM_N_DAEMONS; i++) {
                SimDaemon *d = &s->daemons[i];
                size_t n = i == CONTROLLER_IO ? size.n_ios : size.n_dcs;
                d->role = (ControllerKind) i;
                d->name = i == CONTROLLER_IO ? "stacd" : "stafd";
                sim_sources_init(s, d, MAX(n / SIM_PLACES_APART, (size_t) 3));
        }
        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                sim_daemon_start(s, &s->daemons[i]);
}

static void sim_done(Sim *s)
{
        for (size_t i = 0; i < SIM_N_DAEMONS; i++)
                sim_daemon_done(&s->daemons[i]);
        s->follower = sim_follower_free(s->follower);
        sim_kernel_done(&s->kernel);
        free(s->truth);
        free(s->paths);
        free(s->connections);
}

static void print_summary(const Sim *s)
{
        (void) printf("seed %llu:", (unsigned long long) s->seed);
        for (size_t i = 0; i < SIM_N_DAEMONS; i++) {
                const SimDaemon *d = &s->daemons[i];
                (void) printf(
                        " %s %u starts, %zu probes, %zu connects, %zu disconnects (%zu refused)%s",
                        d->name, d->n_starts, d->n_probes, d->n_connects, d->n_disconnects,
                        d->n_refused, i == 0 ? ";" : "\n");
        }
}

static void sim_run(const Arguments *a, uint64_t seed)
{
        Sim s;

        sim_init(&s, a, seed);
        for (s.step = 1; s.step <= a->n_steps; s.step++)
                step(&s);
        converge(&s);
        if (seed % 3 == 0)
                release(&s, &s.daemons[CONTROLLER_DISCOVERY]);
        if (!a->quiet)
                print_summary(&s);
        sim_done(&s);
}

int main(int argc, char **argv)
{
        Arguments a = { .n_targets = 2000, .n_steps = 10000, .seed = 1, .count = 1 };
        int c;

        while ((c = getopt(argc, argv, "t:n:s:c:r:qv")) != -1) {
                uint64_t *number = c == 't'   ? &a.n_targets
                                   : c == 'n' ? &a.n_steps
                                   : c == 's' ? &a.seed
                                              : &a.count;
                if (c == 'r')
                        a.recordings = optarg;
                else if (c == 'q')
                        a.quiet = true;
                else if (c == 'v')
                        a.verbose = true;
                else if (c == '?' || text_to_u64(optarg, 1, 100000000, number) < 0)
                        return EXIT_FAILURE;
        }
        for (uint64_t i = 0; i < a.count; i++)
                sim_run(&a, a.seed + i);
        return EXIT_SUCCESS;
}

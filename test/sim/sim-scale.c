/* SPDX-License-Identifier: Apache-2.0 */

/* The real engine with thousands of controllers on a fabric without errors, except for portals that
 * never answer, or portals with one subsystem whose connect stalls: measures the time until all
 * others are live, and the cost of a change afterwards.
 *
 * sim-scale [-n CONTROLLERS] [-d DEAD_PORTALS] [-s STALLING] [-c CHANGES]
 *
 * Time is simulated. Prints the simulated time and the number of operations. Fails with dead
 * portals if the live ones take longer than without, and with stalling ones if the others wait for
 * more than one stall of each, or if stalls hold the kernel for more than a tenth of any ten
 * minutes later. The cost is measured in callgrind (scale.py) for the functions cold_start() and
 * changes(). */

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "plan/engine.h"
#include "plan/test-ends.h"

enum {
        PER_PORTAL = 16,
        PER_SET = 64,
        PER_DEAD_PORTAL = 4,
};

#define CONNECT_USEC (5 * USEC_PER_MSEC) /* in the kernel, one at a time */
#define PROBE_USEC (1 * USEC_PER_MSEC)
#define QUICK_USEC (1 * USEC_PER_MSEC) /* any other operation */
#define STALLED_USEC (60 * USEC_PER_SEC)
#define WINDOW_USEC (600 * USEC_PER_SEC)
#define GIVE_UP_USEC (3600 * USEC_PER_SEC)

typedef struct Pending {
        usec_t due;
        Operation operation;
        uint64_t op_id;
        int instance, error;
        Tid *tid; /* CONNECT */
} Pending;

typedef struct Scale {
        Engine *engine;
        usec_t now;
        size_t n_live_wanted, n_dead_portals;
        size_t n_stalling; /* portals whose first subsystem stalls */
        Pending pending[ENGINE_PROBES_MAX + 64];
        size_t n_pending;
        Tid **connected; /* by instance; NULL: removed */
        size_t n_connected, n_connected_allocated, n_live;
        size_t n_plans, n_probes, n_connects, n_reads;
        usec_t *stalls; /* begin of each stall */
        size_t n_stalls, n_stalls_allocated;
} Scale;

static void must(int r)
{
        if (r < 0)
                abort();
}

static Tid *make_tid(size_t portal, size_t subsystem, bool is_dead)
{
        char traddr[64], nqn[64];
        Tid *tid;

        (void) snprintf(traddr, sizeof(traddr), "10.%u.%zu.%zu", is_dead ? 66U : 1U, portal / 250,
                        portal % 250 + 1);
        (void) snprintf(nqn, sizeof(nqn), "nqn.2024-01.scale:%06zu", subsystem);
        const TidFields fields = { .transport = "tcp", .traddr = traddr, .subsysnqn = nqn };
        must(tid_new(&fields, CONTROLLER_IO, &tid));
        return tid;
}

static bool is_dead(const Tid *t)
{
        return t->address.bytes[1] == 66;
}

/* The number of the subsystem is the last part of its NQN. */
static bool is_stalling(const Scale *s, const Tid *t)
{
        uint64_t subsystem;

        must(text_to_u64(strrchr(t->subsysnqn, ':') + 1, 0, UINT32_MAX, &subsystem));
        return !is_dead(t) && subsystem % PER_PORTAL == 0 && subsystem / PER_PORTAL < s->n_stalling;
}

/* Sets the log of one discovery controller: subsystems from first on, except one. */
static void say(Scale *s, size_t first, size_t left_out)
{
        char key[32];
        SourceSet *set;

        (void) snprintf(key, sizeof(key), "dc %06zu", first);
        must(source_set_new(key, SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, &set));
        for (size_t i = first; i < MIN(first + PER_SET, s->n_live_wanted); i++)
                if (i != left_out && !source_set_add(set, make_tid(i / PER_PORTAL, i, false), key))
                        abort();
        source_set_seal(set);
        must(engine_set_source(s->engine, set, s->now));
}

static void say_dead(Scale *s)
{
        SourceSet *set;

        if (s->n_dead_portals == 0)
                return;
        must(source_set_new("dead", SOURCE_CONFIGURED, SOURCE_COMPLETE, &set));
        for (size_t i = 0; i < s->n_dead_portals * PER_DEAD_PORTAL; i++)
                if (!source_set_add(set, make_tid(i / PER_DEAD_PORTAL, i, true), "dead"))
                        abort();
        source_set_seal(set);
        must(engine_set_source(s->engine, set, s->now));
}

static void begin(Scale *s, size_t n_live, size_t n_dead_portals, size_t n_stalling)
{
        Policy *p = calloc(1, sizeof(*p));

        if (!p)
                abort();
        *s = (Scale) { .now = 1000 * USEC_PER_SEC,
                       .n_live_wanted = n_live,
                       .n_dead_portals = n_dead_portals,
                       .n_stalling = n_stalling };
        p->role = CONTROLLER_IO;
        p->ip_families = IP_FAMILY_IPV4 | IP_FAMILY_IPV6;
        p->disconnect_transports = 1U << TRANSPORT_TCP;
        settings_init(&p->settings);
        must(engine_new(p, &s->engine));
}

static void end(Scale *s)
{
        (void) engine_free(s->engine);
        for (size_t i = 0; i < s->n_connected; i++)
                (void) tid_free(s->connected[i]);
        for (size_t i = 0; i < s->n_pending; i++)
                (void) tid_free(s->pending[i].tid);
        free(s->connected);
        free(s->stalls);
}

static Device *make_device(const Scale *s, int instance)
{
        Device *d = calloc(1, sizeof(*d));

        if (!d)
                abort();
        *d = (Device) {
                .instance = instance,
                .inode = (uint64_t) instance + 1,
                .state = DEVICE_LIVE,
                .kind = CONTROLLER_IO,
                .host_id = strdup(""),
                .model = strdup(""),
                .serial = strdup(""),
                .cntrltype = strdup(""),
                .dctype = strdup(""),
        };
        must(tid_dup(s->connected[instance], &d->tid));
        return d;
}

/* ---- actions ---- */

static void cancel(Scale *s, uint64_t op_id)
{
        for (size_t i = 0; i < s->n_pending; i++)
                if (s->pending[i].op_id == op_id) {
                        s->pending[i] = s->pending[--s->n_pending];
                        return;
                }
}

static void take_action(Scale *s, const Action *a)
{
        Pending p = { .due = s->now + QUICK_USEC,
                      .operation = a->operation,
                      .op_id = a->op_id,
                      .instance = a->instance };

        if (a->operation == OPERATION_CANCEL_PROBE) {
                cancel(s, a->cancels);
                return;
        }
        if (a->operation == OPERATION_PROBE) {
                s->n_probes++;
                bool dead = is_dead(a->row->tid);
                p.due = s->now + (dead ? a->timeout : PROBE_USEC);
                p.error = dead ? -ETIMEDOUT : 0;
        }
        if (a->operation == OPERATION_CONNECT) {
                p.due = s->now + CONNECT_USEC;
                must(tid_dup(a->row->tid, &p.tid));
                if (is_stalling(s, p.tid)) {
                        p.due = s->now + STALLED_USEC;
                        p.error = -ETIME;
                        must(ARRAY_RESERVE(s->stalls, s->n_stalls_allocated, s->n_stalls + 1));
                        s->stalls[s->n_stalls++] = s->now;
                }
                if (is_dead(p.tid)) {
                        (void) fprintf(stderr, "the kernel is asked to connect a dead one\n");
                        exit(EXIT_FAILURE);
                }
        }
        s->n_reads += a->operation == OPERATION_READ_DEVICE;
        if (s->n_pending == ELEMENTSOF(s->pending))
                abort();
        s->pending[s->n_pending++] = p;
}

static usec_t plan(Scale *s)
{
        const Plan *p;

        s->n_plans++;
        must(engine_plan(s->engine, s->now, &p));
        for (size_t i = 0; i < p->n_actions; i++)
                take_action(s, &p->actions[i]);
        return p->wake_at;
}

/* ---- completions ---- */

static void connected(Scale *s, const Pending *p)
{
        int instance = (int) s->n_connected;

        s->n_connects++;
        must(ARRAY_RESERVE(s->connected, s->n_connected_allocated, s->n_connected + 1));
        s->connected[s->n_connected++] = p->tid;
        s->n_live++;
        must(engine_kernel_event(s->engine, KERNEL_ADDED, instance, s->now));
        must(engine_kernel_event(s->engine, KERNEL_CONNECTED, instance, s->now));
        must(end_connect(s->engine, p->op_id, 0, instance, (uint64_t) instance + 1, s->now));
}

static void disconnected(Scale *s, const Pending *p)
{
        s->connected[p->instance] = tid_free(s->connected[p->instance]);
        s->n_live--;
        must(engine_kernel_event(s->engine, KERNEL_REMOVED, p->instance, s->now));
        must(end_disconnect(s->engine, p->op_id, 0, NULL, s->now));
}

static void complete(Scale *s, const Pending *p)
{
        if (p->operation == OPERATION_PROBE) {
                must(end_probe(s->engine, p->op_id, p->error, s->now));
        } else if (p->operation == OPERATION_CONNECT && p->error < 0) {
                (void) tid_free(p->tid);
                must(end_connect(s->engine, p->op_id, p->error, -1, 0, s->now));
        } else if (p->operation == OPERATION_CONNECT) {
                connected(s, p);
        } else if (p->operation == OPERATION_DISCONNECT) {
                disconnected(s, p);
        } else if (p->operation == OPERATION_READ_DEVICE) {
                must(end_read_device(s->engine, p->op_id, p->instance, 0,
                                     make_device(s, p->instance), s->now));
        } else if (p->operation == OPERATION_SCAN) {
                must(end_scan(s->engine, p->op_id, 0, NULL, 0, s->now));
        } else {
                abort(); /* for discovery controllers only */
        }
}

static Pending *find_next(Scale *s)
{
        Pending *first = NULL;

        for (size_t i = 0; i < s->n_pending; i++)
                if (!first || s->pending[i].due < first->due)
                        first = &s->pending[i];
        return first;
}

/* Completes the next operation. Returns the time of the next plan. */
static usec_t run_next(Scale *s, usec_t wake)
{
        Pending *next = find_next(s);
        usec_t due = next ? next->due : USEC_INFINITY;

        s->now = MAX(s->now, MIN(due, wake));
        if (next && due <= s->now) {
                Pending p = *next;
                *next = s->pending[--s->n_pending];
                complete(s, &p);
        }
        return plan(s);
}

/* Runs until this many controllers are live and have been read. */
static void run_until(Scale *s, size_t n_live)
{
        usec_t give_up = s->now + GIVE_UP_USEC, wake = plan(s);

        while (s->n_live != n_live || s->n_reads < s->n_connects) {
                wake = run_next(s, wake);
                if (s->now >= give_up) {
                        (void) fprintf(stderr, "%zu are live, %zu should be\n", s->n_live, n_live);
                        exit(EXIT_FAILURE);
                }
        }
}

/* Checks that at most n_stalling stalls begin within any ten minutes, and that stalled connects are
 * retried. */
static void watch_stalls(Scale *s)
{
        usec_t end = s->now + 10 * WINDOW_USEC, wake = plan(s);
        size_t first = s->n_stalls;

        while (s->now < end)
                wake = run_next(s, wake);
        for (size_t i = first; i + s->n_stalling < s->n_stalls; i++)
                if (s->stalls[i + s->n_stalling] < s->stalls[i] + WINDOW_USEC) {
                        (void) fprintf(stderr, "a portal has more than a tenth of the time\n");
                        exit(EXIT_FAILURE);
                }
        if (s->n_stalls < first + 8 * s->n_stalling) {
                (void) fprintf(stderr, "what stalled is not tried again\n");
                exit(EXIT_FAILURE);
        }
}

/* ---- measurements ---- */

__attribute__((noinline)) void cold_start(Scale *s);
__attribute__((noinline)) void changes(Scale *s, size_t n);

void cold_start(Scale *s)
{
        say_dead(s);
        for (size_t i = 0; i < s->n_live_wanted; i += PER_SET)
                say(s, i, SIZE_MAX);
        run_until(s, s->n_live_wanted - s->n_stalling);
}

/* Removes a subsystem from a log, and adds it again. */
void changes(Scale *s, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                size_t which = i * 7919 % s->n_live_wanted, first = which / PER_SET * PER_SET;
                say(s, first, which);
                run_until(s, s->n_live_wanted - 1);
                say(s, first, SIZE_MAX);
                run_until(s, s->n_live_wanted);
        }
}

static usec_t measure(size_t n_live, size_t n_dead_portals, size_t n_stalling, size_t n_changes)
{
        Scale s;

        begin(&s, n_live, n_dead_portals, n_stalling);
        usec_t begun = s.now;
        cold_start(&s);
        usec_t took = s.now - begun;
        (void) printf(
                "%zu controllers, %zu dead portals, %zu stalling: live after %.3f s; %zu plans, "
                "%zu probes, %zu connects, %zu stalls\n",
                n_live, n_dead_portals, n_stalling, (double) took / (double) USEC_PER_SEC,
                s.n_plans, s.n_probes, s.n_connects, s.n_stalls);
        if (n_stalling > 0)
                watch_stalls(&s);
        changes(&s, n_changes);
        end(&s);
        return took;
}

int main(int argc, char **argv)
{
        uint64_t n_live = 10000, n_dead = 0, n_stalling = 0, n_changes = 0;
        int c;

        while ((c = getopt(argc, argv, "n:d:s:c:")) != -1) {
                uint64_t *number = c == 'n'   ? &n_live
                                   : c == 'd' ? &n_dead
                                   : c == 's' ? &n_stalling
                                              : &n_changes;
                if (c == '?' || text_to_u64(optarg, 0, 1000000, number) < 0)
                        return EXIT_FAILURE;
        }
        usec_t alone = measure(n_live, 0, 0, n_changes);
        if (n_dead > 0 && measure(n_live, n_dead, 0, 0) > alone + alone / 50) {
                (void) fprintf(stderr, "the dead ones delay the live ones\n");
                return EXIT_FAILURE;
        }
        usec_t least = alone + n_stalling * STALLED_USEC;
        if (n_stalling > 0 && measure(n_live, 0, n_stalling, 0) > least + least / 10) {
                (void) fprintf(stderr, "the stalling ones delay the live ones\n");
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}

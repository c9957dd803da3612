/* SPDX-License-Identifier: Apache-2.0 */

/* stacd on a real bus: users who call without a pause, and a bus that ends, hangs or is slow. The
 * daemon runs in a separate process, so that it is not slowed down by the callers' work. */

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "bus/test-private-bus.h"
#include "daemon/daemon.h"
#include "plan/test-story.h"

#define N_CONTROLLERS 100
#define N_CONNECTIONS_MAX 20
#define CALLS_OPEN 128 /* limit of the bus per connection */
/* A flood lasts until another user has had this many answers, and this many plans were made. */
#define N_ASKED 100
#define N_PLANS 50
/* Exceeded only if something hangs. Durations are not asserted, since other processes use processor
 * time too. */
#define DEADLINE (60 * USEC_PER_SEC)
#define PLAN_EVERY_USEC (10 * USEC_PER_MSEC)

/* Written by the daemon's process. */
typedef struct Seen {
        uint64_t due_at, latest; /* loop iterations: when a plan was due, and the longest time from
                                  * then to the plan */
        unsigned n_plans;
} Seen;

typedef struct World {
        PrivateBus bus;
        volatile Seen *seen;
        pid_t daemon;
        sd_event_source *plan, *due;

        unsigned n_answers, n_asked;     /* answers to the flooding user and to another user */
        unsigned asked_at, longest_wait; /* in answers to the flooding user */
} World;

static usec_t now(void)
{
        struct timespec t;

        assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
        return (usec_t) t.tv_sec * USEC_PER_SEC + (usec_t) t.tv_nsec / 1000;
}

static void pause_for(usec_t usec)
{
        const struct timespec t = { .tv_sec = (time_t) (usec / USEC_PER_SEC),
                                    .tv_nsec = (long) (usec % USEC_PER_SEC * 1000) };

        (void) nanosleep(&t, NULL);
}

/* ---- the daemon ---- */

static uint64_t turn(sd_event_source *source)
{
        uint64_t n;

        assert_true(sd_event_get_iteration(sd_event_source_get_event(source), &n) >= 0);
        return n;
}

static int on_plan(sd_event_source *source, void *userdata)
{
        World *w = userdata;

        w->seen->latest = MAX(w->seen->latest, turn(source) - w->seen->due_at);
        w->seen->n_plans++;
        assert_true(sd_event_source_set_time_relative(w->due, PLAN_EVERY_USEC) >= 0);
        return sd_event_source_set_enabled(w->due, SD_EVENT_ONESHOT);
}

static int on_plan_due(sd_event_source *source, uint64_t usec, void *userdata)
{
        World *w = userdata;

        w->seen->due_at = turn(source);
        return sd_event_source_set_enabled(w->plan, SD_EVENT_ONESHOT);
}

static void want(Story *s, size_t n)
{
        _cleanup_text_buffer_ TextBuffer names = { 0 };

        for (size_t i = 0; i < n; i++)
                text_buffer_printf(&names, "%ssubsystem-with-a-name-of-some-length-%zu",
                                   i > 0 ? " " : "", i);
        story_say(s, "config", SOURCE_COMPLETE, names.data);
}

static int run_daemon(World *w)
{
        static const DaemonType type = { .name = "stacd", .role = CONTROLLER_IO, .state_file = "" };
        static HostIdentity host = { .nqn = (char *) "nqn.host", .id = (char *) "host" };
        STORY(CONTROLLER_IO);
        Daemon d = { .type = &type, .engine = s.engine, .inputs.host = &host };

        want(&s, N_CONTROLLERS);
        assert_true(sd_event_new(&d.loop.event) >= 0);
        assert_true(sd_event_add_defer(d.loop.event, &w->plan, on_plan, w) >= 0);
        assert_true(sd_event_source_set_enabled(w->plan, SD_EVENT_OFF) >= 0);
        assert_true(sd_event_source_set_priority(w->plan, DAEMON_PRIORITY_PLAN) >= 0);
        assert_true(sd_event_add_time(d.loop.event, &w->due, CLOCK_MONOTONIC, 0, 1, on_plan_due,
                                      w) >= 0);
        assert_int_equal(connections_start(&d), 0);
        int r = sd_event_loop(d.loop.event);
        connections_end(&d);
        return r;
}

static pid_t fork_child(void)
{
        pid_t parent = getpid(), pid = fork();

        assert_true(pid >= 0);
        /* It must not outlive a test that crashes. */
        if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent))
                _exit(EXIT_FAILURE);
        return pid;
}

static void end_child(pid_t pid)
{
        (void) kill(pid, SIGKILL);
        (void) waitpid(pid, NULL, 0);
}

static bool is_alive(pid_t pid)
{
        return waitpid(pid, NULL, WNOHANG) == 0;
}

/* ---- callers ---- */

static sd_bus *connect_to(const World *w, sd_event *event)
{
        sd_bus *bus;
        const char *name;

        assert_int_equal(private_bus_connect(&w->bus, event, &bus), 0);
        assert_true(sd_bus_get_unique_name(bus, &name) >= 0);
        return bus;
}

static sd_bus_message *new_call(sd_bus *bus)
{
        sd_bus_message *m;

        assert_true(sd_bus_message_new_method_call(bus, &m, BUS_STAC_NAME, BUS_STAC_PATH,
                                                   BUS_STAC_NAME, "list_controllers") >= 0);
        assert_true(sd_bus_message_append(m, "b", true) >= 0);
        return m;
}

/* Returns 0 or the error. */
static int call(sd_bus *bus)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_call(bus), *reply = NULL;

        int r = sd_bus_call(bus, m, DEADLINE, NULL, &reply);
        return r < 0 ? r : 0;
}

static void call_without_reply(sd_bus *bus)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_call(bus);

        assert_true(sd_bus_message_set_expect_reply(m, false) >= 0);
        assert_true(sd_bus_send(bus, m, NULL) >= 0);
}

static void call_async(World *w, sd_bus *bus, sd_bus_message_handler_t on_reply)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_call(bus);

        assert_true(sd_bus_call_async(bus, NULL, m, on_reply, w, UINT64_MAX) >= 0);
}

/* Keeps a constant number of calls pending. */
static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        World *w = userdata;

        w->n_answers++;
        call_async(w, sd_bus_message_get_bus(reply), on_answer);
        return 0;
}

static void ask(World *w, sd_bus *bus);

static int on_asked(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        World *w = userdata;

        assert_false(sd_bus_message_is_method_error(reply, NULL));
        w->longest_wait = MAX(w->longest_wait, w->n_answers - w->asked_at);
        w->n_asked++;
        ask(w, sd_bus_message_get_bus(reply));
        return 0;
}

static void ask(World *w, sd_bus *bus)
{
        w->asked_at = w->n_answers;
        call_async(w, bus, on_asked);
}

static bool is_enough(const World *w, unsigned n_plans)
{
        return w->n_asked >= N_ASKED && w->seen->n_plans >= n_plans + N_PLANS;
}

/* One process makes all calls, so that waiting for the processor affects all callers alike. */
static void flood_with_reply(World *w, unsigned n_connections)
{
        unsigned n_plans = w->seen->n_plans;
        usec_t end = now() + DEADLINE;
        sd_bus *buses[N_CONNECTIONS_MAX];
        sd_event *event;

        assert_true(sd_event_new(&event) >= 0);
        for (unsigned i = 0; i < n_connections; i++) {
                buses[i] = connect_to(w, event);
                for (size_t j = 0; j < CALLS_OPEN; j++)
                        call_async(w, buses[i], on_answer);
        }
        sd_bus *other = connect_to(w, event);
        ask(w, other);
        while (!is_enough(w, n_plans)) {
                assert_true(sd_event_run(event, USEC_PER_SEC) >= 0);
                assert_true(now() < end);
        }
        for (unsigned i = 0; i < n_connections; i++)
                sd_bus_close_unref(buses[i]);
        sd_bus_close_unref(other);
        sd_event_unref(event);
        print_message("%u answers to who floods, at most %u of them while another waited\n",
                      w->n_answers, w->longest_wait);
        /* Round robin with each of them, not after all their pending calls. Occasionally all calls
         * of one connection have been answered, and the answers are still in transit. */
        assert_true(w->n_answers / w->n_asked < CALLS_OPEN / 2);
        if (n_connections > 1)
                assert_true(w->longest_wait < n_connections * CALLS_OPEN / 2);
}

/* The plan runs in the iteration after the one in which it was due. */
static void expect_plans_in_time(const World *w)
{
        assert_int_equal(w->seen->latest, 1);
}

/* ---- a world ---- */

static int setup(void **state)
{
        static const char open_to_all[] =
                "<policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/>"
                "<allow send_destination=\"*\" eavesdrop=\"true\"/><allow "
                "eavesdrop=\"true\"/></policy>";
        World *w = calloc(1, sizeof(*w));

        *state = w;
        int r = private_bus_start(&w->bus, open_to_all);
        if (r == -ENOENT)
                return 0;
        assert_int_equal(r, 0);
        w->seen = mmap(NULL, sizeof(*w->seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                       -1, 0);
        assert_ptr_not_equal(w->seen, MAP_FAILED);
        assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", w->bus.address, 1), 0);
        return 0;
}

static int teardown(void **state)
{
        World *w = *state;

        if (w->daemon > 0)
                end_child(w->daemon);
        private_bus_stop(&w->bus);
        if (w->seen)
                (void) munmap((void *) w->seen, sizeof(*w->seen));
        free(w);
        return 0;
}

/* Waits for an answer without a time limit. */
static void await_answer(const World *w)
{
        sd_bus *bus = connect_to(w, NULL);

        for (usec_t end = now() + DEADLINE; call(bus) < 0; pause_for(20 * USEC_PER_MSEC))
                assert_true(now() < end);
        sd_bus_flush_close_unref(bus);
}

static World *world(void **state)
{
        World *w = *state;

        if (!w->bus.address) {
                print_message("no dbus-daemon\n");
                skip();
        }
        w->daemon = fork_child();
        if (w->daemon == 0)
                _exit(run_daemon(w) < 0 ? 100 : 0);
        await_answer(w);
        return w;
}

/* ---- tests ---- */

static void test_flood_without_reply(void **state)
{
        World *w = world(state);
        unsigned n_plans = w->seen->n_plans;
        sd_bus *flood = connect_to(w, NULL), *other = connect_to(w, NULL);

        for (usec_t end = now() + DEADLINE; !is_enough(w, n_plans); w->n_asked++) {
                for (size_t i = 0; i < 1000; i++)
                        call_without_reply(flood);
                assert_true(sd_bus_flush(flood) >= 0);
                assert_int_equal(call(other), 0);
                assert_true(now() < end);
        }
        sd_bus_flush_close_unref(flood);
        sd_bus_flush_close_unref(other);
        expect_plans_in_time(w);
}

static void test_flood_of_one_connection(void **state)
{
        World *w = world(state);

        flood_with_reply(w, 1);
        expect_plans_in_time(w);
}

static void test_flood_of_many_connections(void **state)
{
        World *w = world(state);

        flood_with_reply(w, N_CONNECTIONS_MAX);
        expect_plans_in_time(w);
}

static void test_bus_that_ends_and_comes_back(void **state)
{
        World *w = world(state);

        assert_int_equal(private_bus_restart(&w->bus), 0);
        await_answer(w);
        assert_true(is_alive(w->daemon));
}

/* Planning continues, and no queue grows to the point where it ends the daemon. */
static void test_bus_that_hangs(void **state)
{
        World *w = world(state);

        assert_int_equal(kill(w->bus.pid, SIGSTOP), 0);
        unsigned n_plans = w->seen->n_plans;
        for (usec_t end = now() + DEADLINE; w->seen->n_plans < n_plans + N_PLANS;
             pause_for(20 * USEC_PER_MSEC))
                assert_true(now() < end);
        assert_int_equal(kill(w->bus.pid, SIGCONT), 0);
        await_answer(w);
        assert_true(is_alive(w->daemon));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_flood_without_reply, setup, teardown),
                cmocka_unit_test_setup_teardown(test_flood_of_one_connection, setup, teardown),
                cmocka_unit_test_setup_teardown(test_flood_of_many_connections, setup, teardown),
                cmocka_unit_test_setup_teardown(test_bus_that_ends_and_comes_back, setup, teardown),
                cmocka_unit_test_setup_teardown(test_bus_that_hangs, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* stacd on a real bus: users who call without a pause, and a bus that ends, hangs or is slow. The
 * daemon is a process of its own, that others' calls are nobody else's work. */

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
#define FLOOD_USEC (4 * USEC_PER_SEC)
/* What is promised is a second; other tests take processor time meanwhile. */
#define LONGEST (3 * USEC_PER_SEC)
#define DEADLINE (20 * USEC_PER_SEC)
#define PLAN_EVERY_USEC (10 * USEC_PER_MSEC)

/* What the daemon's process and the callers' say. */
typedef struct Seen {
        usec_t planned_at, plan_longest; /* from one plan to the next */
        unsigned n_plans;
        unsigned long n_calls;
} Seen;

typedef struct World {
        PrivateBus bus;
        volatile Seen *seen;
        pid_t daemon;
        sd_event_source *plan;
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

static int on_plan(sd_event_source *source, void *userdata)
{
        World *w = userdata;

        w->seen->plan_longest = MAX(w->seen->plan_longest, now() - w->seen->planned_at);
        w->seen->planned_at = now();
        w->seen->n_plans++;
        return 0;
}

static int on_plan_due(sd_event_source *source, uint64_t usec, void *userdata)
{
        World *w = userdata;

        assert_true(sd_event_source_set_enabled(w->plan, SD_EVENT_ONESHOT) >= 0);
        assert_true(sd_event_source_set_time_relative(source, PLAN_EVERY_USEC) >= 0);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void want(Story *s, size_t n)
{
        _cleanup_text_buffer_ TextBuffer names = { 0 };

        for (size_t i = 0; i < n; i++)
                text_buffer_printf(&names, "%ssubsystem-with-a-name-of-some-length-%zu",
                                   i > 0 ? " " : "", i);
        say(s, "config", SOURCE_COMPLETE, names.data);
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
        assert_true(sd_event_add_time(d.loop.event, NULL, CLOCK_MONOTONIC, 0, 1, on_plan_due, w) >=
                    0);
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

static sd_bus *connect_to(const World *w)
{
        sd_bus *bus;
        const char *name;

        assert_int_equal(private_bus_connect(&w->bus, NULL, &bus), 0);
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

/* 0 or the error. */
static int call(sd_bus *bus)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_call(bus), *reply = NULL;

        int r = sd_bus_call(bus, m, DEADLINE, NULL, &reply);
        return r < 0 ? r : 0;
}

/* As fast as it can, and without a look at the answers. */
static void flood_without_reply(World *w)
{
        sd_bus *bus = connect_to(w);
        usec_t end = now() + FLOOD_USEC;

        while (now() < end) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_call(bus);

                assert_true(sd_bus_message_set_expect_reply(m, false) >= 0);
                assert_true(sd_bus_send(bus, m, NULL) >= 0);
                assert_true(sd_bus_flush(bus) >= 0);
                w->seen->n_calls++;
        }
        sd_bus_flush_close_unref(bus);
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        sd_bus *bus = sd_bus_message_get_bus(reply);
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_call(bus);
        World *w = userdata;

        w->seen->n_calls++;
        return sd_bus_call_async(bus, NULL, m, on_answer, w, UINT64_MAX);
}

/* Each connection has as many calls open as the bus lets it. */
static void flood_with_reply(World *w, size_t n_connections)
{
        sd_event *event;
        usec_t end = now() + FLOOD_USEC;

        assert_true(sd_event_new(&event) >= 0);
        for (size_t i = 0; i < n_connections; i++) {
                sd_bus *bus = connect_to(w);
                assert_true(sd_bus_attach_event(bus, event, 0) >= 0);
                for (size_t j = 0; j < 128; j++) {
                        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_call(bus);
                        assert_true(sd_bus_call_async(bus, NULL, m, on_answer, w, UINT64_MAX) >= 0);
                }
        }
        while (now() < end)
                assert_true(sd_event_run(event, 10 * USEC_PER_MSEC) >= 0);
}

/* The longest that another user's call takes meanwhile. */
static usec_t ask(sd_bus *bus)
{
        usec_t end = now() + FLOOD_USEC, longest = 0;

        for (usec_t begin; (begin = now()) < end; pause_for(20 * USEC_PER_MSEC)) {
                (void) call(bus); /* what does not come took as long as it was waited for */
                longest = MAX(longest, now() - begin);
        }
        return longest;
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

/* An answer, however late. */
static void await_answer(sd_bus *bus)
{
        usec_t end = now() + DEADLINE;

        while (call(bus) < 0) {
                assert_true(now() < end);
                pause_for(20 * USEC_PER_MSEC);
        }
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
        sd_bus *bus = connect_to(w);
        await_answer(bus);
        sd_bus_flush_close_unref(bus);
        return w;
}

static void expect_no_harm(World *w, pid_t flooder)
{
        sd_bus *bus = connect_to(w);

        w->seen->plan_longest = 0;
        usec_t longest = ask(bus);
        usec_t plan_longest = MAX(w->seen->plan_longest, now() - w->seen->planned_at);
        end_child(flooder);
        sd_bus_flush_close_unref(bus);
        print_message("%lu calls, longest: another's answer %llu ms, from plan to plan %llu ms\n",
                      w->seen->n_calls, (unsigned long long) longest / 1000,
                      (unsigned long long) plan_longest / 1000);
        assert_true(w->seen->n_calls > 0);
        assert_true(longest < LONGEST);
        assert_true(plan_longest < LONGEST);
}

/* ---- tests ---- */

static void test_flood_without_reply(void **state)
{
        World *w = world(state);
        pid_t flooder = fork_child();

        if (flooder == 0) {
                flood_without_reply(w);
                _exit(0);
        }
        expect_no_harm(w, flooder);
}

static void test_flood_of_one_connection(void **state)
{
        World *w = world(state);
        pid_t flooder = fork_child();

        if (flooder == 0) {
                flood_with_reply(w, 1);
                _exit(0);
        }
        expect_no_harm(w, flooder);
}

static void test_flood_of_many_connections(void **state)
{
        World *w = world(state);
        pid_t flooder = fork_child();

        if (flooder == 0) {
                flood_with_reply(w, 20);
                _exit(0);
        }
        expect_no_harm(w, flooder);
}

static void test_bus_that_ends_and_comes_back(void **state)
{
        World *w = world(state);

        assert_int_equal(private_bus_restart(&w->bus), 0);
        sd_bus *bus = connect_to(w);
        await_answer(bus);
        sd_bus_flush_close_unref(bus);
        assert_true(is_alive(w->daemon));
}

/* The plan goes on, and nothing piles up that would end the daemon. */
static void test_bus_that_hangs(void **state)
{
        World *w = world(state);

        assert_int_equal(kill(w->bus.pid, SIGSTOP), 0);
        unsigned n_plans = w->seen->n_plans;
        pause_for(USEC_PER_SEC);
        assert_true(w->seen->n_plans > n_plans + 10);
        assert_int_equal(kill(w->bus.pid, SIGCONT), 0);
        sd_bus *bus = connect_to(w);
        await_answer(bus);
        sd_bus_flush_close_unref(bus);
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

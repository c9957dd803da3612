/* SPDX-License-Identifier: Apache-2.0 */

/* The order in which callers are answered, and which calls are refused. Runs without a bus, on a
 * connection whose peer sets the sender. */

#include "bus/calls.h"

#include <stdio.h>
#include <sys/socket.h>

#include "base/testing.h"
#include "base/text.h"
#include "bus/bus.h"
#include "bus/test-private-bus.h"

typedef struct World {
        sd_event *event;
        sd_bus *server, *client;
        BusService *service;
        unsigned n_lists, n_reloads, n_answers;
        TextBuffer order;

        sd_bus *asking; /* for the request of its name */
        unsigned n_name_requests, n_names;
        int name_error;
} World;

/* ---- the daemon ---- */

static int fake_list_controllers(void *userdata, bool detailed, PropertiesList *ret)
{
        ((World *) userdata)->n_lists++;
        return 0;
}

static int fake_reload(void *userdata, char **ret_reason)
{
        ((World *) userdata)->n_reloads++;
        return 0;
}

static int fake_explain(void *userdata, const char *what, PropertiesList *ret)
{
        text_buffer_append(&((World *) userdata)->order, what);
        return 0;
}

static const BusBackend fake_backend = {
        .role = CONTROLLER_IO,
        .list_controllers = fake_list_controllers,
        .explain = fake_explain,
        .reload = fake_reload,
};

static void on_name(int error, void *userdata)
{
        World *w = userdata;

        w->n_names++;
        w->name_error = error;
}

/* ---- callers ---- */

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        assert_false(sd_bus_message_is_method_error(m, NULL));
        ((World *) userdata)->n_answers++;
        return 0;
}

static sd_bus_message *new_call(World *w, const char *sender, const char *interface,
                                const char *member)
{
        sd_bus_message *m;

        assert_true(sd_bus_message_new_method_call(w->client, &m, NULL, BUS_STAC_PATH, interface,
                                                   member) >= 0);
        assert_true(sd_bus_message_set_sender(m, sender) >= 0);
        return m;
}

static void explain_as(World *w, const char *sender, const char *what)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                new_call(w, sender, BUS_STAS1_INTERFACE, "explain");

        assert_true(sd_bus_message_append(m, "s", what) >= 0);
        assert_true(sd_bus_call_async(w->client, NULL, m, on_answer, w, 0) >= 0);
}

static void send_without_reply(World *w, sd_bus_message *m)
{
        assert_true(sd_bus_message_set_expect_reply(m, false) >= 0);
        assert_true(sd_bus_send(w->client, m, NULL) >= 0);
        sd_bus_message_unref(m);
}

static void run(World *w, const unsigned *counter, unsigned n)
{
        for (int i = 0; *counter < n;) {
                int r = sd_event_run(w->event, USEC_PER_SEC);

                assert_true(r >= 0);
                if (r == 0)
                        assert_true(++i < 60);
        }
}

/* ---- a world ---- */

static int setup(void **state)
{
        World *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        *state = w;
        assert_true(sd_event_new(&w->event) >= 0);
        assert_int_equal(direct_pair(NULL, &w->server, &w->client), 0);
        assert_true(sd_bus_attach_event(w->server, w->event, BUS_SERVICE_PRIORITY) >= 0);
        assert_true(sd_bus_attach_event(w->client, w->event, 0) >= 0);
        assert_int_equal(bus_service_new(w->server, &fake_backend, on_name, w, &w->service), 0);
        return 0;
}

static int teardown(void **state)
{
        World *w = *state;

        text_buffer_done(&w->order);
        (void) bus_service_free(w->service);
        sd_bus_close_unref(w->server);
        sd_bus_close_unref(w->client);
        sd_event_unref(w->event);
        free(w);
        return 0;
}

/* ---- tests ---- */

static int note_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        World *w = userdata;
        const char *what;

        assert_true(sd_bus_message_read(m, "s", &what) > 0);
        text_buffer_append(&w->order, what);
        w->n_answers++;
        return 1;
}

static void wait_as(World *w, Calls *calls, const char *sender, const char *what)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                new_call(w, sender, BUS_STAS1_INTERFACE, "explain");

        assert_true(sd_bus_message_append(m, "s", what) >= 0);
        assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
        assert_int_equal(calls_add(calls, m, note_call, &error), 1);
}

/* A new sender is answered alongside senders that call continuously. */
static void test_senders_take_turns(void **state)
{
        World *w = *state;
        _cleanup_(calls_freep) Calls *calls = NULL;

        assert_int_equal(calls_new(w->server, w, &calls), 0);
        for (size_t i = 0; i < 10; i++)
                wait_as(w, calls, ":1.1", "a");
        for (size_t i = 0; i < 2; i++)
                wait_as(w, calls, ":1.2", "b");
        wait_as(w, calls, ":1.3", "c");
        run(w, &w->n_answers, 13);
        assert_string_equal(w->order.data, "aabacbaaaaaaa");
}

static void test_one_sender_has_only_so_many(void **state)
{
        World *w = *state;
        _cleanup_(calls_freep) Calls *calls = NULL;

        assert_int_equal(calls_new(w->server, w, &calls), 0);
        for (size_t i = 0; i < CALLS_PER_SENDER_MAX + 10; i++)
                wait_as(w, calls, ":1.1", "a");
        wait_as(w, calls, ":1.2", "b");
        run(w, &w->n_answers, CALLS_PER_SENDER_MAX + 1);
        while (sd_event_run(w->event, 0) > 0)
                ;
        assert_int_equal(w->n_answers, CALLS_PER_SENDER_MAX + 1);
        assert_int_equal(w->order.data[2], 'b');
}

/* The sender with the most calls has one refused, whoever calls. */
static void test_a_full_house(void **state)
{
        World *w = *state;
        _cleanup_(calls_freep) Calls *calls = NULL;
        char name[16];

        assert_int_equal(calls_new(w->server, w, &calls), 0);
        for (size_t i = 0; i < CALLS_MAX; i++) {
                (void) snprintf(name, sizeof(name), ":1.%zu", i / CALLS_PER_SENDER_MAX);
                wait_as(w, calls, name, "a");
        }
        wait_as(w, calls, ":1.9999", "b");
        wait_as(w, calls, ":1.9999", "b");
        run(w, &w->n_answers, CALLS_MAX);
        while (sd_event_run(w->event, 0) > 0)
                ;
        assert_int_equal(w->n_answers, CALLS_MAX);
        size_t n_b = 0;
        for (const char *c = w->order.data; (c = strchr(c, 'b')); c++)
                n_b++;
        assert_int_equal(n_b, 2);
}

static void test_who_wants_no_answer_gets_no_work(void **state)
{
        World *w = *state;
        sd_bus_message *m = new_call(w, ":1.1", BUS_STAC_NAME, "list_controllers");

        assert_true(sd_bus_message_append(m, "b", true) >= 0);
        send_without_reply(w, m);
        send_without_reply(w, new_call(w, ":1.1", BUS_STAS1_INTERFACE, "reload"));
        run(w, &w->n_reloads, 1);
        explain_as(w, ":1.1", "a");
        run(w, &w->n_answers, 1);
        assert_int_equal(w->n_lists, 0);
        assert_int_equal(w->n_reloads, 1);
}

/* ---- a bus that is slow ---- */

static int on_bus_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        World *w = userdata;

        if (sd_bus_message_is_method_call(m, NULL, "Hello"))
                return sd_bus_reply_method_return(m, "s", ":1.1");
        if (!sd_bus_message_is_method_call(m, NULL, "RequestName"))
                return 1;
        if (w->n_name_requests++ > 0)
                return sd_bus_reply_method_return(m, "u", 4);
        assert_true(sd_bus_set_method_call_timeout(w->asking, 0) >= 0); /* waits for the next
                                                                         * message */
        return 1;
}

static void test_name_that_comes_late(void **state)
{
        World *w = *state;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL, *daemon = NULL;
        _cleanup_(bus_service_freep) BusService *service = NULL;
        int fds[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
                         0);
        assert_true(sd_bus_new(&bus) >= 0);
        assert_true(sd_bus_set_fd(bus, fds[0], fds[0]) >= 0);
        assert_true(sd_bus_set_server(bus, true, (sd_id128_t) { .bytes = { 1 } }) >= 0);
        assert_true(sd_bus_set_anonymous(bus, true) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        assert_true(sd_bus_attach_event(bus, w->event, 0) >= 0);
        assert_true(sd_bus_add_filter(bus, NULL, on_bus_call, w) >= 0);

        assert_true(sd_bus_new(&daemon) >= 0);
        assert_true(sd_bus_set_fd(daemon, fds[1], fds[1]) >= 0);
        assert_true(sd_bus_set_bus_client(daemon, true) >= 0);
        assert_true(sd_bus_set_anonymous(daemon, true) >= 0);
        assert_true(sd_bus_start(daemon) >= 0);
        assert_true(sd_bus_attach_event(daemon, w->event, 0) >= 0);
        while (sd_bus_is_ready(daemon) == 0) /* Hello may take any time */
                assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
        assert_true(sd_bus_set_method_call_timeout(daemon, 200 * USEC_PER_MSEC) >= 0);
        w->asking = daemon;
        assert_int_equal(bus_service_new(daemon, &fake_backend, on_name, w, &service), 0);
        run(w, &w->n_names, 1);
        assert_int_equal(w->name_error, 0);
        assert_int_equal(w->n_name_requests, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_senders_take_turns, setup, teardown),
                cmocka_unit_test_setup_teardown(test_one_sender_has_only_so_many, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_full_house, setup, teardown),
                cmocka_unit_test_setup_teardown(test_who_wants_no_answer_gets_no_work, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_name_that_comes_late, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

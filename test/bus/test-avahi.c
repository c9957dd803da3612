/* SPDX-License-Identifier: Apache-2.0 */

/* The client of Avahi against a fake one, on a real bus. */

#include "source/avahi.h"

#include <stdio.h>
#include <time.h>

#include "base/testing.h"
#include "base/text.h"
#include "bus/test-private-bus.h"
#include "plan/engine.h"

#define AVAHI "org.freedesktop.Avahi"
#define DEADLINE (60 * USEC_PER_SEC)
#define RETRY USEC_PER_SEC
#define LOOPBACK 1 /* the index of an interface that is always there */
#define N_FLOOD 500

/* A NULL name ends the list. */
typedef struct FakeService {
        const char *name, *address, *p; /* address NULL: does not resolve */
        int protocol;
        bool only_other_family;
        bool is_gone;
} FakeService;

typedef struct World {
        PrivateBus daemon;
        sd_event *event;

        sd_bus *avahi_bus;
        FakeService services[2 * MDNS_SERVICES_MAX];
        const char *browser_error;            /* of the next browser only */
        bool is_mute;                         /* browses, and says nothing */
        bool is_stuck, is_stuck_at_resolvers; /* does not answer before it is released */
        sd_bus_message *stuck[64];
        size_t n_stuck;
        unsigned n_browsers, n_freed, n_made;

        sd_bus *client_bus;
        AvahiClient *client;
        usec_t retry_usec;
        TextBuffer log; /* what the handler was told */
        unsigned n_found;
        void (*on_found)(struct World *w, const MdnsService *service);
        MdnsServices table;
        Engine *engine;
} World;

/* ---- Avahi ---- */

static void emit_item(World *w, sd_bus *from, const char *member, const char *path, size_t i)
{
        const FakeService *s = &w->services[i];
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        assert_true(sd_bus_message_new_signal(from, &m, path, AVAHI ".ServiceBrowser", member) >=
                    0);
        assert_true(sd_bus_message_append(m, "iisssu", LOOPBACK, s->protocol, s->name,
                                          "_nvme-disc._tcp", "local", 0) >= 0);
        assert_true(sd_bus_send(from, m, NULL) >= 0);
}

/* All services are of the first type. */
static void emit_browsing(World *w, const char *path, bool is_first)
{
        for (size_t i = 0; is_first && w->services[i].name; i++)
                if (!w->services[i].is_gone)
                        emit_item(w, w->avahi_bus, "ItemNew", path, i);
        assert_true(sd_bus_emit_signal(w->avahi_bus, path, AVAHI ".ServiceBrowser", "AllForNow",
                                       "") >= 0);
}

static int make_browser(World *w, sd_bus_message *call)
{
        const char *type;
        char path[64];

        assert_true(sd_bus_message_skip(call, "ii") >= 0);
        assert_true(sd_bus_message_read(call, "s", &type) > 0);
        if (w->browser_error) {
                sd_bus_error e = SD_BUS_ERROR_MAKE_CONST(AVAHI ".Failure", w->browser_error);
                w->browser_error = NULL;
                return sd_bus_reply_method_error(call, &e);
        }
        w->n_made++;
        (void) snprintf(path, sizeof(path), "/Client0/ServiceBrowser%u", w->n_browsers++);
        assert_true(sd_bus_reply_method_return(call, "o", path) >= 0);
        if (!w->is_mute)
                emit_browsing(w, path, streq(type, "_nvme-disc._tcp"));
        return 1;
}

static void emit_found(World *w, size_t i)
{
        const FakeService *s = &w->services[i];
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        char path[64], p[32];

        (void) snprintf(path, sizeof(path), "/Client0/ServiceResolver%zu", i);
        (void) snprintf(p, sizeof(p), "p=%s", text_or(s->p, "tcp"));
        assert_true(sd_bus_message_new_signal(w->avahi_bus, &m, path, AVAHI ".ServiceResolver",
                                              "Found") >= 0);
        assert_true(sd_bus_message_append(m, "iissssisq", LOOPBACK, s->protocol, s->name,
                                          "_nvme-disc._tcp", "local", "array.local", s->protocol,
                                          s->address, 8009) >= 0);
        assert_true(sd_bus_message_open_container(m, 'a', "ay") >= 0);
        assert_true(sd_bus_message_append_array(m, 'y', "other", 5) >= 0);
        assert_true(sd_bus_message_append_array(m, 'y', p, strlen(p)) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_append(m, "u", 0) >= 0);
        assert_true(sd_bus_send(w->avahi_bus, m, NULL) >= 0);
}

static int make_resolver(World *w, sd_bus_message *call)
{
        const char *name;
        int protocol, family;
        size_t i = 0;
        char path[64];

        assert_true(sd_bus_message_skip(call, "i") >= 0);
        assert_true(sd_bus_message_read(call, "is", &protocol, &name) > 0);
        assert_true(sd_bus_message_skip(call, "ss") >= 0);
        assert_true(sd_bus_message_read(call, "i", &family) > 0);
        while (!streq(w->services[i].name, name))
                i++;
        w->n_made++;
        (void) snprintf(path, sizeof(path), "/Client0/ServiceResolver%zu", i);
        assert_true(sd_bus_reply_method_return(call, "o", path) >= 0);

        const FakeService *s = &w->services[i];
        if (s->address && s->only_other_family == (family != protocol))
                emit_found(w, i);
        else
                assert_true(sd_bus_emit_signal(w->avahi_bus, path, AVAHI ".ServiceResolver",
                                               "Failure", "s", "Timeout reached") >= 0);
        return 1;
}

static int make(World *w, sd_bus_message *call)
{
        if (sd_bus_message_is_method_call(call, AVAHI ".Server", "ServiceBrowserNew"))
                return make_browser(w, call);
        return make_resolver(w, call);
}

static void release_avahi(World *w)
{
        w->is_stuck = w->is_stuck_at_resolvers = false;
        for (size_t i = 0; i < w->n_stuck; i++) {
                (void) make(w, w->stuck[i]);
                sd_bus_message_unref(w->stuck[i]);
        }
        w->n_stuck = 0;
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        World *w = userdata;

        if (sd_bus_message_is_method_call(m, AVAHI ".Server", "ServiceBrowserNew") ||
            sd_bus_message_is_method_call(m, AVAHI ".Server", "ServiceResolverNew")) {
                if (!w->is_stuck && !(w->is_stuck_at_resolvers &&
                                      streq(sd_bus_message_get_member(m), "ServiceResolverNew")))
                        return make(w, m);
                assert_true(w->n_stuck < ELEMENTSOF(w->stuck));
                w->stuck[w->n_stuck++] = sd_bus_message_ref(m);
                return 1;
        }
        if (!sd_bus_message_is_method_call(m, NULL, "Free"))
                return 0;
        w->n_freed++;
        return 1;
}

static void start_avahi(World *w)
{
        assert_int_equal(private_bus_connect(&w->daemon, w->event, &w->avahi_bus), 0);
        assert_true(sd_bus_add_filter(w->avahi_bus, NULL, on_call, w) >= 0);
        assert_true(sd_bus_request_name_async(w->avahi_bus, NULL, AVAHI, 0, NULL, NULL) >= 0);
}

static void stop_avahi(World *w)
{
        w->avahi_bus = sd_bus_close_unref(w->avahi_bus);
}

/* ---- the client ---- */

static void on_event(AvahiEvent event, const MdnsService *s, const char *reason, void *userdata)
{
        static const char *const names[] = {
                [AVAHI_BEGUN] = "begun", [AVAHI_COMPLETE] = "complete", [AVAHI_AWAY] = "away",
                [AVAHI_FOUND] = "found", [AVAHI_LOST] = "lost",         [AVAHI_IGNORED] = "ignored",
        };
        World *w = userdata;

        w->n_found += event == AVAHI_FOUND;
        if (event == AVAHI_FOUND && w->on_found) {
                w->on_found(w, s);
                return;
        }
        text_buffer_append(&w->log, names[event]);
        if (event == AVAHI_FOUND)
                text_buffer_printf(&w->log, " %s %s %u %s on %s", s->key.name, s->address, s->port,
                                   s->txt.transport >= 0 ? transport_to_string(s->txt.transport)
                                                         : "?",
                                   s->interface);
        if (event == AVAHI_LOST)
                text_buffer_printf(&w->log, " %s", s->key.name);
        if (reason)
                text_buffer_printf(&w->log, ": %s", reason);
        text_buffer_append(&w->log, "\n");
}

static void start_client(World *w)
{
        assert_int_equal(private_bus_connect(&w->daemon, w->event, &w->client_bus), 0);
        assert_int_equal(
                avahi_client_new(w->event, w->client_bus, w->retry_usec, on_event, w, &w->client),
                0);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
        *(bool *) userdata = true;
        return 0;
}

static bool run_until(World *w, usec_t usec, const char *log, const unsigned *counter, unsigned n)
{
        sd_event_source *timer = NULL;
        bool over = false;

        assert_true(sd_event_add_time_relative(w->event, &timer, CLOCK_MONOTONIC, usec, 0,
                                               on_deadline, &over) >= 0);
        while (!over && (!log || w->log.length < strlen(log)) && (!counter || *counter < n))
                assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
        sd_event_source_unref(timer);
        return !over;
}

static void expect(World *w, const char *log)
{
        (void) run_until(w, DEADLINE, log, NULL, 0);
        assert_string_equal(text_or(w->log.data, ""), log);
        text_buffer_done(&w->log);
}

static void expect_silence(World *w)
{
        (void) run_until(w, 100 * USEC_PER_MSEC, NULL, NULL, 0);
        assert_string_equal(text_or(w->log.data, ""), "");
}

static int setup(void **state)
{
        static const char open_to_all[] =
                "<policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/>"
                "<allow send_destination=\"*\" eavesdrop=\"true\"/><allow "
                "eavesdrop=\"true\"/></policy>";
        World *w = calloc(1, sizeof(*w));

        *state = w;
        int r = private_bus_start(&w->daemon, open_to_all);
        if (r == -ENOENT)
                return 0;
        assert_int_equal(r, 0);
        assert_true(sd_event_new(&w->event) >= 0);
        w->retry_usec = 2 * DEADLINE;
        w->services[0] = (FakeService) { .name = "a", .address = "192.0.2.1" };
        return 0;
}

static int teardown(void **state)
{
        World *w = *state;

        w->client = avahi_client_free(w->client);
        for (size_t i = 0; i < w->n_stuck; i++)
                sd_bus_message_unref(w->stuck[i]);
        text_buffer_done(&w->log);
        mdns_services_done(&w->table);
        (void) engine_free(w->engine);
        stop_avahi(w);
        sd_bus_close_unref(w->client_bus);
        sd_event_unref(w->event);
        private_bus_stop(&w->daemon);
        free(w);
        return 0;
}

/* Without a bus daemon the test is skipped. */
static World *world(void **state)
{
        World *w = *state;

        if (!w->event) {
                print_message("no dbus-daemon\n");
                skip();
        }
        return w;
}

#define FOUND_A "found a 192.0.2.1 8009 tcp on lo\n"

static World *world_at_rest(void **state)
{
        World *w = world(state);

        start_avahi(w);
        (void) run_until(w, 100 * USEC_PER_MSEC, NULL, NULL, 0);
        start_client(w);
        expect(w, "begun\n" FOUND_A "complete\n");
        return w;
}

/* ---- tests ---- */

static void test_what_is_announced_is_found(void **state)
{
        World *w = world(state);

        w->services[1] =
                (FakeService) { .name = "b", .address = "2001:db8::1", .protocol = 1, .p = "RoCE" };
        w->services[2] = (FakeService) { .name = "c", .address = "192.0.2.3", .p = "rubbish" };
        start_avahi(w);
        start_client(w);
        expect(w, "begun\n" FOUND_A "found b 2001:db8::1 8009 rdma on lo\n"
                  "found c 192.0.2.3 8009 ? on lo\n"
                  "complete\n");
        expect_silence(w);
}

static void test_avahi_that_comes_later(void **state)
{
        World *w = world(state);

        start_client(w);
        (void) run_until(w, DEADLINE, "away", NULL, 0);
        assert_non_null(text_after(w->log.data, "away: The name "));
        text_buffer_done(&w->log);
        start_avahi(w);
        (void) run_until(w, DEADLINE, "begun\n" FOUND_A "complete\n", NULL, 0);
        assert_non_null(strstr(w->log.data, "begun\n" FOUND_A "complete\n"));
}

static void test_avahi_that_goes_and_comes(void **state)
{
        World *w = world_at_rest(state);

        stop_avahi(w);
        expect(w, "away: it has stopped\n");
        start_avahi(w);
        expect(w, "begun\n" FOUND_A "complete\n");
        assert_int_equal(w->n_freed, 0); /* what the first had made went with it */
}

static void test_bus_that_goes_and_comes(void **state)
{
        World *w = world_at_rest(state);

        assert_int_equal(avahi_client_set_bus(w->client, NULL), 0);
        sd_bus_close_unref(w->client_bus);
        expect(w, "away: the connection to D-Bus is lost\n");
        expect_silence(w);
        assert_int_equal(private_bus_connect(&w->daemon, w->event, &w->client_bus), 0);
        assert_int_equal(avahi_client_set_bus(w->client, w->client_bus), 0);
        expect(w, "begun\n" FOUND_A "complete\n");
}

static void test_goodbye_and_another_announcement(void **state)
{
        World *w = world_at_rest(state);

        emit_item(w, w->avahi_bus, "ItemRemove", "/Client0/ServiceBrowser0", 0);
        expect(w, "lost a\n");
        assert_true(run_until(w, DEADLINE, NULL, &w->n_freed, 1));
        emit_item(w, w->avahi_bus, "ItemNew", "/Client0/ServiceBrowser0", 0);
        expect(w, FOUND_A);
        emit_found(w, 0);
        expect(w, FOUND_A);
        emit_item(w, w->avahi_bus, "ItemNew", "/Client0/ServiceBrowser0", 0);
        expect_silence(w);
}

/* Announced on one family, with an address of the other only. */
static void test_what_does_not_resolve_is_tried_again(void **state)
{
        World *w = world(state);

        w->services[0].only_other_family = true;
        w->retry_usec = RETRY;
        start_avahi(w);
        start_client(w);
        expect(w, "begun\ncomplete\n");
        expect(w, FOUND_A);
}

static void test_a_browser_that_fails(void **state)
{
        World *w = world(state);

        w->browser_error = "Too many objects";
        w->retry_usec = RETRY;
        start_avahi(w);
        start_client(w);
        expect(w, "begun\naway: Too many objects\n");
        expect(w, FOUND_A "complete\n");

        assert_true(sd_bus_emit_signal(w->avahi_bus, "/Client0/ServiceBrowser1",
                                       AVAHI ".ServiceBrowser", "Failure", "s", "Broken") >= 0);
        (void) run_until(w, DEADLINE, "away: Broken\n", NULL, 0);
        expect(w, "away: Broken\n");
        expect(w, FOUND_A "complete\n");
}

static void test_avahi_that_says_nothing_is_asked_anew(void **state)
{
        World *w = world(state);

        w->is_mute = true;
        w->retry_usec = RETRY;
        start_avahi(w);
        start_client(w);
        expect(w, "begun\naway: it does not answer\n");
        w->is_mute = false;
        expect(w, FOUND_A "complete\n");
        assert_int_equal(w->n_freed, 2);
}

/* A signal to us alone needs no right to the name. */
static void test_only_avahi_is_believed(void **state)
{
        World *w = world_at_rest(state);
        sd_bus *stranger;
        const char *to;

        assert_int_equal(private_bus_connect(&w->daemon, w->event, &stranger), 0);
        assert_true(sd_bus_get_unique_name(w->client_bus, &to) >= 0);
        for (int i = 0; i < 2; i++) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
                assert_true(sd_bus_message_new_signal(stranger, &m, "/Client0/ServiceBrowser0",
                                                      AVAHI ".ServiceBrowser",
                                                      i ? "ItemNew" : "ItemRemove") >= 0);
                assert_true(sd_bus_message_append(m, "iisssu", LOOPBACK, 0, i ? "z" : "a",
                                                  "_nvme-disc._tcp", "local", 0) >= 0);
                assert_true(sd_bus_message_set_destination(m, to) >= 0);
                assert_true(sd_bus_send(stranger, m, NULL) >= 0);
        }
        expect_silence(w);
        sd_bus_close_unref(stranger);
}

static void test_freed_tells_avahi(void **state)
{
        World *w = world_at_rest(state);

        w->client = avahi_client_free(w->client);
        assert_true(run_until(w, DEADLINE, NULL, &w->n_freed, 3));
}

/* Each way to lose interest before Avahi has answered. */
static void test_what_is_made_too_late_is_freed(void **state)
{
        World *w = world(state);

        w->is_stuck = true;
        w->retry_usec = RETRY;
        start_avahi(w);
        start_client(w);
        expect(w, "begun\naway: it does not answer\n"); /* two browsers are owed */
        w->is_stuck = false;
        expect(w, FOUND_A "complete\n");
        assert_int_equal(w->n_made, 3);
        release_avahi(w);
        assert_true(run_until(w, DEADLINE, NULL, &w->n_freed, 2));
        w->n_made -= w->n_freed;

        w->is_stuck = true;
        w->services[1] = (FakeService) { .name = "b", .address = "192.0.2.2" };
        emit_item(w, w->avahi_bus, "ItemNew", "/Client0/ServiceBrowser0", 1);
        (void) run_until(w, RETRY / 2, NULL, NULL, 0);
        assert_int_equal(w->n_stuck, 1);
        emit_item(w, w->avahi_bus, "ItemRemove", "/Client0/ServiceBrowser0", 1);
        expect(w, "lost b\n");
        release_avahi(w);
        assert_true(run_until(w, DEADLINE, NULL, &w->n_freed, 3));
        assert_int_equal(w->n_made, 3 + 1);
}

static void make_flood(World *w, size_t n)
{
        static char names[2 * MDNS_SERVICES_MAX][16], addresses[2 * MDNS_SERVICES_MAX][16];

        for (size_t i = 0; i < n; i++) {
                (void) snprintf(names[i], sizeof(names[i]), "n%zu", i);
                (void) snprintf(addresses[i], sizeof(addresses[i]), "10.0.%zu.%zu", i / 250,
                                i % 250 + 1);
                w->services[i] = (FakeService) { .name = names[i], .address = addresses[i] };
        }
}

static void test_more_than_we_follow(void **state)
{
        World *w = world(state);

        make_flood(w, MDNS_PER_INTERFACE_MAX + 50);
        start_avahi(w);
        start_client(w);
        assert_true(run_until(w, DEADLINE, NULL, &w->n_found, MDNS_PER_INTERFACE_MAX));
        const char *ignored = strstr(w->log.data, "ignored\n");
        assert_non_null(ignored);
        assert_null(strstr(ignored + 1, "ignored\n"));
        assert_int_equal(w->n_found, MDNS_PER_INTERFACE_MAX);
        assert_true(avahi_client_is_full(w->client));
}

/* Also what went while Avahi was asked anew, and did not say so. */
static void test_what_was_left_out_is_asked_for_when_there_is_room(void **state)
{
        World *w = world(state);
        char found[64];

        w->retry_usec = 6 * RETRY; /* longer than all takes to be found under valgrind */
        make_flood(w, MDNS_PER_INTERFACE_MAX + 1);
        start_avahi(w);
        start_client(w);
        assert_true(run_until(w, DEADLINE, NULL, &w->n_found, MDNS_PER_INTERFACE_MAX));
        w->services[0].is_gone = w->services[1].is_gone = true;
        emit_item(w, w->avahi_bus, "ItemRemove", "/Client0/ServiceBrowser0", 0);
        assert_true(run_until(w, DEADLINE, NULL, &w->n_found, MDNS_PER_INTERFACE_MAX + 1));
        (void) run_until(w, RETRY / 4, NULL, NULL, 0);
        (void) snprintf(found, sizeof(found), "found n%d ", MDNS_PER_INTERFACE_MAX);
        assert_non_null(strstr(w->log.data, found));
        assert_non_null(strstr(w->log.data, "lost n1\n"));
        assert_false(avahi_client_is_full(w->client));
        assert_int_equal(w->n_found, MDNS_PER_INTERFACE_MAX + 1); /* none of the others again */
}

static void test_what_does_not_resolve_gives_way(void **state)
{
        World *w = world(state);

        make_flood(w, MDNS_PER_INTERFACE_MAX);
        for (size_t i = 0; i < MDNS_PER_INTERFACE_MAX; i++)
                w->services[i].address = NULL;
        start_avahi(w);
        start_client(w);
        (void) run_until(w, DEADLINE, "begun\ncomplete\n", NULL, 0);
        w->services[MDNS_PER_INTERFACE_MAX] = (FakeService) { .name = "z", .address = "192.0.2.9" };
        emit_item(w, w->avahi_bus, "ItemNew", "/Client0/ServiceBrowser0", MDNS_PER_INTERFACE_MAX);
        assert_true(run_until(w, DEADLINE, NULL, &w->n_found, 1));
}

/* However long it takes, and however often it is asked anew. */
static void test_avahi_that_is_stuck_is_not_asked_for_ever_more(void **state)
{
        World *w = world(state);

        make_flood(w, 40);
        w->retry_usec = RETRY;
        start_avahi(w);
        start_client(w);
        w->is_stuck_at_resolvers = true;
        (void) run_until(w, 10 * RETRY, NULL, NULL, 0);
        assert_non_null(strstr(w->log.data, "away: it does not answer\n"));
        assert_true(w->n_stuck <= 16);
        text_buffer_done(&w->log);

        release_avahi(w);
        assert_true(run_until(w, DEADLINE, NULL, &w->n_found, 40));
        (void) run_until(w, RETRY / 4, NULL, NULL, 0);
        assert_int_equal(w->n_made - w->n_freed, 40 + 2);
}

/* The table has no place for it. */
static void leave_out(World *w, const MdnsService *service)
{
        if (w->n_found == 1)
                avahi_client_leave_out(w->client, &service->key);
}

static void test_what_has_no_place_is_found_again(void **state)
{
        World *w = world(state);

        w->retry_usec = RETRY;
        w->on_found = leave_out;
        start_avahi(w);
        start_client(w);
        expect(w, "begun\ncomplete\n");
        assert_int_equal(w->n_found, 1);
        assert_true(avahi_client_is_full(w->client));
        avahi_client_has_room(w->client);
        assert_true(run_until(w, DEADLINE, NULL, &w->n_found, 2));
        expect(w, "complete\n");
        assert_false(avahi_client_is_full(w->client));
}

/* As the daemon does, but after every 20th instead of every 20 ms. */
static void take_found(World *w, const MdnsService *service)
{
        const MdnsRow *row;
        SourceSet *set;
        const Plan *plan;

        assert_int_equal(mdns_services_found(&w->table, service, 0, &row), 0);
        engine_announced(w->engine, row->tid, 0);
        if (w->n_found % 20 != 0 && w->n_found != N_FLOOD)
                return;
        assert_int_equal(mdns_services_to_set(&w->table, &(ExcludeList) { 0 }, &set), 0);
        assert_int_equal(engine_set_source(w->engine, set, 0), 0);
        assert_int_equal(engine_plan(w->engine, 0, &plan), 0);
}

static double cpu_seconds(void)
{
        struct timespec t;

        assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
        return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

/* The fake Avahi's share counts, too. */
static void test_500_at_once_cost_little(void **state)
{
        World *w = world(state);
        Configuration *c;

        make_flood(w, N_FLOOD);
        assert_int_equal(configuration_new(CONTROLLER_DISCOVERY, &c), 0);
        Policy *policy = malloc(sizeof(*policy));
        *policy = c->policy;
        c->policy = (Policy) { 0 };
        (void) configuration_free(c);
        assert_int_equal(engine_new(policy, &w->engine), 0);
        assert_int_equal(mdns_services_set_host(&w->table, "nqn.host", true, false), 0);
        w->on_found = take_found;

        double before = cpu_seconds();
        start_avahi(w);
        start_client(w);
        assert_true(run_until(w, DEADLINE, NULL, &w->n_found, N_FLOOD));
        double cost = cpu_seconds() - before;
        print_message("%d services at once: %.3f CPU seconds\n", N_FLOOD, cost);
        assert_true(cost < 20); /* natively far below 1; under valgrind and emulation not */

        size_t n = 0;
        for (const Row *r = engine_next_row(w->engine, NULL); r; r = engine_next_row(w->engine, r))
                n += row_is_wanted(r);
        assert_int_equal(n, N_FLOOD);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
                TEST(test_what_is_announced_is_found),
                TEST(test_avahi_that_comes_later),
                TEST(test_avahi_that_goes_and_comes),
                TEST(test_bus_that_goes_and_comes),
                TEST(test_goodbye_and_another_announcement),
                TEST(test_what_does_not_resolve_is_tried_again),
                TEST(test_a_browser_that_fails),
                TEST(test_avahi_that_says_nothing_is_asked_anew),
                TEST(test_only_avahi_is_believed),
                TEST(test_freed_tells_avahi),
                TEST(test_what_is_made_too_late_is_freed),
                TEST(test_avahi_that_is_stuck_is_not_asked_for_ever_more),
                TEST(test_more_than_we_follow),
                TEST(test_what_was_left_out_is_asked_for_when_there_is_room),
                TEST(test_what_does_not_resolve_gives_way),
                TEST(test_what_has_no_place_is_found_again),
                TEST(test_500_at_once_cost_little),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

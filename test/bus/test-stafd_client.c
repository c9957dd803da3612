/* SPDX-License-Identifier: Apache-2.0 */

/* stacd's client of stafd against stafd's own D-Bus room as it was before list_changes(), on a real
 * bus. */

#include <stdio.h>

#include "stafd-world.h"

/* Brings both up: one controller with two subsystems. */
static World *world_at_rest(void **state)
{
        World *w = world(state);

        start_stafd(w);
        run_for(w, 100 * USEC_PER_MSEC);
        start_stacd(w);
        expect(w, "stafd unknown\n"
                  "dc1 unknown\n"
                  "stafd complete\n"
                  "dc1 complete nqn.a nqn.b\n");
        return w;
}

/* ---- tests ---- */

static void test_absent_stafd_is_unknown(void **state)
{
        World *w = world(state);

        start_stacd(w);
        expect(w, "stafd unknown\n");
        expect_silence(w);
}

static void test_stafd_that_comes_later(void **state)
{
        World *w = world(state);

        start_stacd(w);
        expect(w, "stafd unknown\n");
        start_stafd(w);
        expect(w, "dc1 unknown\n"
                  "stafd complete\n"
                  "dc1 complete nqn.a nqn.b\n");
        expect_silence(w);
}

static void test_entries_carry_their_origin(void **state)
{
        World *w = world(state);

        /* Only what is an I/O controller, and one with a port, counts. */
        memcpy(w->dcs[0].nqns, (const char *[]) { "referral", "bad-port", "nqn.b", "nqn.b" },
               4 * sizeof(char *));
        start_stafd(w);
        start_stacd(w);
        while (!w->last)
                assert_true(sd_event_run(w->event, STAFD_WORLD_DEADLINE) > 0);
        assert_int_equal(w->last->kind, SOURCE_DISCOVERY_LOG);
        assert_int_equal(w->last->state, SOURCE_COMPLETE);
        assert_false(w->last->restored);
        assert_int_equal(w->last->n_entries, 1);

        const SourceEntry *e = &w->last->entries[0];
        assert_int_equal(e->tid->transport, TRANSPORT_TCP);
        assert_string_equal(e->tid->traddr, "192.0.2.50");
        assert_string_equal(e->tid->trsvcid, "4420");
        assert_string_equal(e->tid->subsysnqn, "nqn.b");
        assert_string_equal(e->tid->host_iface, "eth0");
        assert_string_equal(e->tid->host_nqn, "nqn.dc-host");
        assert_string_equal(e->where,
                            "nvme0 (tcp, 192.0.2.1, 8009, " NQN_DISCOVERY ", eth0) entry 2");
        assert_non_null(e->dlpe);
        assert_int_equal(e->dlpe->portid, 7);
        assert_int_equal(e->dlpe->eflags, DLPE_EFLAGS_NCC);
}

static void test_only_what_changed_is_read(void **state)
{
        World *w = world(state);

        w->dcs[1] = (FakeDc) {
                .traddr = "192.0.2.2", .state = "complete", .generation = 9, .nqns = { "nqn.c" }
        };
        start_stafd(w);
        start_stacd(w);
        run_for(w, 300 * USEC_PER_MSEC);
        assert_int_equal(w->dcs[0].n_reads, 1);
        assert_int_equal(w->dcs[1].n_reads, 1);
        text_buffer_done(&w->log);

        w->dcs[1].generation++;
        w->dcs[1].nqns[0] = "nqn.d";
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc2 complete nqn.d\n");
        /* A state alone is news too. */
        w->dcs[0].state = "unknown";
        assert_true(bus_emit_dc_removed(w->stafd) >= 0);
        expect(w, "dc1 unknown nqn.a nqn.b\n");
        expect_silence(w);
        assert_int_equal(w->dcs[0].n_reads, 2);
        assert_int_equal(w->dcs[1].n_reads, 2);
}

static void test_news_while_asking_are_not_lost(void **state)
{
        World *w = world_at_rest(state);

        w->n_lists = 0;
        w->change_while_listing = true;
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc1 complete nqn.b nqn.new\n");
        expect_silence(w);
        assert_int_equal(w->n_lists, 2);
}

static void test_vanished_stafd_empties_nothing(void **state)
{
        World *w = world_at_rest(state);

        stop_stafd(w);
        expect(w, "dc1 unknown nqn.a nqn.b\n"
                  "stafd unknown\n");
        expect_silence(w);

        /* Back, but its log is still to be read, then read with one subsystem less. */
        w->dcs[0] = (FakeDc) {
                .traddr = "192.0.2.1", .state = "unknown", .generation = 0, .nqns = { NULL }
        };
        start_stafd(w);
        expect(w, "stafd complete\n"
                  "dc1 unknown nqn.a nqn.b\n");
        w->dcs[0] = (FakeDc) {
                .traddr = "192.0.2.1", .state = "complete", .generation = 1, .nqns = { "nqn.b" }
        };
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc1 complete nqn.b\n");
        expect_silence(w);
}

static void test_lost_bus_empties_nothing(void **state)
{
        World *w = world_at_rest(state);

        assert_int_equal(stafd_client_set_bus(w->client, NULL), 0);
        sd_bus_close_unref(w->stacd_bus);
        expect(w, "dc1 unknown nqn.a nqn.b\n"
                  "stafd unknown\n");
        w->dcs[0].nqns[1] = NULL;
        w->dcs[0].generation++;
        expect_silence(w);

        assert_int_equal(private_bus_connect(&w->daemon, w->event, &w->stacd_bus), 0);
        assert_int_equal(stafd_client_set_bus(w->client, w->stacd_bus), 0);
        expect(w, "stafd complete\n"
                  "dc1 complete nqn.a\n");
        expect_silence(w);
}

static void test_generations_of_two_runs_are_not_compared(void **state)
{
        World *w = world_at_rest(state);

        stop_stafd(w);
        expect(w, "dc1 unknown nqn.a nqn.b\n"
                  "stafd unknown\n");
        w->dcs[0].nqns[1] = NULL;
        start_stafd(w);
        expect(w, "stafd complete\n"
                  "dc1 complete nqn.a\n");
}

static void test_only_a_complete_list_says_gone(void **state)
{
        World *w = world_at_rest(state);

        assert_int_equal(stafd_client_expect(w->client, "dc (tcp, 192.0.2.9, 8009)"), 0);
        w->dcs[0].traddr = NULL;
        w->complete = false;
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc1 unknown nqn.a nqn.b\n"
                  "stafd partial\n");
        expect_silence(w);

        w->complete = true;
        assert_true(bus_emit_dc_removed(w->stafd) >= 0);
        expect(w, "dc1 gone\n"
                  "dc9 gone\n"
                  "stafd complete\n");
        expect_silence(w);
}

/* A line of the configuration was changed: until the new one has been read nobody knows what it
 * has, and what the old one had must not be disconnected for that. */
static void test_what_takes_its_place_is_read_first(void **state)
{
        World *w = world_at_rest(state);

        w->dcs[0] = (FakeDc) { .traddr = "192.0.2.2", .state = "unknown" };
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc2 unknown\n"
                  "dc2 unknown\n");
        expect_silence(w);

        w->dcs[0] = (FakeDc) {
                .traddr = "192.0.2.2", .state = "complete", .generation = 1, .nqns = { "nqn.a" }
        };
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc2 complete nqn.a\n"
                  "dc1 gone\n");
        expect_silence(w);
}

static void test_remembered_entries_stay_until_the_log_is_read(void **state)
{
        static const TidFields fields = { .transport = "tcp",
                                          .traddr = "192.0.2.1",
                                          .host_iface = "eth0",
                                          .host_nqn = "nqn.dc-host" };
        World *w = world(state);
        Tid *dc;

        w->dcs[0] = (FakeDc) {
                .traddr = "192.0.2.1", .state = "unknown", .generation = 0, .nqns = { NULL }
        };
        start_stafd(w);
        start_stacd(w);
        assert_int_equal(tid_new(&fields, CONTROLLER_DISCOVERY, &dc), 0);
        char *key = dc_source_key(dc);
        assert_int_equal(stafd_client_expect(w->client, key), 0);
        free(key);
        dc = tid_free(dc);
        expect(w, "stafd unknown\n"
                  "stafd complete\n");
        expect_silence(w);

        w->dcs[0] = (FakeDc) {
                .traddr = "192.0.2.1", .state = "complete", .generation = 1, .nqns = { "nqn.a" }
        };
        assert_true(bus_emit_log_pages_changed(w->stafd,
                                               &(Tid) { .traddr = "",
                                                        .trsvcid = "",
                                                        .subsysnqn = "",
                                                        .host_traddr = "",
                                                        .host_iface = "",
                                                        .host_nqn = "" },
                                               "") >= 0);
        expect(w, "dc1 complete nqn.a\n");
}

static void test_failed_read_is_unknown_and_tried_again(void **state)
{
        World *w = world_at_rest(state);

        w->dcs[0].generation++;
        w->dcs[0].nqns[1] = NULL;
        w->dcs[0].read_error = -EIO;
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc1 unknown nqn.a nqn.b\n");
        expect(w, "dc1 complete nqn.a\n");
}

static void test_stuck_stafd_is_unknown(void **state)
{
        World *w = world_at_rest(state);

        w->is_stuck = true;
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc1 unknown nqn.a nqn.b\n"
                  "stafd unknown\n");
        w->is_stuck = false;
        expect(w, "stafd complete\n"
                  "dc1 complete nqn.a nqn.b\n");
}

static void test_many_controllers_are_all_read(void **state)
{
        static char traddr[ELEMENTSOF(((World *) NULL)->dcs) - 1][16];
        World *w = world(state);

        for (size_t i = 0; i < ELEMENTSOF(traddr); i++) {
                (void) snprintf(traddr[i], sizeof(traddr[i]), "192.0.2.%zu", i + 1);
                w->dcs[i] = (FakeDc) { .traddr = traddr[i], .state = "complete", .generation = 1 };
        }
        start_stafd(w);
        start_stacd(w);
        run_for(w, USEC_PER_SEC);
        for (size_t i = 0; i < ELEMENTSOF(traddr); i++)
                assert_int_equal(w->dcs[i].n_reads, 1);
        text_buffer_done(&w->log);
}

static void test_stafd_without_stas1_only_adds(void **state)
{
        World *w = world(state);

        start_python_stafd(w);
        start_stacd(w);
        run_for(w, 300 * USEC_PER_MSEC);
        expect(w, "stafd unknown\n"
                  "dc1 unknown\n"
                  "stafd partial\n"
                  "dc1 partial nqn.a nqn.b\n");
        /* Without generations every signal has all logs read. */
        w->dcs[0].nqns[1] = NULL;
        assert_true(sd_bus_emit_signal(w->stafd_bus, BUS_STAF_PATH, BUS_STAF_NAME, "dc_removed",
                                       NULL) >= 0);
        expect(w, "dc1 partial nqn.a\n");
        /* A controller that is not listed is not gone. */
        w->dcs[0].traddr = NULL;
        assert_true(sd_bus_emit_signal(w->stafd_bus, BUS_STAF_PATH, BUS_STAF_NAME, "dc_removed",
                                       NULL) >= 0);
        expect(w, "dc1 unknown nqn.a\n");
        expect_silence(w);
}

static void send_forged(World *w, sd_bus *from, const char *path, const char *interface,
                        const char *member, const char *types, ...)
{
        const char *victim;
        sd_bus_message *m;
        va_list args;

        assert_true(sd_bus_get_unique_name(w->stacd_bus, &victim) >= 0);
        assert_true(sd_bus_message_new_signal(from, &m, path, interface, member) >= 0);
        va_start(args, types);
        assert_true(sd_bus_message_appendv(m, types, args) >= 0);
        va_end(args);
        assert_true(sd_bus_message_set_destination(m, victim) >= 0);
        assert_true(sd_bus_send(from, m, NULL) >= 0);
        sd_bus_message_unref(m);
}

static void test_forged_signals_count_for_nothing(void **state)
{
        World *w = world_at_rest(state);
        sd_bus *other;

        w->n_lists = 0;
        assert_int_equal(private_bus_connect(&w->daemon, w->event, &other), 0);
        run_for(w, 50 * USEC_PER_MSEC);
        send_forged(w, other, BUS_STAF_PATH, BUS_STAF_NAME, "dc_removed", "");
        send_forged(w, other, BUS_STAF_PATH, BUS_STAS1_INTERFACE, "sources_changed", "");
        send_forged(w, other, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged",
                    "sss", BUS_STAF_NAME, ":1.0", "");
        expect_silence(w);
        assert_int_equal(w->n_lists, 0);
        sd_bus_close_unref(other);
}

static void test_another_host_counts_at_once(void **state)
{
        World *w = world_at_rest(state);

        assert_int_equal(
                stafd_client_set_host(w->client, (DlpeHost) { "nqn.own-host", false, false }), 0);
        assert_string_equal(text_or(w->log.data, ""), "");
        assert_string_equal(w->last->entries[0].tid->host_iface, "eth0");
        assert_int_equal(
                stafd_client_set_host(w->client, (DlpeHost) { "nqn.own-host", true, false }), 0);
        expect(w, "dc1 complete nqn.a nqn.b\n");
        assert_string_equal(w->last->entries[0].tid->host_iface, "");
        expect_silence(w);
        assert_int_equal(w->dcs[0].n_reads, 1);

        stop_stafd(w);
        expect(w, "dc1 unknown nqn.a nqn.b\n"
                  "stafd unknown\n");
        assert_int_equal(
                stafd_client_set_host(w->client, (DlpeHost) { "nqn.own-host", false, false }), 0);
        expect_silence(w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_world, teardown_world)
                TEST(test_absent_stafd_is_unknown),
                TEST(test_stafd_that_comes_later),
                TEST(test_entries_carry_their_origin),
                TEST(test_only_what_changed_is_read),
                TEST(test_news_while_asking_are_not_lost),
                TEST(test_vanished_stafd_empties_nothing),
                TEST(test_lost_bus_empties_nothing),
                TEST(test_generations_of_two_runs_are_not_compared),
                TEST(test_only_a_complete_list_says_gone),
                TEST(test_what_takes_its_place_is_read_first),
                TEST(test_remembered_entries_stay_until_the_log_is_read),
                TEST(test_failed_read_is_unknown_and_tried_again),
                TEST(test_stuck_stafd_is_unknown),
                TEST(test_many_controllers_are_all_read),
                TEST(test_stafd_without_stas1_only_adds),
                TEST(test_forged_signals_count_for_nothing),
                TEST(test_another_host_counts_at_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

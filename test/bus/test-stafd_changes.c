/* SPDX-License-Identifier: Apache-2.0 */

/* stacd's client of stafd against a stafd that knows list_changes(), on a real bus. */

#include "stafd-world.h"

static World *new_world_at_rest(void **state)
{
        World *w = world(state);

        w->is_new = true;
        start_stafd(w);
        run_for(w, 100 * USEC_PER_MSEC);
        start_stacd(w);
        expect(w, "stafd unknown\n"
                  "dc1 unknown\n"
                  "dc1 complete nqn.a nqn.b\n"
                  "stafd complete\n");
        assert_int_equal(w->dcs[0].n_reads, 0);
        assert_int_equal(w->n_lists, 0);
        return w;
}

static void test_only_what_changed_is_told(void **state)
{
        World *w = new_world_at_rest(state);

        w->dcs[1] = (FakeDc) {
                .traddr = "192.0.2.2", .state = "partial", .generation = 1, .nqns = { "nqn.c" }
        };
        w->n_told = 0;
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc2 unknown\n"
                  "dc2 partial nqn.c\n");
        assert_int_equal(w->n_told, 1);

        w->dcs[0].generation++;
        memcpy(w->dcs[0].nqns, (const char *[]) { "nqn.a", "nqn.d", "nqn.b" }, 3 * sizeof(char *));
        w->n_told = 0;
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc1 complete nqn.a nqn.b nqn.d\n");
        assert_string_equal(w->last->entries[1].where,
                            "nvme0 (tcp, 192.0.2.1, 8009, " NQN_DISCOVERY ", eth0) entry 2");
        assert_int_equal(w->n_told, 1);

        w->dcs[0].generation++;
        memcpy(w->dcs[0].nqns, (const char *[]) { "nqn.b", NULL, NULL }, 3 * sizeof(char *));
        w->n_told = 0;
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc1 complete nqn.b\n");
        assert_int_equal(w->n_told, 0);
        expect_silence(w);
}

static void test_only_a_complete_answer_says_gone(void **state)
{
        World *w = new_world_at_rest(state);

        w->complete = false;
        w->dcs[0].traddr = NULL;
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc1 unknown nqn.a nqn.b\n"
                  "stafd partial\n");
        w->complete = true;
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc1 gone\n"
                  "stafd complete\n");
}

/* What is not told until the last page is gone, and not before. */
static void test_restarted_stafd_is_followed_from_the_beginning(void **state)
{
        World *w = new_world_at_rest(state);

        stop_stafd(w);
        expect(w, "dc1 unknown nqn.a nqn.b\n"
                  "stafd unknown\n");
        w->dcs[0].state = "unknown";
        w->dcs[0].generation = 0;
        memset(w->dcs[0].nqns, 0, sizeof(w->dcs[0].nqns));
        start_stafd(w);
        expect(w, "dc1 unknown nqn.a nqn.b\n"
                  "stafd complete\n");
        w->dcs[0].state = "complete";
        w->dcs[0].generation = 1;
        memcpy(w->dcs[0].nqns, (const char *[]) { "nqn.b", "nqn.c" }, 2 * sizeof(char *));
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc1 complete nqn.b nqn.c\n");
}

/* The same stafd on another bus goes on where it was. */
static void test_lost_bus_needs_no_new_beginning(void **state)
{
        World *w = new_world_at_rest(state);

        assert_int_equal(stafd_client_set_bus(w->client, NULL), 0);
        expect(w, "dc1 unknown nqn.a nqn.b\n"
                  "stafd unknown\n");
        w->n_told = 0;
        assert_int_equal(stafd_client_set_bus(w->client, w->stacd_bus), 0);
        expect(w, "dc1 complete nqn.a nqn.b\n"
                  "stafd complete\n");
        assert_int_equal(w->n_told, 0);
}

/* As after an update of stafd alone, and of stacd alone. */
static void test_stafd_is_updated_and_back(void **state)
{
        World *w = new_world_at_rest(state);

        for (int i = 0; i < 2; i++) {
                stop_stafd(w);
                expect(w, "dc1 unknown nqn.a nqn.b\n"
                          "stafd unknown\n");
                w->is_new = false;
                start_stafd(w);
                expect(w, "stafd complete\n"
                          "dc1 complete nqn.a nqn.b\n");

                stop_stafd(w);
                expect(w, "dc1 unknown nqn.a nqn.b\n"
                          "stafd unknown\n");
                w->is_new = true;
                w->n_lists = 0;
                start_stafd(w);
                expect(w, "dc1 complete nqn.a nqn.b\n"
                          "stafd complete\n");
                assert_int_equal(w->n_lists, 0);
        }
}

/* Another epoch than that of the answers before, and a page that leads nowhere. */
static void test_answers_that_do_not_fit_are_unknown(void **state)
{
        World *w = new_world_at_rest(state);

        w->bad_epoch = true;
        assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        expect(w, "dc1 unknown nqn.a nqn.b\n"
                  "stafd unknown\n");
        w->bad_epoch = false;
        expect(w, "dc1 complete nqn.a nqn.b\n"
                  "stafd complete\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_world, teardown_world)
                TEST(test_only_what_changed_is_told),
                TEST(test_only_a_complete_answer_says_gone),
                TEST(test_restarted_stafd_is_followed_from_the_beginning),
                TEST(test_lost_bus_needs_no_new_beginning),
                TEST(test_stafd_is_updated_and_back),
                TEST(test_answers_that_do_not_fit_are_unknown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

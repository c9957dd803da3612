/* SPDX-License-Identifier: Apache-2.0 */

/* Discovery logs whose total number of entries exceeds the limit. */

#include <stdio.h>

#include "base/text.h"
#include "plan/test-story.h"

#define FULL 16384

static void want(Story *s, SourceKind kind, const char *names)
{
        SourceSet *set = story_set(s, source_kind_to_string(kind), kind, SOURCE_COMPLETE, names);

        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
}

/* leads: whether the last entry is a referral. */
static DiscoveryLog *make_full_log(size_t n, bool leads)
{
        DiscoveryLog *log = calloc(1, sizeof(*log));
        char nqn[32];

        assert_non_null(log);
        log->entries = calloc(n, sizeof(*log->entries));
        assert_non_null(log->entries);
        log->n_entries = n;
        for (size_t i = 0; i < n; i++) {
                bool is_last = leads && i == n - 1;
                (void) snprintf(nqn, sizeof(nqn), "nqn.2024-01.lab:%zu", i);
                log->entries[i] = (DlpEntry) {
                        .trtype = 3,
                        .subtype = is_last ? DLPE_REFERRAL : DLPE_NVME,
                        .trsvcid = "8009",
                        .subnqn = strdup(is_last ? NQN_DISCOVERY : nqn),
                        .traddr = strdup(is_last ? "198.51.100.1" : "192.0.2.9"),
                };
        }
        return log;
}

static void read_log(Story *s, size_t n)
{
        s->now += PLAN_LOG_PACE_USEC;
        end_read_log(s->engine, story_take(s, OPERATION_READ_LOG), 0, 0, make_full_log(n, false),
                     s->now);
        (void) story_plan(s);
}

static void connect_dc(Story *s, int instance, const char *name, size_t n)
{
        story_connect_as(s, instance, (uint64_t) instance + 1, name);
        read_log(s, n);
}

static void expect(const Story *s, const char *name, size_t n, SourceState state)
{
        const LogStatus *l = &story_find(s, name)->log;

        assert_int_equal(l->log->n_entries, n);
        assert_int_equal(l->state, state);
}

static void test_what_fits_is_complete(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        want(&s, SOURCE_CONFIGURED, "a b c d");
        connect_dc(&s, 0, "a", FULL);
        connect_dc(&s, 1, "b", FULL);
        connect_dc(&s, 2, "c", FULL);
        connect_dc(&s, 3, "d", FULL);
        assert_int_equal(story_count_notes(&s, NOTE_LOG_LEFT_OUT), 0);
        expect(&s, "a", FULL, SOURCE_COMPLETE);
        expect(&s, "d", FULL, SOURCE_COMPLETE);
}

static void test_what_does_not_fit_is_partial_and_said_once(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        want(&s, SOURCE_CONFIGURED, "a b c d e");
        connect_dc(&s, 0, "a", FULL);
        connect_dc(&s, 1, "b", FULL);
        connect_dc(&s, 2, "c", FULL);
        connect_dc(&s, 3, "d", FULL - 1000);
        connect_dc(&s, 4, "e", FULL);
        assert_int_equal(story_count_notes(&s, NOTE_LOG_LEFT_OUT), 1);
        expect(&s, "d", FULL - 1000, SOURCE_COMPLETE);
        expect(&s, "e", 1000, SOURCE_PARTIAL);
        story_uevent(&s, KERNEL_LOG_CHANGED, 4);
        read_log(&s, FULL);
        assert_int_equal(story_count_notes(&s, NOTE_LOG_LEFT_OUT), 0);
        expect(&s, "e", 1000, SOURCE_PARTIAL);
}

static void test_mdns_has_a_part_and_gives_way(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        want(&s, SOURCE_DISCOVERED, "m n o");
        connect_dc(&s, 0, "m", FULL);
        connect_dc(&s, 1, "n", FULL);
        connect_dc(&s, 2, "o", FULL);
        expect(&s, "m", FULL, SOURCE_COMPLETE);
        expect(&s, "n", FULL, SOURCE_COMPLETE);
        expect(&s, "o", 0, SOURCE_PARTIAL);

        want(&s, SOURCE_CONFIGURED, "x y z");
        connect_dc(&s, 3, "x", FULL);
        connect_dc(&s, 4, "y", FULL);
        expect(&s, "n", FULL, SOURCE_COMPLETE);
        connect_dc(&s, 5, "z", FULL);
        expect(&s, "z", FULL, SOURCE_COMPLETE);
        expect(&s, "m", FULL, SOURCE_COMPLETE);
        expect(&s, "n", 0, SOURCE_PARTIAL);
}

static void expect_referral(const Story *s)
{
        const TidFields f = { .transport = "tcp", .traddr = "198.51.100.1" };
        _cleanup_tid_ Tid *tid = NULL;

        assert_int_equal(tid_new(&f, CONTROLLER_DISCOVERY, &tid), 0);
        const Row *row = engine_find_row(s->engine, tid);
        assert_non_null(row);
        assert_true(row_is_wanted(row));
}

static void read_leading_log(Story *s)
{
        s->now += PLAN_LOG_PACE_USEC;
        end_read_log(s->engine, story_take(s, OPERATION_READ_LOG), 0, 0, make_full_log(FULL, true),
                     s->now);
        (void) story_plan(s);
}

/* Referrals are left out last. */
static void test_referrals_have_room_before_others(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        want(&s, SOURCE_CONFIGURED, "a b c d e");
        connect_dc(&s, 0, "a", FULL);
        connect_dc(&s, 1, "b", FULL);
        connect_dc(&s, 2, "c", FULL);
        connect_dc(&s, 3, "d", FULL - 1000);
        story_connect_as(&s, 4, 5, "e");
        read_leading_log(&s);
        expect(&s, "e", 1000, SOURCE_PARTIAL);
        assert_int_equal(story_find(&s, "e")->log.log->entries[999].subtype, DLPE_REFERRAL);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        read_log(&s, FULL - 1);
        expect_referral(&s);
}

/* Entries left out are not treated as removed. */
static void test_what_a_log_led_to_stays(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        want(&s, SOURCE_CONFIGURED, "a b c d");
        for (int i = 0; i < 4; i++)
                connect_dc(&s, i, (const char *[]) { "a", "b", "c", "d" }[i], FULL - 500);
        want(&s, SOURCE_DISCOVERED, "m");
        story_connect_as(&s, 4, 5, "m");
        read_leading_log(&s);
        expect(&s, "m", 2000, SOURCE_PARTIAL);
        for (int i = 0; i < 4; i++) {
                story_uevent(&s, KERNEL_LOG_CHANGED, i);
                read_log(&s, FULL);
        }
        expect(&s, "m", 0, SOURCE_PARTIAL);
        story_uevent(&s, KERNEL_LOG_CHANGED, 4);
        read_leading_log(&s);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        read_log(&s, FULL - 1);
        expect(&s, "m", 0, SOURCE_PARTIAL);
        story_wait_for(&s, 10 * USEC_PER_SEC);
        (void) story_plan(&s);
        expect_referral(&s);
}

static void test_what_was_left_out_is_read_when_there_is_room(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        want(&s, SOURCE_DISCOVERED, "m n o");
        connect_dc(&s, 0, "m", FULL);
        connect_dc(&s, 1, "n", FULL);
        connect_dc(&s, 2, "o", 10000);
        expect(&s, "o", 0, SOURCE_PARTIAL);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        read_log(&s, 100);
        expect(&s, "m", 100, SOURCE_COMPLETE);
        read_log(&s, 200);
        expect(&s, "o", 200, SOURCE_COMPLETE);
}

static void name_others(Story *s, unsigned round, const char *beside)
{
        SourceSet *set = story_set(s, "dc", SOURCE_DISCOVERY_LOG, SOURCE_PARTIAL, beside);
        char name[32];

        for (unsigned i = 0; i < FULL; i++) {
                (void) snprintf(name, sizeof(name), "x@10.%u.%u.%u", round, i / 250, i % 250 + 1);
                assert_non_null(source_set_add(set, story_tid(s, name), "dc"));
        }
        source_set_seal(set);
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
}

static size_t count_wanted(const Story *s)
{
        size_t n = 0;

        for (const Row *row = engine_next_row(s->engine, NULL); row;
             row = engine_next_row(s->engine, row))
                n += row_is_wanted(row);
        return n;
}

/* Entries missing from the latest set are kept up to the limit, and beyond it if connected. */
static void test_a_log_that_is_never_whole_has_an_end(void **state)
{
        STORY(CONTROLLER_IO);

        want(&s, SOURCE_DISCOVERY_LOG, "");
        SourceSet *set = story_set(&s, "dc", SOURCE_DISCOVERY_LOG, SOURCE_PARTIAL, "a");
        assert_int_equal(engine_set_source(s.engine, set, s.now), 0);
        story_connect_as(&s, 0, 1, "a");
        for (unsigned round = 0; round < 7; round++)
                name_others(&s, round, "");
        assert_int_equal(count_wanted(&s), 7 * FULL + 1);
        for (unsigned round = 7; round < 10; round++)
                name_others(&s, round, "");
        assert_true(count_wanted(&s) <= SOURCE_ENTRIES_MAX + 1);
        assert_true(row_is_wanted(story_find(&s, "a")));
        const SourceSet *now = engine_next_source(s.engine, NULL);
        assert_non_null(source_set_find(now, story_find(&s, "a")->tid));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_fits_is_complete),
                cmocka_unit_test(test_what_does_not_fit_is_partial_and_said_once),
                cmocka_unit_test(test_mdns_has_a_part_and_gives_way),
                cmocka_unit_test(test_referrals_have_room_before_others),
                cmocka_unit_test(test_what_a_log_led_to_stays),
                cmocka_unit_test(test_what_was_left_out_is_read_when_there_is_room),
                cmocka_unit_test(test_a_log_that_is_never_whole_has_an_end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/engine.h"

#include "plan/test-story.h"

static void test_configured_is_connected_once(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_CONNECTED), 1);
        story_expect_reason(&s, "a", REASON_CONVERGED);

        /* Repeated requests change nothing. */
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_say(&s, "other", SOURCE_COMPLETE, "a");
        story_expect_nothing(&s);
        assert_true(s.plan->wake_at == USEC_INFINITY);
}

static void test_nothing_begins_before_the_kernel_is_known(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t op_id = story_take(&s, OPERATION_SCAN);
        story_expect_reason(&s, "a", REASON_STARTING);

        assert_int_equal(end_scan(s.engine, op_id, -EIO, NULL, 0, s.now), 0);
        story_expect_nothing(&s);
        story_wait_for(&s, s.plan->wake_at - s.now);
        op_id = story_take(&s, OPERATION_SCAN);
        assert_int_equal(end_scan(s.engine, op_id, 0, NULL, 0, s.now), 0);
        (void) story_take(&s, OPERATION_CONNECT);
}

static const char *connecting(Story *s)
{
        return story_act(s, OPERATION_CONNECT)->row->tid->subsysnqn;
}

static void test_connects_wait_for_their_turn(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a b");
        assert_string_equal(connecting(&s), "nqn.2024-01.lab:a");
        story_expect_nothing(&s);
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        assert_int_equal(end_connect(s.engine, op_id, -ECONNREFUSED, -1, 0, s.now), 0);
        assert_string_equal(connecting(&s), "nqn.2024-01.lab:b");

        /* Rows that have failed come after new ones. */
        story_wait_for(&s, 1500 * USEC_PER_MSEC);
        story_expect_nothing(&s);
        story_say(&s, "other", SOURCE_COMPLETE, "c");
        story_expect_nothing(&s);
        op_id = story_take(&s, OPERATION_CONNECT);
        assert_int_equal(end_connect(s.engine, op_id, -ECONNREFUSED, -1, 0, s.now), 0);
        story_connect_as(&s, 0, 1, "c");
        story_connect_as(&s, 1, 2, "a");
}

static void test_no_connect_begins_while_it_may_be_excluded(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        engine_hold_connects(s.engine, true);
        story_uevent(&s, KERNEL_REMOVED, 0);
        story_expect_nothing(&s);

        engine_hold_connects(s.engine, false);
        story_connect_as(&s, 0, 2, "a");
}

static void test_failures_back_off(void **state)
{
        STORY(CONTROLLER_IO);
        usec_t last = 0;

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        for (int i = 0; i < 5; i++) {
                uint64_t op_id = story_take(&s, OPERATION_CONNECT);
                assert_int_equal(end_connect(s.engine, op_id, -EIO, -1, 0, s.now), 0);
                story_expect_nothing(&s);
                assert_int_equal(story_count_notes(&s, NOTE_CONNECT_FAILED), i == 0);
                story_expect_reason(&s, "a", REASON_BACKOFF);
                assert_true(s.plan->wake_at - s.now > last);
                last = s.plan->wake_at - s.now;
                story_wait_for(&s, last);
        }
        /* A different error is reported. */
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        assert_int_equal(end_connect(s.engine, op_id, -EHOSTUNREACH, -1, 0, s.now), 0);
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_CONNECT_FAILED), 1);
}

static void fail_to_connect(Story *s)
{
        uint64_t op_id = story_take(s, OPERATION_CONNECT);

        assert_int_equal(end_connect(s->engine, op_id, -EIO, -1, 0, s->now), 0);
        story_expect_nothing(s);
}

static void tell_news(Story *s, const char *interface, const char *prefix)
{
        Reachability reachability = { .prefix = address_parse(TRANSPORT_TCP, prefix),
                                      .n_bits = 24 };

        memcpy(reachability.interface, interface, strlen(interface) + 1);
        engine_reachability_changed(s->engine, &reachability);
}

static void test_good_news_end_a_wait(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        fail_to_connect(&s);
        story_say(&s, "mdns", SOURCE_PARTIAL, "a"); /* another source has found it */
        fail_to_connect(&s);
        tell_news(&s, "eth0", "192.0.2.0");
        fail_to_connect(&s);
        tell_news(&s, "veth0", NULL);
        story_expect_nothing(&s);
        engine_announced(s.engine, story_find(&s, "a")->tid, s.now);
        fail_to_connect(&s);
        story_expect_nothing(&s);
        engine_retry_now(s.engine);
        fail_to_connect(&s);
}

static void test_short_connections_back_off(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_wait_for(&s, USEC_PER_SEC);
        story_uevent(&s, KERNEL_REMOVED, 0);
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_BACKOFF);
        assert_int_equal(story_count_notes(&s, NOTE_LOST), 1);

        story_wait_for(&s, 2 * USEC_PER_SEC);
        story_connect_as(&s, 0, 2, "a");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_uevent(&s, KERNEL_REMOVED, 0);
        story_connect_as(&s, 0, 3, "a"); /* at once */
}

static void test_unwanted_is_removed_after_a_quiet_time(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_UNWANTED), 1);
        assert_true(s.plan->wake_at == s.now + PLAN_QUIET_USEC);

        story_wait_for(&s, PLAN_QUIET_USEC - 1);
        story_say(&s, "config", SOURCE_COMPLETE, "a"); /* the source was rewritten */
        story_wait_for(&s, 1);
        story_expect_nothing(&s);

        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_wait_for(&s, PLAN_QUIET_USEC - 1);
        story_expect_nothing(&s);
        story_wait_for(&s, 1);
        story_disconnect(&s, 0);
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_DISCONNECTED), 1);
        assert_int_equal(story_count_notes(&s, NOTE_FORGOTTEN), 1);
        assert_null(story_find(&s, "a"));
}

static void test_unknown_keeps_and_partial_adds(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "dc", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_say(&s, "dc", SOURCE_UNKNOWN, "");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);

        story_say(&s, "dc", SOURCE_PARTIAL, "b");
        story_connect_as(&s, 1, 2, "b");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);

        story_say(&s, "dc", SOURCE_COMPLETE, "b");
        (void) story_plan(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 0);
        story_expect_nothing(&s);
}

static void test_a_dropped_source_wants_nothing(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "dc", SOURCE_UNKNOWN, "a");
        story_connect_as(&s, 0, 1, "a");
        engine_drop_source(s.engine, "dc", s.now);
        engine_drop_source(s.engine, "never heard of", s.now);
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 0);
        assert_null(engine_next_source(s.engine, NULL));
}

static void test_unwanted_while_connecting(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_wait_for(&s, 60 * USEC_PER_SEC);
        story_expect_nothing(&s);

        assert_int_equal(end_connect(s.engine, op_id, 0, 0, 1, s.now), 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 1, "a"));
        story_expect_nothing(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 0);
}

static void test_restored_entries_start_nothing(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);

        story_remember(&s, "dc", "a b");
        story_scan(&s, story_device(&s, 0, 1, "a"), NULL);
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_CONVERGED); /* kept */
        story_expect_reason(&s, "b", REASON_REMEMBERED);

        story_say(&s, "dc", SOURCE_PARTIAL, "b"); /* confirmed by the source itself */
        story_connect_as(&s, 1, 2, "b");
        story_expect_reason(&s, "a", REASON_CONVERGED);
}

static void test_restored_connections_wait_for_all_sources(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);

        assert_int_equal(engine_restore_device(s.engine, 0, 1), 0);
        assert_int_equal(engine_restore_device(s.engine, 1, 2), 0);
        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_remember(&s, "dc", "");
        story_scan(&s, story_device(&s, 0, 1, "a"),
                   story_device(&s, 1, 3, "b")); /* nvme1 is another controller */
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_UNSURE);
        assert_false(engine_find_device(s.engine, 1)->ours);

        story_say(&s, "dc", SOURCE_COMPLETE, "");
        story_expect_nothing(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 0);
        story_expect_nothing(&s);
}

/* mDNS is not waited for if it is not available, except while it is being contacted, and if it
 * named controllers before the restart. */
static void test_mdns_that_is_not_there_is_not_waited_for(void **state)
{
        static const SourceState states[] = { SOURCE_PARTIAL, SOURCE_UNKNOWN };
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_DISCOVERY);

        assert_int_equal(engine_restore_device(s.engine, 0, 1), 0);
        story_say(&s, "config", SOURCE_COMPLETE, "");
        SourceSet *set = story_set(&s, "mdns", SOURCE_DISCOVERED, SOURCE_UNKNOWN, "b");
        set->restored = true;
        assert_int_equal(engine_set_source(s.engine, set, s.now), 0);
        story_scan(&s, story_device(&s, 0, 1, "a"), NULL);
        for (size_t i = 0; i < ELEMENTSOF(states); i++) {
                story_wait_for(&s, 3600 * USEC_PER_SEC);
                story_expect_nothing(&s);
                story_expect_reason(&s, "a", REASON_UNSURE);
                assert_false(engine_knows_sources(s.engine));
                set = story_set(&s, "mdns", SOURCE_DISCOVERED, states[i], "");
                assert_int_equal(engine_set_source(s.engine, set, s.now), 0);
        }
        assert_true(engine_knows_sources(s.engine));
        story_expect_nothing(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 0);
        assert_true(story_find(&s, "b")->wanted.is_wanted); /* its entries are kept */
}

static void test_a_restored_connection_may_be_seen_late(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);

        assert_int_equal(engine_restore_device(s.engine, 0, 1), 0);
        story_remember(&s, "dc", "");
        uint64_t scan_op = story_take(&s, OPERATION_SCAN);
        story_uevent(&s, KERNEL_CONNECTED, 0);
        uint64_t read_op = story_take(&s, OPERATION_READ_DEVICE);
        assert_int_equal(end_scan(s.engine, scan_op, 0, NULL, 0, s.now), 0);
        story_read_device(&s, read_op, 0, story_device(&s, 0, 1, "a"));
        assert_true(engine_find_device(s.engine, 0)->ours);
}

static void set_excludes(Story *s, const char *nqn)
{
        Policy *p = story_policy(s);
        TidFields rule = { .subsysnqn = nqn };

        if (nqn)
                assert_int_equal(exclude_list_add(&p->excludes, &rule, "here"), 0);
        engine_set_policy(s->engine, p, s->now);
}

static void test_excluded(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        set_excludes(&s, "nqn.2024-01.lab:a");
        story_expect_nothing(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 0);
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_EXCLUDED);
        assert_string_equal(story_find(&s, "a")->wanted.excluded_by->where, "here");

        set_excludes(&s, NULL);
        story_wait_for(&s, 60 * USEC_PER_SEC);
        story_connect_as(&s, 0, 2, "a");
}

static void test_family_not_in_use(void **state)
{
        STORY(CONTROLLER_IO);
        Policy *p = story_policy(&s);

        p->ip_families = IP_FAMILY_IPV6;
        engine_set_policy(s.engine, p, s.now);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_EXCLUDED);
        assert_true(story_find(&s, "a")->wanted.wrong_family);
}

static SourceSet *make_ncc_set(const Story *s, uint16_t eflags)
{
        SourceSet *set = story_set(s, "dc", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, "a");
        DlpEntry entry = { .eflags = eflags, .subnqn = (char *) "x", .traddr = (char *) "y" };

        set->entries[0].dlpe = calloc(1, sizeof(DlpEntry));
        assert_int_equal(dlpe_copy(&entry, set->entries[0].dlpe), 0);
        return set;
}

static void test_ncc(void **state)
{
        STORY(CONTROLLER_IO);
        Policy *p = story_policy(&s);
        SourceSet *set = make_ncc_set(&s, DLPE_EFLAGS_NCC);

        p->connect_attempts_on_ncc = 2;
        engine_set_policy(s.engine, p, s.now);
        assert_int_equal(engine_set_source(s.engine, set, s.now), 0);
        fail_to_connect(&s);
        story_wait_for(&s, 60 * USEC_PER_SEC);
        fail_to_connect(&s);
        story_expect_reason(&s, "a", REASON_NCC);
        assert_true(s.plan->wake_at == USEC_INFINITY);

        set = make_ncc_set(&s, 0);
        assert_int_equal(engine_set_source(s.engine, set, s.now), 0);
        fail_to_connect(&s); /* at once */
}

static void test_strongest_origin_gives_the_settings(void **state)
{
        STORY(CONTROLLER_IO);
        SourceSet *config = story_set(&s, "config", SOURCE_CONFIGURED, SOURCE_COMPLETE, "a"),
                  *log = story_set(&s, "dc", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, "a");
        Policy *p = story_policy(&s);

        p->settings.value[SETTING_QUEUE_SIZE] = 64;
        p->settings.value[SETTING_KATO] = 5;
        engine_set_policy(s.engine, p, s.now);
        config->entries[0].settings.value[SETTING_KATO] = 7;
        log->entries[0].settings.value[SETTING_KATO] = 9;
        assert_int_equal(engine_set_source(s.engine, log, s.now), 0);
        assert_int_equal(engine_set_source(s.engine, config, s.now), 0);

        const Action *a = story_act(&s, OPERATION_CONNECT);
        assert_string_equal(row_origin(a->row)->set->key, "config");
        assert_int_equal(a->settings.value[SETTING_KATO], 7);
        assert_int_equal(a->settings.value[SETTING_QUEUE_SIZE], 64);
        assert_int_equal(a->settings.value[SETTING_HDR_DIGEST], SETTING_DEFAULT);
}

static void test_release_all(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_say(&s, "config", SOURCE_COMPLETE, "a b");
        story_connect_as(&s, 0, 1, "a");
        uint64_t connect_op = story_take(&s, OPERATION_CONNECT),
                 log_op = story_take(&s, OPERATION_READ_LOG);
        engine_release_all(s.engine);
        story_expect_nothing(&s); /* operations under way must end first */
        assert_true(engine_is_busy(s.engine));

        end_read_log(s.engine, log_op, 0, 0, story_log(1), s.now);
        story_disconnect(&s, 0);
        story_expect_nothing(&s);
        assert_int_equal(end_connect(s.engine, connect_op, 0, 1, 2, s.now), 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 1,
                          story_device(&s, 1, 2, "b"));
        assert_true(engine_is_busy(s.engine));
        story_disconnect(&s, 1);
        story_expect_nothing(&s);
        assert_false(engine_is_busy(s.engine));
}

static void test_looking_in(void **state)
{
        STORY(CONTROLLER_IO);
        size_t n = 0;

        story_say(&s, "y", SOURCE_COMPLETE, "b a");
        story_say(&s, "x", SOURCE_COMPLETE, "c");
        (void) story_plan(&s);
        for (const Row *row = NULL; (row = engine_next_row(s.engine, row));)
                assert_int_equal(row->tid->subsysnqn[strlen("nqn.2024-01.lab:")], 'a' + (int) n++);
        assert_int_equal(n, 3);
        const SourceSet *x = engine_next_source(s.engine, NULL);
        assert_string_equal(x->key, "x");
        assert_string_equal(engine_next_source(s.engine, x)->key, "y");
        assert_null(engine_next_device(s.engine, NULL));
        assert_null(engine_find_device(s.engine, 0));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_configured_is_connected_once),
                cmocka_unit_test(test_nothing_begins_before_the_kernel_is_known),
                cmocka_unit_test(test_connects_wait_for_their_turn),
                cmocka_unit_test(test_no_connect_begins_while_it_may_be_excluded),
                cmocka_unit_test(test_failures_back_off),
                cmocka_unit_test(test_good_news_end_a_wait),
                cmocka_unit_test(test_short_connections_back_off),
                cmocka_unit_test(test_unwanted_is_removed_after_a_quiet_time),
                cmocka_unit_test(test_unknown_keeps_and_partial_adds),
                cmocka_unit_test(test_a_dropped_source_wants_nothing),
                cmocka_unit_test(test_unwanted_while_connecting),
                cmocka_unit_test(test_restored_entries_start_nothing),
                cmocka_unit_test(test_restored_connections_wait_for_all_sources),
                cmocka_unit_test(test_mdns_that_is_not_there_is_not_waited_for),
                cmocka_unit_test(test_a_restored_connection_may_be_seen_late),
                cmocka_unit_test(test_excluded),
                cmocka_unit_test(test_family_not_in_use),
                cmocka_unit_test(test_ncc),
                cmocka_unit_test(test_strongest_origin_gives_the_settings),
                cmocka_unit_test(test_release_all),
                cmocka_unit_test(test_looking_in),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

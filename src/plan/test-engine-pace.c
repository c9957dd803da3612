/* SPDX-License-Identifier: Apache-2.0 */

/* Events that others can cause at any rate: limits on the engine's reactions. */

#include "plan/test-story.h"

/* A thousand notices per second. */
enum {
        N_SECONDS = 10,
        N_NOTICES = 1000 * N_SECONDS,
};

static size_t count_actions(const Story *s, Operation operation)
{
        size_t n = 0;

        for (size_t i = 0; i < s->plan->n_actions; i++)
                n += s->plan->actions[i].operation == operation;
        return n;
}

static void begin_connected(Story *s)
{
        story_begin(s, CONTROLLER_DISCOVERY);
        story_scan(s, NULL, NULL);
        story_say(s, "config", SOURCE_COMPLETE, "dc");
        story_connect_as(s, 0, 1, "dc");
}

static void read_log(Story *s)
{
        end_read_log(s->engine, story_take(s, OPERATION_READ_LOG), 0, 0, story_log(1), s->now);
        (void) story_plan(s);
}

static void refuse_log(Story *s, int nvme_status)
{
        end_read_log(s->engine, story_take(s, OPERATION_READ_LOG), -EIO, nvme_status, NULL, s->now);
        (void) story_plan(s);
}

#define CONNECTED(s)                                                                               \
        _cleanup_(story_end) Story s;                                                              \
        begin_connected(&s)

static void test_who_refuses_and_notifies_is_read_once_a_second(void **state)
{
        CONNECTED(s);
        size_t n_reads = 0, n_notes = 0;

        for (int i = 0; i < N_NOTICES; i++) {
                (void) story_plan(&s);
                if (count_actions(&s, OPERATION_READ_LOG) > 0) {
                        n_reads++;
                        refuse_log(&s, 0x2);
                        n_notes += story_count_notes(&s, NOTE_LOG_FAILED);
                }
                story_uevent(&s, KERNEL_LOG_CHANGED, 0);
                story_wait_for(&s, USEC_PER_MSEC);
        }
        assert_in_range(n_reads, N_SECONDS, N_SECONDS + 1);
        assert_int_equal(n_notes, 1);
}

static void test_the_first_notice_after_quiet_is_read_at_once(void **state)
{
        CONNECTED(s);

        read_log(&s);
        story_wait_for(&s, PLAN_LOG_PACE_USEC);
        story_expect_nothing(&s);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        read_log(&s);

        story_wait_for(&s, 1);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        story_expect_nothing(&s);
        story_expect_reason(&s, "dc", REASON_LOG_STALE);
        assert_int_equal(s.plan->wake_at, s.now - 1 + PLAN_LOG_PACE_USEC);
        story_wait_for(&s, PLAN_LOG_PACE_USEC - 1);
        read_log(&s);
        story_wait_for(&s, 60 * USEC_PER_SEC);
        story_expect_nothing(&s);
}

static void test_a_notice_while_the_log_is_read_has_it_read_once_more(void **state)
{
        CONNECTED(s);

        uint64_t op_id = story_take(&s, OPERATION_READ_LOG);
        for (int i = 0; i < 100; i++)
                story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        story_wait_for(&s, 2 * USEC_PER_SEC);
        story_expect_nothing(&s);
        end_read_log(s.engine, op_id, 0, 0, story_log(1), s.now);
        read_log(&s);
        story_wait_for(&s, 60 * USEC_PER_SEC);
        story_expect_nothing(&s);
}

static void test_a_new_connection_is_read_at_once(void **state)
{
        CONNECTED(s);

        read_log(&s);
        story_uevent(&s, KERNEL_CONNECTED, 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 1, "dc"));
        read_log(&s);
        engine_retry_now(s.engine);
        engine_reread_logs(s.engine);
        read_log(&s);
}

/* stacd does not handle discovery controllers: it receives their entries from stafd. */
static void test_stacd_does_not_look_at_what_notifies(void **state)
{
        STORY(CONTROLLER_IO);

        for (int i = 0; i < N_NOTICES; i++) {
                story_uevent(&s, KERNEL_LOG_CHANGED, 7);
                story_expect_nothing(&s);
        }
}

/* Each one starts a unit. */
static void test_notices_of_others_are_told_now_and_then(void **state)
{
        STORY(CONTROLLER_DISCOVERY);
        size_t n = 0;

        story_uevent(&s, KERNEL_ADDED, 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 1, "a"));
        for (int i = 0; i < N_NOTICES; i++) {
                story_uevent(&s, KERNEL_LOG_CHANGED, 0);
                (void) story_plan(&s);
                n += story_count_notes(&s, NOTE_FOREIGN_NOTICE);
                if (i == 0)
                        assert_int_equal(n, 1);
                story_wait_for(&s, USEC_PER_MSEC);
        }
        assert_in_range(n, 2, 5); /* systemd's start limit within ten seconds */

        usec_t at = story_plan(&s)->wake_at; /* the last one is not lost */
        assert_in_range(at, s.now + 1, s.now + 10 * USEC_PER_SEC);
        s.now = at;
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 1);
        assert_true(story_plan(&s)->wake_at == USEC_INFINITY);
}

static void test_announcements_without_end(void **state)
{
        STORY(CONTROLLER_DISCOVERY);
        size_t n = 0;

        story_say(&s, "mdns", SOURCE_COMPLETE, "a");
        for (int i = 0; i < N_NOTICES; i++) {
                (void) story_plan(&s);
                if (count_actions(&s, OPERATION_CONNECT) > 0) {
                        n++;
                        assert_int_equal(end_connect(s.engine, story_take(&s, OPERATION_CONNECT),
                                                     -ECONNREFUSED, -1, 0, s.now),
                                         0);
                        (void) story_plan(&s);
                }
                engine_announced(s.engine, story_find(&s, "a")->tid, s.now);
                story_wait_for(&s, USEC_PER_MSEC);
        }
        assert_in_range(n, 2, 6);
}

static void test_events_that_are_lost_without_end(void **state)
{
        STORY(CONTROLLER_IO);
        size_t n = 0;

        for (int i = 0; i < N_NOTICES; i++) {
                engine_kernel_events_lost(s.engine);
                (void) story_plan(&s);
                if (count_actions(&s, OPERATION_SCAN) > 0) {
                        n++;
                        assert_int_equal(end_scan(s.engine, story_take(&s, OPERATION_SCAN), 0, NULL,
                                                  0, s.now),
                                         0);
                }
                story_wait_for(&s, USEC_PER_MSEC);
        }
        assert_in_range(n, N_SECONDS, 2 * N_SECONDS + 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_who_refuses_and_notifies_is_read_once_a_second),
                cmocka_unit_test(test_the_first_notice_after_quiet_is_read_at_once),
                cmocka_unit_test(test_a_notice_while_the_log_is_read_has_it_read_once_more),
                cmocka_unit_test(test_a_new_connection_is_read_at_once),
                cmocka_unit_test(test_stacd_does_not_look_at_what_notifies),
                cmocka_unit_test(test_notices_of_others_are_told_now_and_then),
                cmocka_unit_test(test_announcements_without_end),
                cmocka_unit_test(test_events_that_are_lost_without_end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Peers that withdraw controllers and name them again: number of connects and disconnects. */

#include "plan/test-story.h"

/* The discovery log names these controllers. */
static void name(Story *s, const char *names)
{
        SourceSet *set = story_set(s, "dc", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, names);

        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
}

static const Action *find_action(const Story *s, Operation operation)
{
        for (size_t i = 0; i < s->plan->n_actions; i++)
                if (s->plan->actions[i].operation == operation)
                        return &s->plan->actions[i];
        return NULL;
}

/* Completes all requested operations at once for the given time. Returns the number of connects. */
static size_t pass(Story *s, usec_t time, int error)
{
        usec_t end = s->now + time;
        size_t n = 0;

        for (;;) {
                usec_t at = story_plan(s)->wake_at;
                const Action *a;

                if (find_action(s, OPERATION_CONNECT)) {
                        n++;
                        if (error == 0)
                                story_connect_as(s, 0, s->now, "a");
                        else
                                assert_int_equal(end_connect(s->engine,
                                                             story_take(s, OPERATION_CONNECT),
                                                             error, -1, 0, s->now),
                                                 0);
                        continue;
                }
                a = find_action(s, OPERATION_DISCONNECT);
                if (a) {
                        story_uevent(s, KERNEL_REMOVED, a->instance);
                        end_disconnect(s->engine, story_take(s, OPERATION_DISCONNECT), 0, NULL,
                                       s->now);
                        continue;
                }
                if (at > end)
                        break;
                s->now = MAX(at, s->now + 1);
        }
        s->now = end;
        return n;
}

/* Names and withdraws the controller n_times, for the given time each. Returns the number of
 * connects. */
static size_t alternate(Story *s, size_t n_times, usec_t half, int error)
{
        size_t n = 0;

        while (n_times-- > 0) {
                name(s, "a");
                n += pass(s, half, error);
                name(s, "");
                n += pass(s, half, error);
        }
        return n;
}

static const usec_t half = 1200 * USEC_PER_MSEC;

/* 25 times in a minute. */
static void test_a_log_that_alternates(void **state)
{
        STORY(CONTROLLER_IO);

        assert_in_range(alternate(&s, 25, half, 0), 1, 4);
        assert_non_null(story_find(&s, "a")->node);
        assert_int_equal(alternate(&s, 250, half, 0), 0);

        pass(&s, 301 * USEC_PER_SEC, 0); /* finally withdrawn */
        assert_null(story_find(&s, "a"));
}

/* Withdrawn just long enough to be disconnected. */
static void test_a_log_that_knows_the_quiet_time(void **state)
{
        STORY(CONTROLLER_IO);
        usec_t begin = s.now;
        size_t n = 0;

        while (s.now < begin + 60 * USEC_PER_SEC) {
                name(&s, "a");
                n += pass(&s, 100 * USEC_PER_MSEC, 0);
                name(&s, "");
                for (usec_t end = s.now + 300 * USEC_PER_SEC; story_find(&s, "a") && s.now < end;)
                        n += pass(&s, 100 * USEC_PER_MSEC, 0);
        }
        assert_in_range(n, 3, 8);
}

static void test_a_target_that_refuses_is_not_tried_each_time(void **state)
{
        STORY(CONTROLLER_IO);

        assert_in_range(alternate(&s, 25, half, -EIO), 3, 8);
}

static void test_an_addition_acts_at_once(void **state)
{
        STORY(CONTROLLER_IO);

        (void) alternate(&s, 10, half, 0);
        pass(&s, 301 * USEC_PER_SEC, 0);
        assert_null(story_find(&s, "a"));
        name(&s, "a");
        story_connect_as(&s, 0, 1, "a");
}

static void expect_quiet(Story *s, usec_t time)
{
        story_wait_for(s, time - 1);
        story_expect_nothing(s);
        story_expect_reason(s, "a", REASON_QUIET_TIME);
        story_wait_for(s, 1);
        (void) story_act(s, OPERATION_DISCONNECT);
}

static void flap(Story *s)
{
        assert_in_range(alternate(s, 25, half, 0), 1, 4);
        name(s, "a");
        (void) story_plan(s);
}

static void test_what_the_administrator_removes_goes_as_usual(void **state)
{
        STORY(CONTROLLER_IO);

        flap(&s);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        name(&s, "");
        (void) story_plan(&s);
        story_say(&s, "config", SOURCE_COMPLETE, "");
        expect_quiet(&s, PLAN_QUIET_USEC);
}

static void test_what_is_excluded_goes_as_usual(void **state)
{
        const TidFields fields = { .subsysnqn = "nqn.2024-01.lab:a" };
        STORY(CONTROLLER_IO);
        Policy *p = story_policy(&s);

        flap(&s);
        assert_int_equal(exclude_list_add(&p->excludes, &fields, "rule"), 0);
        engine_set_policy(s.engine, p, s.now);
        expect_quiet(&s, PLAN_QUIET_USEC);
}

static void test_a_reload_ends_it(void **state)
{
        STORY(CONTROLLER_IO);

        flap(&s);
        name(&s, "");
        story_wait_for(&s, 10 * USEC_PER_SEC);
        story_expect_nothing(&s);
        engine_retry_now(s.engine);
        story_disconnect(&s, 0);

        name(&s, "a");
        story_connect_as(&s, 0, 2, "a");
        name(&s, "");
        (void) story_plan(&s);
        expect_quiet(&s, PLAN_QUIET_USEC);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_log_that_alternates),
                cmocka_unit_test(test_a_log_that_knows_the_quiet_time),
                cmocka_unit_test(test_a_target_that_refuses_is_not_tried_each_time),
                cmocka_unit_test(test_an_addition_acts_at_once),
                cmocka_unit_test(test_what_the_administrator_removes_goes_as_usual),
                cmocka_unit_test(test_what_is_excluded_goes_as_usual),
                cmocka_unit_test(test_a_reload_ends_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

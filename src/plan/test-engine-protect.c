/* SPDX-License-Identifier: Apache-2.0 */

/* What is in use is not harmed, and a daemon that was killed knows its own again. */

#include "plan/engine.h"

#include "plan/test-story.h"

/* "a" was connected by us and nobody wants it any more: its deletion is due. */
static void let_go(Story *s)
{
        say(s, "config", SOURCE_COMPLETE, "a");
        connect_as(s, 0, 1, "a");
        say(s, "config", SOURCE_COMPLETE, "");
        (void) plan(s);
        wait_for(s, PLAN_QUIET_USEC);
}

static void refuse(Story *s)
{
        engine_disconnect_done(s->engine, take(s, ACTION_DISCONNECT), -EBUSY, s->now);
}

static void test_a_device_in_use_keeps_its_last_path(void **state)
{
        STORY(CONTROLLER_IO);

        let_go(&s);
        for (int i = 0; i < 3; i++) {
                refuse(&s);
                expect_nothing(&s);
                assert_int_equal(count_notes(&s, NOTE_IN_USE), i == 0); /* told once */
                assert_int_equal(count_notes(&s, NOTE_DISCONNECT_FAILED), 0);
                expect_reason(&s, "a", REASON_IN_USE);
                assert_true(s.plan->wake_at == s.now + PLAN_IN_USE_RETRY_USEC);
                wait_for(&s, PLAN_IN_USE_RETRY_USEC);
        }
        disconnect(&s, 0); /* released */
        expect_nothing(&s);
        assert_null(find(&s, "a"));
}

static void test_it_is_told_again_when_it_was_wanted_meanwhile(void **state)
{
        STORY(CONTROLLER_IO);

        let_go(&s);
        refuse(&s);
        say(&s, "config", SOURCE_COMPLETE, "a");
        expect_nothing(&s);
        expect_reason(&s, "a", REASON_CONVERGED);

        say(&s, "config", SOURCE_COMPLETE, "");
        (void) plan(&s);
        expect_reason(&s, "a", REASON_QUIET_TIME);
        wait_for(&s, PLAN_IN_USE_RETRY_USEC);
        refuse(&s);
        expect_nothing(&s);
        assert_int_equal(count_notes(&s, NOTE_IN_USE), 1);
}

static void test_force_is_handed_on(void **state)
{
        STORY(CONTROLLER_IO);

        let_go(&s);
        const Action *a = act(&s, ACTION_DISCONNECT);
        assert_false(a->force);
        engine_disconnect_done(s.engine, a->op_id, -EBUSY, s.now);

        Policy *p = make_policy(&s);
        p->disconnect_in_use_force = true;
        engine_set_policy(s.engine, p, s.now);
        wait_for(&s, PLAN_IN_USE_RETRY_USEC);
        assert_true(act(&s, ACTION_DISCONNECT)->force);
}

static Device *device_owned_by(const Story *s, int instance, const char *name, const char *owner)
{
        Device *d = device_of(s, instance, (uint64_t) instance + 1, name);

        d->owner = strdup(owner);
        assert_non_null(d->owner);
        return d;
}

/* Killed before the state file knew of the connection. */
static void test_what_the_registry_says_is_ours(void **state)
{
        _cleanup_(end) Story s;
        begin(&s, CONTROLLER_IO);

        say(&s, "config", SOURCE_UNKNOWN, "");
        scan(&s, device_owned_by(&s, 0, "a", "stas"), device_owned_by(&s, 1, "b", "nvme-cli"));
        expect_nothing(&s);
        assert_true(engine_find_device(s.engine, 0)->ours);
        assert_false(engine_find_device(s.engine, 1)->ours);
        wait_for(&s, 3600 * USEC_PER_SEC);
        expect_nothing(&s); /* who may want it has not spoken */

        say(&s, "config", SOURCE_COMPLETE, "");
        wait_for(&s, PLAN_QUIET_USEC);
        disconnect(&s, 0);
        expect_nothing(&s);
}

/* Killed while it was connecting: the connection comes up when nobody wants it any more. */
static void test_what_a_killed_run_was_connecting_is_ours(void **state)
{
        _cleanup_(end) Story s;
        begin(&s, CONTROLLER_IO);

        remember(&s, "log", "a");
        assert_int_equal(engine_remember(s.engine, find(&s, "a")->tid), 0);
        say(&s, "log", SOURCE_COMPLETE, "");
        scan(&s, NULL, NULL);
        expect_nothing(&s);
        uevent(&s, KERNEL_CONNECTED, 0);
        engine_connects_over(s.engine);
        read_device(&s, take(&s, ACTION_READ_DEVICE), 0, device_of(&s, 0, 1, "a"));
        (void) plan(&s);
        wait_for(&s, PLAN_QUIET_USEC);
        disconnect(&s, 0);
        expect_nothing(&s);

        uevent(&s, KERNEL_CONNECTED, 0);
        read_device(&s, take(&s, ACTION_READ_DEVICE), 0, device_of(&s, 0, 2, "a"));
        expect_nothing(&s);
        assert_false(engine_find_device(s.engine, 0)->ours); /* by somebody else, later */
}

/* What was there before was a local disk; its removal went unseen. */
static void test_a_name_from_before_tells_nothing(void **state)
{
        _cleanup_(end) Story s;
        begin(&s, CONTROLLER_IO);

        remember(&s, "log", "a");
        say(&s, "log", SOURCE_COMPLETE, "");
        uevent(&s, KERNEL_ADDED, 0);
        assert_int_equal(engine_read_device_done(s.engine, take(&s, ACTION_READ_DEVICE), 0,
                                                 -EOPNOTSUPP, NULL, s.now),
                         0);
        uint64_t scan_id = take(&s, ACTION_SCAN);
        uevent(&s, KERNEL_CONNECTED, 0);
        uint64_t read_id = take(&s, ACTION_READ_DEVICE);
        assert_int_equal(engine_scan_done(s.engine, scan_id, 0, NULL, 0, s.now), 0);
        engine_connects_over(s.engine);
        read_device(&s, read_id, 0, device_of(&s, 0, 1, "a"));
        assert_false(engine_find_device(s.engine, 0)->ours);
}

/* Somebody else has connected to the same end as well, and has the lower name. */
static void test_a_restart_takes_up_its_own_connection(void **state)
{
        for (int by_registry = 0; by_registry < 2; by_registry++) {
                _cleanup_(end) Story s;
                begin(&s, CONTROLLER_DISCOVERY);

                say(&s, "config", SOURCE_COMPLETE, "dc");
                if (!by_registry)
                        assert_int_equal(engine_restore_device(s.engine, 1, 2), 0);
                scan(&s, device_of(&s, 0, 1, "a"),
                     by_registry ? device_owned_by(&s, 1, "a", "stas") : device_of(&s, 1, 2, "a"));
                assert_int_equal(find(&s, "dc")->node->instance, 1);
                assert_false(engine_find_device(s.engine, 0)->ours);
        }
}

/* The uevent of the removal was lost, and that of the new controller was none of ours to follow. */
static void test_a_name_that_means_another_kind_now(void **state)
{
        STORY(CONTROLLER_IO);

        let_go(&s);
        engine_disconnect_done(s.engine, take(&s, ACTION_DISCONNECT), -ESTALE, s.now);
        assert_int_equal(engine_read_device_done(s.engine, take(&s, ACTION_READ_DEVICE), 0,
                                                 -EOPNOTSUPP, NULL, s.now),
                         0);
        expect_nothing(&s);
        assert_null(find(&s, "a"));
        assert_null(engine_find_device(s.engine, 0));
}

/* The uevent of its removal was lost; the scan looked before, the read after it. */
static void test_a_read_knows_more_than_the_scan_before(void **state)
{
        STORY(CONTROLLER_IO);

        say(&s, "config", SOURCE_COMPLETE, "a");
        connect_as(&s, 0, 1, "a");
        engine_kernel_events_lost(s.engine);
        uint64_t scan_id = take(&s, ACTION_SCAN);
        uevent(&s, KERNEL_CONNECTED, 0);
        read_device(&s, take(&s, ACTION_READ_DEVICE), 0, NULL);
        Device *seen[] = { device_of(&s, 0, 1, "a") };
        assert_int_equal(engine_scan_done(s.engine, scan_id, 0, seen, 1, s.now), 0);
        assert_null(find(&s, "a")->node);
        assert_null(engine_find_device(s.engine, 0));
}

/* Should the connect fail, the boot firmware's controller is reached by what there is. */
static void test_giving_up_leaves_what_the_firmware_may_need(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        SourceSet *nbft = make_set(&s, "nbft", SOURCE_NBFT, SOURCE_COMPLETE, "dc");
        assert_int_equal(engine_set_source(s.engine, nbft, s.now), 0);
        uint64_t op_id = take(&s, ACTION_CONNECT);
        say(&s, "config", SOURCE_COMPLETE, "a");
        engine_kernel_events_lost(s.engine);
        scan(&s, device_of(&s, 0, 1, "a"), NULL);
        engine_read_log_done(s.engine, take(&s, ACTION_READ_LOG), 0, 0, make_log(1), s.now);
        engine_release_all(s.engine);
        expect_nothing(&s);

        assert_int_equal(engine_connect_done(s.engine, op_id, -EIO, -1, s.now), 0);
        expect_nothing(&s);
        assert_int_equal(find(&s, "dc")->node->instance, 0);
        assert_false(engine_is_busy(s.engine));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_device_in_use_keeps_its_last_path),
                cmocka_unit_test(test_it_is_told_again_when_it_was_wanted_meanwhile),
                cmocka_unit_test(test_force_is_handed_on),
                cmocka_unit_test(test_what_the_registry_says_is_ours),
                cmocka_unit_test(test_what_a_killed_run_was_connecting_is_ours),
                cmocka_unit_test(test_a_name_from_before_tells_nothing),
                cmocka_unit_test(test_a_restart_takes_up_its_own_connection),
                cmocka_unit_test(test_a_name_that_means_another_kind_now),
                cmocka_unit_test(test_a_read_knows_more_than_the_scan_before),
                cmocka_unit_test(test_giving_up_leaves_what_the_firmware_may_need),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

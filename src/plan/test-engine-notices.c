/* SPDX-License-Identifier: Apache-2.0 */

/* Discovery controllers of other programs: their change notifications, and their owners. */

#include "plan/test-story.h"

static void test_notices_of_others_are_told(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_uevent(&s, KERNEL_CONNECTED, 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 1, "a"));
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE),
                         0); /* read by the program that connects it */

        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 1);
        assert_int_equal(s.plan->notes[0].instance, 0);
        assert_ptr_equal(s.plan->notes[0].device, engine_find_device(s.engine, 0)->device);
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 0);

        story_wait_for(&s, 3 * USEC_PER_SEC);
        story_uevent(&s, KERNEL_REDISCOVERED, 0);
        uint64_t op_id = story_take(&s, OPERATION_READ_DEVICE);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE),
                         0); /* it may be another controller now */
        story_read_device(&s, op_id, 0, story_device(&s, 0, 1, "a"));
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 1);
}

static void test_notices_of_what_is_not_known_yet(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        uint64_t op_id = story_take(&s, OPERATION_READ_DEVICE);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 0);
        story_read_device(&s, op_id, 0, story_device(&s, 0, 1, "a"));
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 1);

        story_uevent(&s, KERNEL_LOG_CHANGED, 1); /* an I/O controller, or removed */
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 1, NULL);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        story_uevent(&s, KERNEL_REMOVED, 0);
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 0);
}

static void test_notices_of_our_own_are_not_for_others(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        (void) story_plan(&s);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 0);
        story_say(&s, "config", SOURCE_COMPLETE, ""); /* waiting to be disconnected */
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 0);
}

static Device *owned_by(const Story *s, int instance, const char *name, const char *owner)
{
        Device *d = story_device(s, instance, (uint64_t) instance + 1, name);

        d->owner = strdup(owner);
        assert_non_null(d->owner);
        return d;
}

/* The owner follows the log. */
static void test_notices_of_what_somebody_owns_are_for_the_owner(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_uevent(&s, KERNEL_ADDED, 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          owned_by(&s, 0, "a", "somebody"));
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 0);
}

/* We follow it by another connection. */
static void test_notices_of_a_second_connection_are_not_told(void **state)
{
        STORY(CONTROLLER_DISCOVERY);
        Device *second = story_device(&s, 1, 2, "a");
        Tid *tid = second->tid;
        TidFields fields;

        tid_fields(tid, &fields);
        fields.host_iface = "eth9";
        assert_int_equal(tid_new(&fields, CONTROLLER_DISCOVERY, &second->tid), 0);
        (void) tid_free(tid);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_uevent(&s, KERNEL_CONNECTED, 1);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 1, second);
        story_uevent(&s, KERNEL_LOG_CHANGED, 1);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 0);
}

static Device *without_keep_alive(const Story *s, int instance, const char *name)
{
        Device *d = story_device(s, instance, (uint64_t) instance + 1, name);

        d->no_keep_alive = true;
        return d;
}

/* "nvme discover" connects one for a moment. */
static void test_what_passes_is_not_used(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_DISCOVERY);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_scan(&s, without_keep_alive(&s, 0, "a"), NULL);
        story_connect_as(&s, 1, 2, "a");
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        assert_int_equal(story_count_notes(&s, NOTE_ADOPTED), 0);
        assert_int_equal(story_find(&s, "a")->node->instance, 1);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 0);
        story_uevent(&s, KERNEL_REMOVED, 0);
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_CONVERGED);
}

/* Connected for a single read of the log before this daemon was killed and started again. */
static void test_what_passes_and_is_ours_is_used(void **state)
{
        static const bool killed[] = { false, true };

        for (size_t i = 0; i < ELEMENTSOF(killed); i++) {
                _cleanup_(story_end) Story s;
                story_begin(&s, CONTROLLER_DISCOVERY);
                if (killed[i])
                        story_remember(&s, "config", "a");
                else
                        assert_int_equal(engine_restore_device(s.engine, 0, 1), 0);
                story_say(&s, "config", SOURCE_COMPLETE, "a");
                story_scan(&s, without_keep_alive(&s, 0, "a"), NULL);
                end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1),
                             s.now);
                assert_int_equal(story_find(&s, "a")->node->instance, 0);
        }
}

/* It is to be connected without a keep-alive timeout. */
static void test_what_is_wanted_as_it_is_is_used(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_DISCOVERY);
        Policy *p = story_policy(&s);

        p->settings.value[SETTING_KATO] = 0;
        engine_set_policy(s.engine, p, s.now);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_scan(&s, without_keep_alive(&s, 0, "a"), NULL);
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        assert_int_equal(story_find(&s, "a")->node->instance, 0);
}

/* The entry of the owner appears after the connection, and goes before it. */
static void test_what_somebody_owns_is_left_to_the_owner(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        assert_int_equal(end_connect(s.engine, op_id, -EALREADY, -1, 0, s.now), 0);
        story_scan(&s, owned_by(&s, 0, "a", "somebody"), NULL);
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_LEFT_TO_OWNER), 1);
        story_expect_reason(&s, "a", REASON_LEFT);
        assert_int_equal(story_find(&s, "a")->log.state, SOURCE_UNKNOWN);
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);

        assert_int_equal(engine_owner_changed(s.engine, 0, s.now), 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 1, "a"));
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        story_expect_nothing(&s);
        assert_int_equal(story_find(&s, "a")->log.state, SOURCE_COMPLETE);

        assert_int_equal(engine_owner_changed(s.engine, 0, s.now), 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          owned_by(&s, 0, "a", "somebody"));
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        (void) story_plan(&s);
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
        assert_int_equal(story_find(&s, "a")->log.state, SOURCE_UNKNOWN);
}

/* Another program connected before us: our connect may fail, and then adopt this connection. */
static void test_notices_of_what_our_connect_may_take_up(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_uevent(&s, KERNEL_ADDED, 0);
        uint64_t read_id = story_take(&s, OPERATION_READ_DEVICE);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        story_read_device(&s, read_id, 0, story_device(&s, 0, 1, "a"));
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 0);
        (void) end_connect(s.engine, op_id, -EALREADY, -1, 0, s.now);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 0);
        assert_int_equal(engine_find_device(s.engine, 0)->ours, true);
}

/* The new controller is not known to be ours until it has been read. */
static void test_notices_of_what_is_being_connected(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        story_uevent(&s, KERNEL_ADDED, 0);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        story_expect_nothing(&s);
        assert_int_equal(end_connect(s.engine, op_id, 0, 0, 1, s.now), 0);
        uint64_t read_id = story_take(&s, OPERATION_READ_DEVICE);
        story_read_device(&s, read_id, 0, story_device(&s, 0, 1, "a"));
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_FOREIGN_NOTICE), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_notices_of_others_are_told),
                cmocka_unit_test(test_notices_of_what_is_not_known_yet),
                cmocka_unit_test(test_notices_of_our_own_are_not_for_others),
                cmocka_unit_test(test_notices_of_what_somebody_owns_are_for_the_owner),
                cmocka_unit_test(test_notices_of_a_second_connection_are_not_told),
                cmocka_unit_test(test_what_passes_is_not_used),
                cmocka_unit_test(test_what_passes_and_is_ours_is_used),
                cmocka_unit_test(test_what_is_wanted_as_it_is_is_used),
                cmocka_unit_test(test_what_somebody_owns_is_left_to_the_owner),
                cmocka_unit_test(test_notices_of_what_our_connect_may_take_up),
                cmocka_unit_test(test_notices_of_what_is_being_connected),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Protection of devices in use, and recovery of connections after the daemon was killed. */

#include "base/text.h"
#include "plan/engine.h"

#include "plan/test-story.h"

/* We had connected "a", and it is no longer wanted: its deletion is due. */
static void let_go(Story *s)
{
        story_say(s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(s, 0, 1, "a");
        story_say(s, "config", SOURCE_COMPLETE, "");
        (void) story_plan(s);
        story_wait_for(s, PLAN_QUIET_USEC);
}

static void refuse(Story *s)
{
        end_disconnect(s->engine, story_take(s, OPERATION_DISCONNECT), -EBUSY, NULL, s->now);
}

static void test_a_device_in_use_keeps_its_last_path(void **state)
{
        STORY(CONTROLLER_IO);

        let_go(&s);
        for (int i = 0; i < 3; i++) {
                refuse(&s);
                story_expect_nothing(&s);
                assert_int_equal(story_count_notes(&s, NOTE_IN_USE), i == 0); /* reported once */
                assert_int_equal(story_count_notes(&s, NOTE_DISCONNECT_FAILED), 0);
                story_expect_reason(&s, "a", REASON_IN_USE);
                assert_true(s.plan->wake_at == s.now + PLAN_IN_USE_RETRY_USEC);
                story_wait_for(&s, PLAN_IN_USE_RETRY_USEC);
        }
        story_disconnect(&s, 0); /* no longer in use */
        story_expect_nothing(&s);
        assert_null(story_find(&s, "a"));
}

static void test_it_is_known_what_uses_it(void **state)
{
        static const char *const users[] = { "nvme0n1: in use by 7 (a)", "nvme0n1: held by md0",
                                             NULL };
        STORY(CONTROLLER_IO);

        let_go(&s);
        for (size_t i = 0; i < ELEMENTSOF(users); i++) {
                char *user = users[i] ? strdup(users[i]) : NULL;
                end_disconnect(s.engine, story_take(&s, OPERATION_DISCONNECT), -EBUSY, user, s.now);
                story_expect_nothing(&s);
                assert_int_equal(story_count_notes(&s, NOTE_IN_USE), i == 0);
                const char *by = story_find(&s, "a")->attempts.in_use_by;
                assert_true(streq_ptr(by, users[i]));
                story_wait_for(&s, PLAN_IN_USE_RETRY_USEC);
        }
        end_disconnect(s.engine, 4711, -EBUSY, strdup("dropped"), s.now);
        story_disconnect(&s, 0);
        story_expect_nothing(&s);
        assert_null(story_find(&s, "a"));
}

/* Reported as soon as it is known. */
static void test_a_device_that_may_be_in_use(void **state)
{
        static const bool in_doubt[] = { true, true, false, true, false };
        static const size_t n_notes[] = { 1, 0, 1, 0, 0 };
        STORY(CONTROLLER_IO);

        let_go(&s);
        for (size_t i = 0; i < ELEMENTSOF(in_doubt); i++) {
                end_disconnect(s.engine, story_take(&s, OPERATION_DISCONNECT),
                               in_doubt[i] ? -ENODATA : -EBUSY, NULL, s.now);
                story_expect_nothing(&s);
                assert_int_equal(story_count_notes(&s, NOTE_IN_USE), n_notes[i]);
                story_wait_for(&s, PLAN_IN_USE_RETRY_USEC);
        }
}

/* Its I/O is observed for a second: not worth a note. */
static void test_it_is_watched_before_it_goes(void **state)
{
        STORY(CONTROLLER_IO);

        let_go(&s);
        end_disconnect(s.engine, story_take(&s, OPERATION_DISCONNECT), -EINPROGRESS, NULL, s.now);
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_IN_USE), 0);
        assert_int_equal(story_count_notes(&s, NOTE_DISCONNECT_FAILED), 0);
        story_expect_reason(&s, "a", REASON_QUIET_TIME);
        assert_true(s.plan->wake_at == s.now + PLAN_WATCH_USEC);
        story_wait_for(&s, PLAN_WATCH_USEC);
        story_disconnect(&s, 0);
        story_expect_nothing(&s);
        assert_null(story_find(&s, "a"));
}

/* The kernel accepts the request but does nothing, because the controller is being fenced: the
 * connection remains ours. */
static void test_a_deletion_that_is_not_done(void **state)
{
        STORY(CONTROLLER_IO);

        let_go(&s);
        for (int i = 0; i < 3; i++) {
                end_disconnect(s.engine, story_take(&s, OPERATION_DISCONNECT), -ECANCELED, NULL,
                               s.now);
                story_expect_nothing(&s);
                assert_int_equal(story_count_notes(&s, NOTE_DISCONNECT_FAILED), i == 0);
                assert_true(story_find(&s, "a")->node->ours);
                story_wait_for(&s, PLAN_DISCONNECT_RETRY_USEC);
        }
        story_disconnect(&s, 0);
        story_expect_nothing(&s);
        assert_null(story_find(&s, "a"));
}

static void test_a_deletion_by_others(void **state)
{
        STORY(CONTROLLER_IO);

        let_go(&s);
        end_disconnect(s.engine, story_take(&s, OPERATION_DISCONNECT), -EALREADY, NULL, s.now);
        (void) story_act(&s, OPERATION_READ_DEVICE);
        assert_int_equal(story_count_notes(&s, NOTE_DISCONNECT_FAILED), 0);
}

static void test_it_is_told_again_when_it_was_wanted_meanwhile(void **state)
{
        STORY(CONTROLLER_IO);

        let_go(&s);
        refuse(&s);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_CONVERGED);

        story_say(&s, "config", SOURCE_COMPLETE, "");
        (void) story_plan(&s);
        story_expect_reason(&s, "a", REASON_QUIET_TIME);
        story_wait_for(&s, PLAN_QUIET_USEC);
        refuse(&s);
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_IN_USE), 1);
}

/* It is wanted again while that is looked at, and then is not. */
static void test_a_deferral_that_comes_too_late(void **state)
{
        STORY(CONTROLLER_IO);

        let_go(&s);
        uint64_t op_id = story_take(&s, OPERATION_DISCONNECT);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        end_disconnect(s.engine, op_id, -EBUSY, NULL, s.now);
        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_QUIET_TIME);
        assert_true(s.plan->wake_at == s.now + PLAN_QUIET_USEC);
}

/* How long a deletion that failed is put off says nothing of the next time it is to be deleted: the
 * quiet time alone does, be it another connection or the same. */
static void test_a_deferral_begins_anew(void **state)
{
        static const int errors[] = { -EBUSY, -ENODATA, -ECANCELED };

        for (size_t i = 0; i < 2 * ELEMENTSOF(errors); i++) {
                STORY(CONTROLLER_IO);

                let_go(&s);
                end_disconnect(s.engine, story_take(&s, OPERATION_DISCONNECT),
                               errors[i % ELEMENTSOF(errors)], NULL, s.now);
                story_expect_nothing(&s);
                if (i >= ELEMENTSOF(errors)) { /* somebody else is faster */
                        story_uevent(&s, KERNEL_REMOVED, 0);
                        story_say(&s, "config", SOURCE_COMPLETE, "a");
                        story_connect_as(&s, 1, 2, "a");
                } else {
                        story_say(&s, "config", SOURCE_COMPLETE, "a");
                }
                (void) story_plan(&s);
                story_expect_reason(&s, "a", REASON_CONVERGED);
                assert_int_equal(story_find(&s, "a")->attempts.last_error, 0);

                story_say(&s, "config", SOURCE_COMPLETE, "");
                story_expect_nothing(&s);
                assert_true(s.plan->wake_at == s.now + PLAN_QUIET_USEC);
                story_wait_for(&s, PLAN_QUIET_USEC);
                (void) story_act(&s, OPERATION_DISCONNECT);
        }
}

static void test_force_is_handed_on(void **state)
{
        STORY(CONTROLLER_IO);

        let_go(&s);
        const Action *a = story_act(&s, OPERATION_DISCONNECT);
        assert_false(a->force);
        end_disconnect(s.engine, a->op_id, -EBUSY, NULL, s.now);

        Policy *p = story_policy(&s);
        p->disconnect_in_use_force = true;
        engine_set_policy(s.engine, p, s.now);
        story_wait_for(&s, PLAN_IN_USE_RETRY_USEC);
        assert_true(story_act(&s, OPERATION_DISCONNECT)->force);
}

static Device *device_owned_by(const Story *s, int instance, const char *name, const char *owner)
{
        Device *d = story_device(s, instance, (uint64_t) instance + 1, name);

        d->owner = strdup(owner);
        assert_non_null(d->owner);
        return d;
}

/* The daemon was killed before the connection was saved in the state file. */
static void test_what_the_registry_says_is_ours(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);

        story_say(&s, "config", SOURCE_UNKNOWN, "");
        story_scan(&s, device_owned_by(&s, 0, "a", "stas"),
                   device_owned_by(&s, 1, "b", "nvme-cli"));
        story_expect_nothing(&s);
        assert_true(engine_find_device(s.engine, 0)->ours);
        assert_false(engine_find_device(s.engine, 1)->ours);
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s); /* a source that may want it is not complete */

        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 0);
        story_expect_nothing(&s);
}

/* The registry changes without a uevent. */
static void test_an_owner_that_changes_is_read_at_once(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_scan(&s, device_owned_by(&s, 0, "a", "nvme-cli"),
                   device_owned_by(&s, 1, "b", "nvme-cli"));
        story_expect_nothing(&s);
        assert_int_equal(engine_owner_changed(s.engine, 0, s.now), 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 1, "a"));
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_ADOPTED), 1);

        assert_int_equal(engine_owner_changed(s.engine, 1, s.now), 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 1,
                          device_owned_by(&s, 1, "b", "stas"));
        (void) story_plan(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 1);

        assert_int_equal(engine_owner_changed(s.engine, 7, s.now), 0); /* unknown instance */
        story_expect_nothing(&s);
        assert_int_equal(engine_owner_changed(s.engine, -1, s.now), 0);
        story_scan(&s, device_owned_by(&s, 0, "a", "nvme-cli"), NULL);
        assert_false(engine_find_device(s.engine, 0)->ours);
}

/* A read or a scan that began earlier is outdated. */
static void test_an_owner_that_changes_while_it_is_read(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_scan(&s, device_owned_by(&s, 0, "a", "nvme-cli"), NULL);
        story_uevent(&s, KERNEL_CONNECTED, 0);
        uint64_t op_id = story_take(&s, OPERATION_READ_DEVICE);
        engine_kernel_events_lost(s.engine);
        uint64_t scan_id = story_take(&s, OPERATION_SCAN);
        assert_int_equal(engine_owner_changed(s.engine, 0, s.now), 0);
        story_read_device(&s, op_id, 0, device_owned_by(&s, 0, "a", "nvme-cli"));
        op_id = story_take(&s, OPERATION_READ_DEVICE);
        story_read_device(&s, op_id, 0, story_device(&s, 0, 1, "a"));
        Device *devices[] = { device_owned_by(&s, 0, "a", "nvme-cli") };
        assert_int_equal(end_scan(s.engine, scan_id, 0, devices, 1, s.now), 0);
        assert_true(engine_find_device(s.engine, 0)->ours);
}

/* The scan that finds the connection may have read the previous owner. */
static void test_an_owner_that_changes_before_the_connection_is_known(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t scan_id = story_take(&s, OPERATION_SCAN);
        assert_int_equal(engine_owner_changed(s.engine, 0, s.now), 0);
        Device *devices[] = { device_owned_by(&s, 0, "a", "nvme-cli") };
        assert_int_equal(end_scan(s.engine, scan_id, 0, devices, 1, s.now), 0);
        assert_false(engine_find_device(s.engine, 0)->ours);
        story_wait_for(&s, USEC_PER_SEC);
        story_scan(&s, story_device(&s, 0, 1, "a"), NULL);
        assert_true(engine_find_device(s.engine, 0)->ours);
}

/* The daemon was killed during a connect: the connection appears when it is no longer wanted. */
static void test_what_a_killed_run_was_connecting_is_ours(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);

        story_remember(&s, "log", "a");
        assert_int_equal(engine_remember(s.engine, story_find(&s, "a")->tid), 0);
        story_say(&s, "log", SOURCE_COMPLETE, "");
        story_scan(&s, NULL, NULL);
        story_expect_nothing(&s);
        story_uevent(&s, KERNEL_CONNECTED, 0);
        engine_connects_over(s.engine);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 1, "a"));
        (void) story_plan(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 0);
        story_expect_nothing(&s);

        story_uevent(&s, KERNEL_CONNECTED, 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 2, "a"));
        story_expect_nothing(&s);
        assert_false(engine_find_device(s.engine, 0)->ours); /* made later, by another program */
}

/* The name belonged to a local disk before, whose removal was missed. */
static void test_a_name_from_before_tells_nothing(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);

        story_remember(&s, "log", "a");
        story_say(&s, "log", SOURCE_COMPLETE, "");
        story_uevent(&s, KERNEL_ADDED, 0);
        assert_int_equal(end_read_device(s.engine, story_take(&s, OPERATION_READ_DEVICE), 0,
                                         -EOPNOTSUPP, NULL, s.now),
                         0);
        uint64_t scan_id = story_take(&s, OPERATION_SCAN);
        story_uevent(&s, KERNEL_CONNECTED, 0);
        uint64_t read_id = story_take(&s, OPERATION_READ_DEVICE);
        assert_int_equal(end_scan(s.engine, scan_id, 0, NULL, 0, s.now), 0);
        engine_connects_over(s.engine);
        story_read_device(&s, read_id, 0, story_device(&s, 0, 1, "a"));
        assert_false(engine_find_device(s.engine, 0)->ours);
}

/* Another program has connected to the same address, and has the lower instance. */
static void test_a_restart_takes_up_its_own_connection(void **state)
{
        for (int by_registry = 0; by_registry < 2; by_registry++) {
                _cleanup_(story_end) Story s;
                story_begin(&s, CONTROLLER_DISCOVERY);

                story_say(&s, "config", SOURCE_COMPLETE, "dc");
                if (!by_registry)
                        assert_int_equal(engine_restore_device(s.engine, 1, 2), 0);
                story_scan(&s, story_device(&s, 0, 1, "a"),
                           by_registry ? device_owned_by(&s, 1, "a", "stas")
                                       : story_device(&s, 1, 2, "a"));
                assert_int_equal(story_find(&s, "dc")->node->instance, 1);
                assert_false(engine_find_device(s.engine, 0)->ours);
        }
}

/* The uevent of the removal was lost, and the new controller is not of a kind we follow. */
static void test_a_name_that_means_another_kind_now(void **state)
{
        STORY(CONTROLLER_IO);

        let_go(&s);
        end_disconnect(s.engine, story_take(&s, OPERATION_DISCONNECT), -ESTALE, NULL, s.now);
        assert_int_equal(end_read_device(s.engine, story_take(&s, OPERATION_READ_DEVICE), 0,
                                         -EOPNOTSUPP, NULL, s.now),
                         0);
        story_expect_nothing(&s);
        assert_null(story_find(&s, "a"));
        assert_null(engine_find_device(s.engine, 0));
}

/* The uevent of the removal was lost; the scan began before it, the read after it. */
static void test_a_read_knows_more_than_the_scan_before(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        engine_kernel_events_lost(s.engine);
        uint64_t scan_id = story_take(&s, OPERATION_SCAN);
        story_uevent(&s, KERNEL_CONNECTED, 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0, NULL);
        Device *seen[] = { story_device(&s, 0, 1, "a") };
        assert_int_equal(end_scan(s.engine, scan_id, 0, seen, 1, s.now), 0);
        assert_null(story_find(&s, "a")->node);
        assert_null(engine_find_device(s.engine, 0));
}

/* If the connect fails, the boot firmware's controller needs the existing connection. */
static void test_giving_up_leaves_what_the_firmware_may_need(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        SourceSet *nbft = story_set(&s, "nbft", SOURCE_NBFT, SOURCE_COMPLETE, "dc");
        assert_int_equal(engine_set_source(s.engine, nbft, s.now), 0);
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        engine_kernel_events_lost(s.engine);
        story_scan(&s, story_device(&s, 0, 1, "a"), NULL);
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        engine_release_all(s.engine);
        story_expect_nothing(&s);

        assert_int_equal(end_connect(s.engine, op_id, -EIO, -1, 0, s.now), 0);
        story_expect_nothing(&s);
        assert_int_equal(story_find(&s, "dc")->node->instance, 0);
        assert_false(engine_is_busy(s.engine));
}

/* Sets the controllers named by the boot firmware's table. passive: to be connected by others. */
static void say_table(Story *s, const char *names, bool passive)
{
        SourceSet *set = story_set(s, "nbft", SOURCE_NBFT, SOURCE_COMPLETE, names);

        for (size_t i = 0; i < set->n_entries; i++)
                set->entries[i].passive = passive;
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
}

static void say_firmware(Story *s, const char *names)
{
        say_table(s, names, true);
}

static void set_all_matching(Story *s)
{
        Policy *p = story_policy(s);

        p->disconnect_scope = DISCONNECT_ALL_MATCHING;
        p->disconnect_transports = 1U << TRANSPORT_TCP;
        engine_set_policy(s->engine, p, s->now);
}

/* The interface named by the table appears later. */
static void test_what_waits_for_its_interface(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        say_table(&s, "dc", true);
        story_expect_nothing(&s);
        story_expect_reason(&s, "dc", REASON_PASSIVE);
        say_table(&s, "dc", false);
        story_connect_as(&s, 0, 1, "dc");
        assert_true(engine_find_device(s.engine, 0)->ours);
        /* Without the interface the connection is kept; if others make it meanwhile, it becomes
         * ours when the interface is back. */
        say_table(&s, "dc", true);
        story_uevent(&s, KERNEL_REMOVED, 0);
        (void) story_plan(&s);
        story_expect_reason(&s, "dc", REASON_PASSIVE);
        engine_kernel_events_lost(s.engine);
        story_scan(&s, story_device(&s, 1, 2, "dc"), NULL);
        (void) story_plan(&s);
        assert_false(engine_find_device(s.engine, 1)->ours);
        say_table(&s, "dc", false);
        (void) story_plan(&s);
        assert_true(engine_find_device(s.engine, 1)->ours);
}

static void test_what_others_connect_is_left_to_them(void **state)
{
        STORY(CONTROLLER_IO);

        say_firmware(&s, "a");
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_PASSIVE);

        engine_kernel_events_lost(s.engine);
        story_scan(&s, story_device(&s, 0, 1, "a"), NULL);
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_CONVERGED);
        assert_int_equal(story_count_notes(&s, NOTE_ADOPTED), 0);
        assert_false(engine_find_device(s.engine, 0)->ours);

        /* Requested by another source, it is adopted at once, and connected again after a loss. */
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_ADOPTED), 1);
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_uevent(&s, KERNEL_REMOVED, 0);
        story_connect_as(&s, 1, 2, "a");
        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
}

/* Sets a log in which the entry named bad is not usable. */
static void say_log(Story *s, const char *names, const char *bad)
{
        SourceSet *set = story_set(s, "dc x", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, names);
        _cleanup_tid_ Tid *tid = story_tid(s, bad);

        for (size_t i = 0; i < set->n_entries; i++)
                if (tid_compare(set->entries[i].tid, tid) == 0) {
                        set->entries[i].passive = true;
                        set->entries[i].problem = "its name is odd";
                }
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
}

static void test_an_entry_that_is_not_usable_takes_nothing_away(void **state)
{
        STORY(CONTROLLER_IO);

        engine_kernel_events_lost(s.engine);
        story_scan(&s, story_device(&s, 0, 1, "a"), NULL);
        story_say(&s, "dc x", SOURCE_COMPLETE, "a");
        story_expect_nothing(&s);
        assert_true(engine_find_device(s.engine, 0)->ours);

        say_log(&s, "a", "a");
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_SKIPPED), 1);
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_CONVERGED);

        /* Reported once; the next such entry is reported again. */
        say_log(&s, "a", "a");
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_SKIPPED), 0);

        /* Not connected again after a loss. */
        story_uevent(&s, KERNEL_REMOVED, 0);
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_SKIPPED);
}

/* A log of a and, with no row, n entries that name no controller. */
static void say_skipped(Story *s, size_t n)
{
        SourceSet *set = story_set(s, "dc x", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, "a");
        const DlpEntry e = { .subnqn = (char *) "nqn.x", .traddr = (char *) "0.0.0.0" };

        for (size_t i = 0; i < n; i++)
                assert_int_equal(source_set_skip(set, &e, "entry 1", "its address is odd"), 0);
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
        (void) story_plan(s);
}

static void test_entries_that_name_no_controller_are_noted_once(void **state)
{
        static const size_t n_skipped[] = { 0, 1, 1, 2, 1, 0, 1 },
                            n_notes[] = { 0, 1, 0, 1, 0, 0, 1 };
        STORY(CONTROLLER_IO);

        for (size_t i = 0; i < ELEMENTSOF(n_skipped); i++) {
                say_skipped(&s, n_skipped[i]);
                assert_int_equal(story_count_notes(&s, NOTE_SKIPPED), n_notes[i]);
        }
        engine_drop_source(s.engine, "dc x", s.now);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_SKIPPED), 0);
}

static void test_an_entry_that_is_not_usable_is_given_up_with_its_log(void **state)
{
        STORY(CONTROLLER_IO);

        engine_kernel_events_lost(s.engine);
        story_scan(&s, story_device(&s, 0, 1, "a"), NULL);
        story_say(&s, "dc x", SOURCE_COMPLETE, "a");
        say_log(&s, "a", "a");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
        say_log(&s, "", "a");
        story_wait_for(&s, 3 * USEC_PER_SEC);
        (void) story_take(&s, OPERATION_DISCONNECT);
}

/* The same far end, with a local address. */
static Tid *tid_from(const Story *s, const char *name, const char *host_traddr)
{
        _cleanup_tid_ Tid *base = story_tid(s, name);
        TidFields f;
        Tid *tid;

        tid_fields(base, &f);
        f.host_traddr = host_traddr;
        assert_int_equal(tid_new(&f, s->role, &tid), 0);
        return tid;
}

static Device *device_from(const Story *s, int instance, const char *name, const char *host_traddr)
{
        Device *d = story_device(s, instance, (uint64_t) instance + 1, name);

        (void) tid_free(d->tid);
        d->tid = tid_from(s, name, host_traddr);
        return d;
}

/* Two paths that the firmware's row, which names no path, could use. */
static void scan_two_ways(Story *s)
{
        engine_kernel_events_lost(s->engine);
        story_scan(s, device_from(s, 0, "a", "192.0.2.51"), device_from(s, 1, "a", "192.0.2.52"));
}

static void test_no_path_to_the_firmwares_is_removed(void **state)
{
        STORY(CONTROLLER_IO);

        say_firmware(&s, "a");
        set_all_matching(&s);
        scan_two_ways(&s);
        story_expect_nothing(&s);
        /* the other connection needs no row */
        assert_null(engine_next_row(s.engine, story_find(&s, "a")));
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);

        say_firmware(&s, "");
        story_expect_nothing(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        assert_int_equal(story_plan(&s)->n_actions, 2);
}

/* The connection existed, and was about to be removed, before the table was read. */
static void test_the_table_may_be_read_late(void **state)
{
        STORY(CONTROLLER_IO);

        set_all_matching(&s);
        scan_two_ways(&s);
        story_expect_nothing(&s);
        say_firmware(&s, "a");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
}

/* A log requested one of the paths, but no longer does. */
static void test_the_firmwares_stays_when_others_leave_it(void **state)
{
        STORY(CONTROLLER_IO);
        SourceSet *set, *empty;

        say_firmware(&s, "a");
        scan_two_ways(&s);
        assert_int_equal(source_set_new("dc", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, &set), 0);
        for (int i = 1; i <= 2; i++)
                assert_non_null(source_set_add(
                        set, tid_from(&s, "a", i == 1 ? "192.0.2.51" : "192.0.2.52"), "dc"));
        source_set_seal(set);
        assert_int_equal(engine_set_source(s.engine, set, s.now), 0);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_ADOPTED), 2);
        assert_int_equal(source_set_new("dc", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, &empty), 0);
        assert_int_equal(engine_set_source(s.engine, empty, s.now), 0);
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_device_in_use_keeps_its_last_path),
                cmocka_unit_test(test_it_is_known_what_uses_it),
                cmocka_unit_test(test_a_device_that_may_be_in_use),
                cmocka_unit_test(test_it_is_watched_before_it_goes),
                cmocka_unit_test(test_a_deletion_that_is_not_done),
                cmocka_unit_test(test_a_deletion_by_others),
                cmocka_unit_test(test_it_is_told_again_when_it_was_wanted_meanwhile),
                cmocka_unit_test(test_a_deferral_begins_anew),
                cmocka_unit_test(test_a_deferral_that_comes_too_late),
                cmocka_unit_test(test_force_is_handed_on),
                cmocka_unit_test(test_what_the_registry_says_is_ours),
                cmocka_unit_test(test_an_owner_that_changes_is_read_at_once),
                cmocka_unit_test(test_an_owner_that_changes_while_it_is_read),
                cmocka_unit_test(test_an_owner_that_changes_before_the_connection_is_known),
                cmocka_unit_test(test_what_a_killed_run_was_connecting_is_ours),
                cmocka_unit_test(test_a_name_from_before_tells_nothing),
                cmocka_unit_test(test_a_restart_takes_up_its_own_connection),
                cmocka_unit_test(test_a_name_that_means_another_kind_now),
                cmocka_unit_test(test_a_read_knows_more_than_the_scan_before),
                cmocka_unit_test(test_giving_up_leaves_what_the_firmware_may_need),
                cmocka_unit_test(test_what_waits_for_its_interface),
                cmocka_unit_test(test_what_others_connect_is_left_to_them),
                cmocka_unit_test(test_an_entry_that_is_not_usable_takes_nothing_away),
                cmocka_unit_test(test_entries_that_name_no_controller_are_noted_once),
                cmocka_unit_test(test_an_entry_that_is_not_usable_is_given_up_with_its_log),
                cmocka_unit_test(test_no_path_to_the_firmwares_is_removed),
                cmocka_unit_test(test_the_table_may_be_read_late),
                cmocka_unit_test(test_the_firmwares_stays_when_others_leave_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Events of the kernel, lost events, and changes made by other programs. */

#include "plan/engine.h"

#include "plan/test-story.h"

static void test_adoption(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_scan(&s, story_device(&s, 0, 1, "a"), story_device(&s, 1, 2, "b"));
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_ADOPTED), 1);
        assert_true(engine_find_device(s.engine, 0)->ours);
        assert_false(engine_find_device(s.engine, 1)->ours);

        /* Only the adopted connection is removed. */
        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_disconnect(&s, 0);
        story_expect_nothing(&s);
}

static void test_a_connection_comes_before_its_wish(void **state)
{
        STORY(CONTROLLER_IO);

        story_uevent(&s, KERNEL_ADDED, 0);
        end_read_device(s.engine, story_take(&s, OPERATION_READ_DEVICE), 0, -EBADMSG, NULL, s.now);
        story_expect_nothing(&s); /* not identified yet: more events follow */
        story_uevent(&s, KERNEL_CONNECTED, 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 1, "a"));
        story_expect_nothing(&s);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_ADOPTED), 1);
}

static void test_connections_of_other_owners(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);
        Device *d = story_device(&s, 0, 1, "a");

        d->owner = strdup("nvme-cli");
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_scan(&s, d, NULL);
        story_expect_nothing(&s); /* already the wanted connection */
        assert_int_equal(story_count_notes(&s, NOTE_ADOPTED), 0);
        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_wait_for(&s, 60 * USEC_PER_SEC);
        story_expect_nothing(&s);
        assert_null(story_find(&s, "a"));
}

static void test_a_connection_taken_over(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_uevent(&s, KERNEL_CONNECTED, 0);
        Device *d = story_device(&s, 0, 1, "a");
        d->owner = strdup("nvme-cli");
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0, d);
        assert_false(engine_find_device(s.engine, 0)->ours);

        story_uevent(&s, KERNEL_CONNECTED, 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 1, "a"));
        assert_true(engine_find_device(s.engine, 0)->ours);
}

static void set_scope(Story *s, DisconnectScope scope)
{
        Policy *p = story_policy(s);

        p->disconnect_scope = scope;
        engine_set_policy(s->engine, p, s->now);
}

static void test_all_matching_connections_are_in_scope(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);
        Device *owned = story_device(&s, 1, 2, "b");

        owned->owner = strdup("nvme-cli");
        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_scan(&s, story_device(&s, 0, 1, "a"), owned);
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);

        set_scope(&s, DISCONNECT_ALL_MATCHING);
        story_expect_nothing(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 0);
        story_expect_nothing(&s);

        /* The same for each new connection. */
        story_uevent(&s, KERNEL_ADDED, 2);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 2,
                          story_device(&s, 2, 3, "c"));
        story_expect_nothing(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 2);

        set_scope(&s, DISCONNECT_NONE);
        story_uevent(&s, KERNEL_ADDED, 3);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 3,
                          story_device(&s, 3, 4, "d"));
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
}

static void test_the_boot_firmwares_connections_stay(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_DISCOVERY);
        SourceSet *nbft = story_set(&s, "nbft", SOURCE_NBFT, SOURCE_COMPLETE, "a");

        assert_int_equal(engine_set_source(s.engine, nbft, s.now), 0);
        story_scan(&s, story_device(&s, 0, 1, "a"), NULL);
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        Policy *p = story_policy(&s);
        p->ip_families = IP_FAMILY_IPV6;
        engine_set_policy(s.engine, p, s.now);
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_PROTECTED);

        engine_release_all(s.engine);
        story_expect_nothing(&s);
        assert_false(engine_is_busy(s.engine));
}

static void test_connected_by_somebody_else_meanwhile(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        assert_int_equal(end_connect(s.engine, op_id, -EALREADY, -1, 0, s.now), 0);
        story_scan(&s, story_device(&s, 0, 1, "a"), NULL);
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_ADOPTED), 1);
}

static void test_the_name_may_mean_another_one_already(void **state)
{
        STORY(CONTROLLER_IO);

        /* Our controller was removed, and its name given to a similar one of another program. */
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        assert_int_equal(end_connect(s.engine, op_id, 0, 0, 1, s.now), 0);
        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 2, "a"));
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
        assert_false(engine_find_device(s.engine, 0)->ours);
}

static void test_without_an_inode_the_identity_decides(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        assert_int_equal(end_connect(s.engine, op_id, 0, 0, 0, s.now), 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 2, "b"));
        story_expect_nothing(&s);
        assert_false(engine_find_device(s.engine, 0)->ours);
        assert_int_equal(story_count_notes(&s, NOTE_LOST), 1);

        story_wait_for(&s, 3600 * USEC_PER_SEC);
        op_id = story_take(&s, OPERATION_CONNECT);
        assert_int_equal(end_connect(s.engine, op_id, 0, 1, 0, s.now), 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 1,
                          story_device(&s, 1, 3, "a"));
        assert_true(engine_find_device(s.engine, 1)->ours);
}

static void test_names_are_recycled_unseen(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        engine_kernel_events_lost(s.engine);
        story_scan(&s, story_device(&s, 0, 2, "b"), NULL);
        story_connect_as(&s, 1, 3, "a");
        assert_false(engine_find_device(s.engine, 0)->ours);
}

static void test_a_read_from_before_a_loss_means_nothing(void **state)
{
        STORY(CONTROLLER_IO);

        story_uevent(&s, KERNEL_ADDED, 0);
        uint64_t read_op = story_take(&s, OPERATION_READ_DEVICE);
        engine_kernel_events_lost(s.engine);
        story_scan(&s, story_device(&s, 0, 2, "b"), NULL);
        story_read_device(&s, read_op, 0, story_device(&s, 0, 1, "a"));
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 2, "b"));
        assert_int_equal(engine_find_device(s.engine, 0)->device->inode, 2);
}

static void test_scans_are_older_than_what_came_meanwhile(void **state)
{
        STORY(CONTROLLER_IO);
        Device *seen = story_device(&s, 0, 1, "a");

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        engine_kernel_events_lost(s.engine);
        uint64_t scan_op = story_take(&s, OPERATION_SCAN);
        story_uevent(&s, KERNEL_REMOVED, 0);
        story_uevent(&s, KERNEL_ADDED, 1);
        uint64_t read_op = story_take(&s, OPERATION_READ_DEVICE),
                 connect_op = story_take(&s, OPERATION_CONNECT);
        assert_int_equal(end_scan(s.engine, scan_op, 0, &seen, 1, s.now), 0);
        assert_null(engine_find_device(s.engine, 0)); /* removed during the scan */
        story_read_device(&s, read_op, 1, story_device(&s, 1, 2, "b"));
        assert_non_null(engine_find_device(s.engine, 1)); /* added during the scan */

        assert_int_equal(end_connect(s.engine, connect_op, 0, 0, 3, s.now), 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 3, "a"));
        story_expect_nothing(&s);
}

static void test_uevents_of_our_connect_are_read_once(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        story_uevent(&s, KERNEL_ADDED, 0);
        story_expect_nothing(&s);
        story_uevent(&s, KERNEL_ADDED, 1); /* not ours, but that is not known yet */
        story_uevent(&s, KERNEL_CONNECTED, 0);
        story_expect_nothing(&s);
        assert_int_equal(end_connect(s.engine, op_id, 0, 0, 1, s.now), 0);
        assert_int_equal(story_plan(&s)->n_actions, 2);
}

static void test_what_was_made_and_cannot_be_read_is_not_lost(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        assert_int_equal(end_connect(s.engine, op_id, 0, 0, 1, s.now), 0);
        story_say(&s, "config", SOURCE_COMPLETE, "");
        op_id = story_take(&s, OPERATION_READ_DEVICE);
        end_read_device(s.engine, op_id, 0, -EMFILE, NULL, s.now);
        story_expect_nothing(&s);
        story_wait_for(&s, s.plan->wake_at - s.now);
        story_scan(&s, story_device(&s, 0, 1, "a"), NULL);
        (void) story_plan(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 0);
}

static void test_completions_come_once(void **state)
{
        STORY(CONTROLLER_IO);
        Device *d = story_device(&s, 9, 9, "z");

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_expect_nothing(&s);
        for (uint64_t op_id = 0; op_id < 20; op_id++) {
                assert_int_equal(end_connect(s.engine, op_id, 0, 5, 0, s.now), 0);
                end_disconnect(s.engine, op_id, 0, NULL, s.now);
                end_read_log(s.engine, op_id, 0, 0, story_log(1), s.now);
                story_read_device(&s, op_id, 0, NULL);
        }
        assert_int_equal(end_scan(s.engine, 77, 0, &d, 1, s.now), 0);
        story_expect_nothing(&s);
        assert_int_equal(s.plan->n_notes, 0);
        story_expect_reason(&s, "a", REASON_CONVERGED);
}

static void test_a_completion_of_what_is_gone(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_say(&s, "config", SOURCE_COMPLETE, "");
        (void) story_plan(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        uint64_t op_id = story_take(&s, OPERATION_DISCONNECT);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_uevent(&s, KERNEL_REMOVED, 0);
        story_expect_nothing(&s); /* one operation at a time */
        story_uevent(&s, KERNEL_ADDED, 1);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 1,
                          story_device(&s, 1, 2, "a"));
        end_disconnect(s.engine, op_id, 0, NULL, s.now);
        story_expect_nothing(&s);
        assert_int_equal(engine_find_device(s.engine, 1)->device->inode, 2);
        story_expect_reason(&s, "a", REASON_CONVERGED);
}

static void test_failed_disconnects_are_tried_again(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_say(&s, "config", SOURCE_COMPLETE, "");
        (void) story_plan(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        for (int i = 0; i < 3; i++) {
                end_disconnect(s.engine, story_take(&s, OPERATION_DISCONNECT), -EIO, NULL, s.now);
                story_expect_nothing(&s);
                assert_int_equal(story_count_notes(&s, NOTE_DISCONNECT_FAILED), i == 0);
                assert_true(s.plan->wake_at == s.now + PLAN_DISCONNECT_RETRY_USEC);
                story_wait_for(&s, PLAN_DISCONNECT_RETRY_USEC);
        }
        /* The name refers to another controller now. */
        end_disconnect(s.engine, story_take(&s, OPERATION_DISCONNECT), -ESTALE, NULL, s.now);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 2, "b"));
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
}

static void test_what_is_not_live_is_looked_at(void **state)
{
        STORY(CONTROLLER_IO);
        Device *d = story_device(&s, 0, 1, "a");

        d->state = DEVICE_CONNECTING;
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        story_uevent(&s, KERNEL_CONNECTED, 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0, d);
        uint64_t op_id = story_take(&s, OPERATION_READ_DEVICE);
        story_expect_nothing(&s);
        d = story_device(&s, 0, 1, "a");
        d->state = DEVICE_RESETTING;
        story_read_device(&s, op_id, 0, d);
        story_expect_nothing(&s);
        assert_true(s.plan->wake_at == s.now + PLAN_LOOK_USEC);
        story_wait_for(&s, PLAN_LOOK_USEC);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 1, "a"));
        story_expect_nothing(&s);
        assert_true(s.plan->wake_at == USEC_INFINITY);
}

static void test_a_log_is_read_when_it_changes(void **state)
{
        STORY(CONTROLLER_DISCOVERY);
        const LogStatus *log;

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_LOG_CHANGED), 1);
        log = &story_find(&s, "a")->log;
        assert_int_equal(log->state, SOURCE_COMPLETE);
        uint64_t generation = log->generation;

        story_wait_for(&s, PLAN_LOG_PACE_USEC);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        uint64_t op_id = story_take(&s, OPERATION_READ_LOG);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0); /* again, while it is being read */
        story_wait_for(&s, PLAN_LOG_PACE_USEC);
        end_read_log(s.engine, op_id, 0, 0, story_log(1), s.now);
        op_id = story_take(&s, OPERATION_READ_LOG);
        assert_int_equal(log->generation, generation); /* not a change */
        end_read_log(s.engine, op_id, 0, 0, story_log(2), s.now);
        story_expect_nothing(&s);
        assert_true(log->generation > generation);

        engine_reread_logs(s.engine);
        (void) story_take(&s, OPERATION_READ_LOG);
}

/* The kernel does not report that a connection is lost: it shows when the log is read. It is not
 * read again before the kernel has reconnected, and this is no failure of the controller's. */
static void test_no_log_is_read_while_the_connection_is_lost(void **state)
{
        static const struct {
                int error, nvme_status, n_notes;
        } cases[] = { { -EAGAIN, 0, 0 }, { -EINTR, 0, 1 }, { -EIO, 0x370, 1 } };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                STORY(CONTROLLER_DISCOVERY);

                story_say(&s, "config", SOURCE_COMPLETE, "a");
                story_connect_as(&s, 0, 1, "a");
                end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), cases[i].error,
                             cases[i].nvme_status, NULL, s.now);
                for (int n = 0; n < 2; n++) { /* because of the failure, and of what it found */
                        uint64_t op_id = story_take(&s, OPERATION_READ_DEVICE);
                        Device *lost = story_device(&s, 0, 1, "a");

                        if (n == 0)
                                assert_int_equal(story_count_notes(&s, NOTE_LOG_FAILED),
                                                 cases[i].n_notes);
                        lost->state = DEVICE_CONNECTING;
                        story_read_device(&s, op_id, 0, lost);
                }
                story_expect_nothing(&s);
                story_expect_reason(&s, "a", REASON_NOT_LIVE);
                story_wait_for(&s, PLAN_LOG_RETRY_MAX_USEC);
                story_expect_nothing(&s);

                story_uevent(&s, KERNEL_CONNECTED, 0);
                story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                                  story_device(&s, 0, 1, "a"));
                (void) story_take(&s, OPERATION_READ_LOG);
        }
}

static void test_a_failed_read_leaves_the_log_as_it_was(void **state)
{
        static const unsigned delays[] = { 1, 2, 4, 8, 16, 20, 20 };
        STORY(CONTROLLER_DISCOVERY);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        story_wait_for(&s, PLAN_LOG_PACE_USEC);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        for (unsigned i = 0; i < ELEMENTSOF(delays); i++) {
                end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), -EIO, 0x4002, NULL,
                             s.now);
                story_expect_nothing(&s);
                assert_int_equal(story_count_notes(&s, NOTE_LOG_FAILED), i == 0);
                if (i == 0)
                        assert_int_equal(s.plan->notes[0].nvme_status, 0x4002);
                assert_int_equal(story_find(&s, "a")->log.state, SOURCE_COMPLETE);
                assert_true(s.plan->wake_at == s.now + delays[i] * USEC_PER_SEC);
                story_wait_for(&s, delays[i] * USEC_PER_SEC);
        }
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(2), s.now);
        assert_int_equal(story_find(&s, "a")->log.log->entries[0].portid, 2);
}

/* No change notification came: the target promised none, or did not keep its promise. */
static void test_a_log_is_read_now_and_then(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        for (uint16_t i = 0; i < 3; i++) {
                usec_t begun = s.now;
                end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(i),
                             s.now);
                story_expect_nothing(&s);
                assert_true(s.plan->wake_at == begun + PLAN_POLL_USEC);
                story_wait_for(&s, PLAN_POLL_USEC);
        }
}

/* A part of a log adds what it names, and says nothing of the rest: its state says so. */
static void test_a_partial_log(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        const LogStatus *log = &story_find(&s, "a")->log;
        for (int i = 0; i < 2; i++) {
                DiscoveryLog *part = story_log(1);
                part->partial = true;
                end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, part, s.now);
                story_expect_nothing(&s);
                assert_int_equal(log->state, SOURCE_PARTIAL);
                assert_int_equal(story_count_notes(&s, NOTE_LOG_PARTIAL), i == 0);
                story_wait_for(&s, PLAN_LOG_PACE_USEC);
                story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        }
        uint64_t generation = log->generation;
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        story_expect_nothing(&s);
        assert_int_equal(log->state, SOURCE_COMPLETE);
        assert_true(log->generation > generation);
}

/* Another gateway answers at the same address after a reconnect: what only the first one named is
 * gone if it is in the next log neither. */
static void test_the_first_log_after_a_reconnection_takes_nothing(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        const LogStatus *log = &story_find(&s, "a")->log;
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        story_expect_nothing(&s);
        assert_int_equal(log->state, SOURCE_COMPLETE);

        story_uevent(&s, KERNEL_CONNECTED, 0);
        DiscoveryLog *empty = story_log(1);
        dlpe_done(&empty->entries[--empty->n_entries]);
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, empty, s.now);
        story_expect_nothing(&s);
        assert_int_equal(log->state, SOURCE_PARTIAL);
        assert_int_equal(story_count_notes(&s, NOTE_LOG_PARTIAL), 0);
        assert_true(s.plan->wake_at == s.now + PLAN_LOG_CONFIRM_USEC);

        story_wait_for(&s, PLAN_LOG_CONFIRM_USEC);
        empty = story_log(1);
        dlpe_done(&empty->entries[--empty->n_entries]);
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, empty, s.now);
        story_expect_nothing(&s);
        assert_int_equal(log->state, SOURCE_COMPLETE);

        /* What is there after a reconnect as before needs no second read. */
        story_uevent(&s, KERNEL_CONNECTED, 0);
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        story_expect_nothing(&s);
        assert_int_equal(log->state, SOURCE_COMPLETE);
}

static void test_a_log_read_before_a_reconnection_is_dropped(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
        uint64_t op_id = story_take(&s, OPERATION_READ_LOG);
        story_uevent(&s, KERNEL_CONNECTED, 0);
        end_read_log(s.engine, op_id, -EINTR, 0, NULL, s.now);
        op_id = story_take(&s, OPERATION_READ_LOG); /* at once, without a failure */
        end_read_log(s.engine, op_id, 0, 0, story_log(1), s.now);
        assert_int_equal(story_find(&s, "a")->log.state, SOURCE_COMPLETE);

        story_uevent(&s, KERNEL_CONNECTED, 0);
        assert_int_equal(story_find(&s, "a")->log.state, SOURCE_UNKNOWN);
        assert_int_equal(story_find(&s, "a")->log.log->entries[0].portid,
                         1); /* the last known contents */
        op_id = story_take(&s, OPERATION_READ_LOG);
        engine_kernel_events_lost(s.engine);
        end_read_log(s.engine, op_id, 0, 0, story_log(2), s.now);
        assert_int_equal(story_find(&s, "a")->log.state, SOURCE_UNKNOWN);
        story_wait_for(&s, PLAN_LOG_PACE_USEC);
        (void) story_take(&s, OPERATION_READ_LOG);
}

static void test_two_entries_share_a_connection(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        /* The unique NQN and the well-known NQN of the same controller. */
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_say(&s, "mdns", SOURCE_COMPLETE, "dc");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        assert_int_equal(end_connect(s.engine, op_id, 0, 0, 1, s.now), 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                          story_device(&s, 0, 1, "a"));
        op_id = story_take(&s, OPERATION_READ_LOG);
        story_expect_nothing(&s); /* one after the other */
        end_read_log(s.engine, op_id, 0, 0, story_log(1), s.now);
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        story_expect_nothing(&s);

        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_wait_for(&s, 60 * USEC_PER_SEC);
        story_expect_nothing(&s);
        assert_null(story_find(&s, "a"));

        story_say(&s, "mdns", SOURCE_COMPLETE, "");
        (void) story_plan(&s);
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 0);
        story_expect_nothing(&s);
}

static void test_what_a_connect_may_need_stays(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_say(&s, "mdns", SOURCE_COMPLETE, "dc");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        engine_kernel_events_lost(s.engine);
        story_scan(&s, story_device(&s, 0, 1, "a"), NULL);
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        story_say(&s, "config", SOURCE_COMPLETE, "");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_SHARED);

        assert_int_equal(end_connect(s.engine, op_id, -EIO, -1, 0, s.now), 0);
        (void) story_take(&s, OPERATION_READ_LOG);
        assert_int_equal(story_find(&s, "dc")->node->instance, 0);
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_expect_nothing(&s);
}

static void test_connects_to_one_end_wait_for_each_other(void **state)
{
        STORY(CONTROLLER_DISCOVERY);

        story_say(&s, "config", SOURCE_COMPLETE, "a dc");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        assert_int_equal(end_connect(s.engine, op_id, 0, 0, 1, s.now), 0);
        op_id = story_take(&s, OPERATION_READ_DEVICE);
        story_expect_nothing(&s); /* the device may serve both rows */
        story_read_device(&s, op_id, 0, story_device(&s, 0, 1, "b"));
        (void) story_take(&s, OPERATION_READ_LOG);
        story_expect_nothing(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_adoption),
                cmocka_unit_test(test_a_connection_comes_before_its_wish),
                cmocka_unit_test(test_connections_of_other_owners),
                cmocka_unit_test(test_a_connection_taken_over),
                cmocka_unit_test(test_all_matching_connections_are_in_scope),
                cmocka_unit_test(test_the_boot_firmwares_connections_stay),
                cmocka_unit_test(test_connected_by_somebody_else_meanwhile),
                cmocka_unit_test(test_the_name_may_mean_another_one_already),
                cmocka_unit_test(test_without_an_inode_the_identity_decides),
                cmocka_unit_test(test_names_are_recycled_unseen),
                cmocka_unit_test(test_a_read_from_before_a_loss_means_nothing),
                cmocka_unit_test(test_scans_are_older_than_what_came_meanwhile),
                cmocka_unit_test(test_uevents_of_our_connect_are_read_once),
                cmocka_unit_test(test_what_was_made_and_cannot_be_read_is_not_lost),
                cmocka_unit_test(test_completions_come_once),
                cmocka_unit_test(test_a_completion_of_what_is_gone),
                cmocka_unit_test(test_failed_disconnects_are_tried_again),
                cmocka_unit_test(test_what_is_not_live_is_looked_at),
                cmocka_unit_test(test_a_log_is_read_when_it_changes),
                cmocka_unit_test(test_no_log_is_read_while_the_connection_is_lost),
                cmocka_unit_test(test_a_failed_read_leaves_the_log_as_it_was),
                cmocka_unit_test(test_a_log_is_read_now_and_then),
                cmocka_unit_test(test_the_first_log_after_a_reconnection_takes_nothing),
                cmocka_unit_test(test_a_partial_log),
                cmocka_unit_test(test_a_log_read_before_a_reconnection_is_dropped),
                cmocka_unit_test(test_two_entries_share_a_connection),
                cmocka_unit_test(test_what_a_connect_may_need_stays),
                cmocka_unit_test(test_connects_to_one_end_wait_for_each_other),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

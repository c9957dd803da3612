/* SPDX-License-Identifier: Apache-2.0 */

/* TP8010 discovery controllers: registration, supported log page options, and retries. */

#include "base/text.h"
#include "plan/backoff.h"
#include "plan/test-story.h"

static Device *make_dc(const Story *s, const char *dctype)
{
        Device *d = story_device(s, 0, 10, "dc");

        assert_int_equal(text_replace(&d->dctype, dctype), 0);
        return d;
}

/* The controller is wanted by stafd and connected. */
static void have(Story *s, const char *dctype)
{
        story_say(s, "f", SOURCE_COMPLETE, "dc");
        uint64_t op_id = story_take(s, OPERATION_CONNECT);
        story_uevent(s, KERNEL_ADDED, 0);
        story_uevent(s, KERNEL_CONNECTED, 0);
        assert_int_equal(end_connect(s->engine, op_id, 0, 0, 10, s->now), 0);
        story_read_device(s, story_take(s, OPERATION_READ_DEVICE), 0, make_dc(s, dctype));
}

static void is_registered(Story *s, int error, int status)
{
        end_register(s->engine, story_take(s, OPERATION_REGISTER), error, status, s->now);
}

static void is_asked(Story *s, int error, unsigned offers)
{
        end_read_supported_logs(s->engine, story_take(s, OPERATION_READ_SUPPORTED_LOGS), error,
                                offers, s->now);
}

static void is_read(Story *s, unsigned options)
{
        const Action *a = story_act(s, OPERATION_READ_LOG);

        assert_int_equal(a->log_options, options);
        end_read_log(s->engine, a->op_id, 0, 0, story_log(1), s->now);
}

static void reconnect(Story *s, const char *dctype)
{
        story_uevent(s, KERNEL_CONNECTED, 0);
        story_read_device(s, story_take(s, OPERATION_READ_DEVICE), 0, make_dc(s, dctype));
}

#define STAFD()                                                                                    \
        STORY(CONTROLLER_DISCOVERY);                                                               \
        Policy *policy = story_policy(&s);                                                         \
        policy->pleo = true;                                                                       \
        engine_set_policy(s.engine, policy, s.now)

static void test_cdc_is_told_before_its_log_is_read(void **state)
{
        STAFD();
        have(&s, "cdc");
        is_registered(&s, 0, 0);
        is_read(&s, 0);
        story_expect_nothing(&s);
        story_expect_reason(&s, "dc", REASON_CONVERGED);
}

static void test_others_are_told_nothing(void **state)
{
        STAFD();
        have(&s, "none");
        is_read(&s, 0);
        story_expect_nothing(&s);
}

static void test_ddc_is_asked_for_one_port(void **state)
{
        STAFD();
        have(&s, "ddc");
        is_registered(&s, 0, 0);
        is_asked(&s, 0, DISCOVERY_LOG_PORT_LOCAL | DISCOVERY_LOG_ALL);
        is_read(&s, DISCOVERY_LOG_PORT_LOCAL);

        /* Once per connection. */
        story_wait_for(&s, PLAN_LOG_PACE_USEC);
        story_uevent(&s, KERNEL_LOG_CHANGED, 0);
        is_read(&s, DISCOVERY_LOG_PORT_LOCAL);
        story_expect_nothing(&s);
        reconnect(&s, "ddc");
        is_registered(&s, 0, 0);
        is_asked(&s, 0, DISCOVERY_LOG_ALL);
        is_read(&s, 0);
        story_expect_nothing(&s);
}

static void test_configuration_decides_about_ports(void **state)
{
        STAFD();
        engine_set_policy(s.engine, story_policy(&s), s.now);
        have(&s, "ddc");
        is_registered(&s, 0, 0);
        is_read(&s, 0);
        story_expect_nothing(&s);
}

static void test_who_cannot_answer_is_asked_no_more(void **state)
{
        STAFD();
        have(&s, "ddc");
        is_registered(&s, 0, 0);
        is_asked(&s, -EIO, 0); /* refused: not retried on this connection */
        is_read(&s, 0);
        reconnect(&s, "ddc");
        is_registered(&s, 0, 0);
        is_asked(&s, -EINTR, 0); /* connection lost: never retried */
        reconnect(&s, "ddc");
        is_registered(&s, 0, 0);
        is_read(&s, 0);
        engine_reread_logs(s.engine); /* reload: retried */
        is_asked(&s, 0, 0);
        is_read(&s, 0);
}

static void test_refused_option_is_dropped(void **state)
{
        STAFD();
        have(&s, "ddc");
        is_registered(&s, 0, 0);
        is_asked(&s, 0, DISCOVERY_LOG_PORT_LOCAL);
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), -EIO, 2, NULL, s.now);
        is_read(&s, 0);
        assert_int_equal(story_find(&s, "dc")->log.last_error, 0);
}

static void test_refused_registration_is_tried_again(void **state)
{
        STAFD();
        have(&s, "cdc");
        is_registered(&s, -EIO, 0x132);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_REGISTER_FAILED), 1);
        assert_int_equal(s.plan->notes[s.plan->n_notes - 1].nvme_status, 0x132);
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        story_expect_nothing(&s);
        story_expect_reason(&s, "dc", REASON_UNREGISTERED);
        assert_true(s.plan->wake_at == s.now + 5 * USEC_PER_SEC);

        story_wait_for(&s, 5 * USEC_PER_SEC);
        is_registered(&s, -EIO, 0x132);
        story_expect_nothing(&s);
        assert_int_equal(story_count_notes(&s, NOTE_REGISTER_FAILED), 0);
        story_wait_for(&s, 5 * USEC_PER_SEC);
        is_registered(&s, 0, 0);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_REGISTERED), 1);
        story_expect_nothing(&s);
}

static void test_who_knows_no_registration_is_told_once_a_connection(void **state)
{
        STAFD();
        have(&s, "cdc");
        is_registered(&s, -EIO, 0x001);
        is_read(&s, 0);
        story_expect_nothing(&s);
        assert_true(s.plan->wake_at == s.now + PLAN_POLL_USEC); /* its log is polled */
        reconnect(&s, "cdc");
        is_registered(&s, -EIO, 0x001);
}

/* An unanswered command breaks the connection: it must not prevent the log from being read, too. */
static void test_unanswered_registration_does_not_starve_the_log(void **state)
{
        STAFD();
        have(&s, "cdc");
        is_registered(&s, -EINTR, 0);
        reconnect(&s, "cdc");
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        story_expect_nothing(&s);
        assert_true(s.plan->wake_at == s.now + 20 * USEC_PER_SEC);
        story_wait_for(&s, 20 * USEC_PER_SEC);
        is_registered(&s, -EINTR, 0);
        reconnect(&s, "cdc");
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        story_expect_nothing(&s);
        assert_true(s.plan->wake_at == s.now + 80 * USEC_PER_SEC);
        engine_retry_now(s.engine); /* reload */
        is_registered(&s, 0, 0);
        reconnect(&s, "cdc");
        is_registered(&s, 0, 0);
}

/* "nvme discover" connects, reads the log and goes, with our commands under way. */
static void pass_by(Story *s, int instance, void (*talk)(Story *s))
{
        Device *d = make_dc(s, "ddc");

        d->instance = instance;
        d->inode = 100 + (uint64_t) instance;
        story_uevent(s, KERNEL_ADDED, instance);
        story_read_device(s, story_take(s, OPERATION_READ_DEVICE), instance, d);
        (void) story_plan(s);
        assert_int_equal(story_count_notes(s, NOTE_ADOPTED), 1);
        talk(s);
        story_uevent(s, KERNEL_REMOVED, instance);
}

static void break_off_registration(Story *s)
{
        is_registered(s, -EINTR, 0);
}

static void break_off_log_page(Story *s)
{
        is_registered(s, 0, 0);
        is_asked(s, -EINTR, 0);
}

static void break_off_log(Story *s)
{
        is_registered(s, 0, 0);
        is_asked(s, 0, 0);
        end_read_log(s->engine, story_take(s, OPERATION_READ_LOG), -EINTR, 0, NULL, s->now);
}

/* What others make and remove says nothing about the target: our own connection comes at once, and
 * is registered, asked and read as the first one is. */
static void test_passing_connections_of_others(void **state)
{
        static void (*const talks[])(Story * s) = { break_off_registration, break_off_log_page,
                                                    break_off_log };

        for (size_t i = 0; i < ELEMENTSOF(talks); i++) {
                STAFD();
                story_say(&s, "f", SOURCE_COMPLETE, "dc");
                for (int n = 1; n <= 10; n++) {
                        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
                        end_connect(s.engine, op_id, -ECONNREFUSED, -1, 0, s.now);
                        pass_by(&s, n, talks[i]);
                        story_wait_for(&s, 100 * USEC_PER_MSEC);
                }
                have(&s, "ddc");
                is_registered(&s, 0, 0);
                is_asked(&s, 0, 0);
                is_read(&s, 0);
        }
}

static void test_reconnected_while_it_was_told(void **state)
{
        STAFD();
        have(&s, "cdc");
        uint64_t op_id = story_take(&s, OPERATION_REGISTER);
        reconnect(&s, "cdc");
        story_expect_nothing(&s); /* the operation under way must end first */
        end_register(s.engine, op_id, 0, 0, s.now);
        is_registered(&s, 0, 0);
        is_read(&s, 0);
}

static void test_told_again_when_the_name_changed(void **state)
{
        STAFD();
        have(&s, "cdc");
        is_registered(&s, 0, 0);
        is_read(&s, 0);
        engine_register_again(s.engine);
        uint64_t op_id = story_take(&s, OPERATION_REGISTER);
        engine_register_again(s.engine); /* again, during the operation */
        end_register(s.engine, op_id, 0, 0, s.now);
        is_registered(&s, 0, 0);
        story_expect_nothing(&s);
}

static void test_told_that_we_go(void **state)
{
        STAFD();
        have(&s, "cdc");
        is_registered(&s, 0, 0);
        is_read(&s, 0);
        story_say(&s, "f", SOURCE_COMPLETE, "");
        story_expect_nothing(&s); /* quiet time */
        story_wait_for(&s, PLAN_QUIET_USEC);
        end_register(s.engine, story_take(&s, OPERATION_DEREGISTER), -EIO, 0x12f, s.now);
        (void) story_take(&s, OPERATION_DISCONNECT); /* even after a failure */
}

static void test_wanted_again_when_it_was_told(void **state)
{
        STAFD();
        have(&s, "cdc");
        is_registered(&s, 0, 0);
        is_read(&s, 0);
        story_say(&s, "f", SOURCE_COMPLETE, "");
        story_wait_for(&s, PLAN_QUIET_USEC);
        uint64_t op_id = story_take(&s, OPERATION_DEREGISTER);
        story_say(&s, "f", SOURCE_COMPLETE, "dc");
        end_register(s.engine, op_id, 0, 0, s.now);
        is_registered(&s, 0, 0);
}

static void test_gone_without_a_word_when_we_stop(void **state)
{
        STAFD();
        have(&s, "cdc");
        is_registered(&s, 0, 0);
        is_read(&s, 0);
        engine_release_all(s.engine);
        (void) story_take(&s, OPERATION_DISCONNECT);
}

/* It refuses explicit persistent connections (a Keep Alive Timeout), but permits a connection for a
 * read of the log. */
static void test_who_holds_no_hosts_is_polled(void **state)
{
        STAFD();
        story_say(&s, "f", SOURCE_COMPLETE, "dc");
        assert_int_equal(
                end_connect(s.engine, story_take(&s, OPERATION_CONNECT), -EIO, -1, 0, s.now), 0);
        (void) story_plan(&s);
        story_wait_for(&s, 60 * USEC_PER_SEC);
        const Action *a = story_act(&s, OPERATION_CONNECT);
        assert_int_equal(a->settings.value[SETTING_KATO], 0);
        for (int polls = 0; polls < 2; polls++) {
                uint64_t op_id = s.begun[OPERATION_CONNECT];
                story_uevent(&s, KERNEL_ADDED, 0);
                story_uevent(&s, KERNEL_CONNECTED, 0);
                assert_int_equal(end_connect(s.engine, op_id, 0, 0, 10, s.now), 0);
                story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0,
                                  make_dc(&s, "none"));
                is_read(&s, 0);
                op_id = story_take(&s, OPERATION_DISCONNECT);
                story_uevent(&s, KERNEL_REMOVED, 0);
                end_disconnect(s.engine, op_id, 0, NULL, s.now);
                story_expect_nothing(&s);
                story_expect_reason(&s, "dc", REASON_PARKED);
                assert_int_equal(story_count_notes(&s, NOTE_PARKED), 1);
                assert_int_equal(story_find(&s, "dc")->log.state, SOURCE_COMPLETE);
                assert_true(s.plan->wake_at == s.now + PLAN_POLL_USEC);
                story_wait_for(&s, PLAN_POLL_USEC);
                a = story_act(&s, OPERATION_CONNECT);
                assert_int_equal(a->settings.value[SETTING_KATO], 0);
        }

        /* It may support persistent connections now, or the cause is another one: both kinds are
         * tried in turn. */
        assert_int_equal(end_connect(s.engine, s.begun[OPERATION_CONNECT], -EIO, -1, 0, s.now), 0);
        story_expect_nothing(&s);
        story_expect_reason(&s, "dc", REASON_BACKOFF);
        story_wait_for(&s, 60 * USEC_PER_SEC);
        a = story_act(&s, OPERATION_CONNECT);
        assert_int_not_equal(a->settings.value[SETTING_KATO], 0);
}

static void test_refused_for_other_reasons_stays_as_it_is(void **state)
{
        STAFD();
        story_say(&s, "f", SOURCE_COMPLETE, "dc");
        assert_int_equal(end_connect(s.engine, story_take(&s, OPERATION_CONNECT), -ECONNREFUSED, -1,
                                     0, s.now),
                         0);
        (void) story_plan(&s);
        story_wait_for(&s, 60 * USEC_PER_SEC);
        assert_int_not_equal(story_act(&s, OPERATION_CONNECT)->settings.value[SETTING_KATO], 0);
}

static void set_persistence(Story *s, int persistence)
{
        Policy *p = story_policy(s);

        p->poll_minutes = 2;
        p->settings.value[SETTING_PERSISTENT] = persistence;
        engine_set_policy(s->engine, p, s->now);
}

/* Connected by us, read, left and polled, whatever it accepts. */
static void test_persistent_no(void **state)
{
        STAFD();
        set_persistence(&s, PERSISTENT_NO);
        story_say(&s, "f", SOURCE_COMPLETE, "dc");
        const Action *a = story_act(&s, OPERATION_CONNECT);
        assert_int_equal(a->settings.value[SETTING_KATO], 0);
        assert_int_equal(a->settings.value[SETTING_PERSISTENT], SETTING_DEFAULT);
        uint64_t op_id = a->op_id;
        story_uevent(&s, KERNEL_ADDED, 0);
        story_uevent(&s, KERNEL_CONNECTED, 0);
        assert_int_equal(end_connect(s.engine, op_id, 0, 0, 10, s.now), 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0, make_dc(&s, "none"));
        is_read(&s, 0);
        op_id = story_take(&s, OPERATION_DISCONNECT);
        story_uevent(&s, KERNEL_REMOVED, 0);
        end_disconnect(s.engine, op_id, 0, NULL, s.now);
        story_expect_nothing(&s);
        story_expect_reason(&s, "dc", REASON_PARKED);
        assert_int_equal(story_find(&s, "dc")->log.state, SOURCE_COMPLETE);
        assert_true(s.plan->wake_at == s.now + 2 * 60 * USEC_PER_SEC);

        /* Connected at once when this is configured. */
        set_persistence(&s, PERSISTENT_AUTO);
        a = story_act(&s, OPERATION_CONNECT);
        assert_int_not_equal(a->settings.value[SETTING_KATO], 0);
}

static void test_persistent_no_leaves_connections_of_others(void **state)
{
        _cleanup_(story_end) Story s;

        story_begin(&s, CONTROLLER_DISCOVERY);
        set_persistence(&s, PERSISTENT_NO);
        story_scan(&s, make_dc(&s, "none"), NULL);
        story_say(&s, "f", SOURCE_COMPLETE, "dc");
        is_read(&s, 0);
        story_expect_nothing(&s);
        assert_true(s.plan->wake_at == s.now + 2 * 60 * USEC_PER_SEC);
        story_wait_for(&s, 2 * 60 * USEC_PER_SEC);
        is_read(&s, 0);
        story_expect_nothing(&s);
}

static void expect_refused(Story *s, bool is_persistent)
{
        const Action *a = story_act(s, OPERATION_CONNECT);

        assert_int_equal(a->settings.value[SETTING_KATO] != 0, is_persistent);
        assert_int_equal(end_connect(s->engine, a->op_id, -EIO, -1, 0, s->now), 0);
        story_expect_nothing(s);
        story_expect_reason(s, "dc", REASON_BACKOFF);
}

/* It is never tried without, and waits as for anything that is refused. */
static void test_persistent_force(void **state)
{
        STAFD();
        set_persistence(&s, PERSISTENT_FORCE);
        story_say(&s, "f", SOURCE_COMPLETE, "dc");
        for (int i = 0; i < 12; i++) {
                expect_refused(&s, true);
                story_wait_for(&s, BACKOFF_REFUSED_MAX * 2);
        }
        expect_refused(&s, true);
        assert_true(s.plan->wake_at > s.now + 2 * BACKOFF_MAX);
}

/* A refusal from before no longer applies. */
static void test_persistent_is_forced_later(void **state)
{
        STAFD();
        set_persistence(&s, PERSISTENT_AUTO);
        story_say(&s, "f", SOURCE_COMPLETE, "dc");
        expect_refused(&s, true);
        story_wait_for(&s, BACKOFF_MAX);
        expect_refused(&s, false);
        story_wait_for(&s, BACKOFF_MAX);
        expect_refused(&s, true); /* the next one would be without */
        set_persistence(&s, PERSISTENT_FORCE);
        story_wait_for(&s, BACKOFF_MAX);
        expect_refused(&s, true);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cdc_is_told_before_its_log_is_read),
                cmocka_unit_test(test_others_are_told_nothing),
                cmocka_unit_test(test_ddc_is_asked_for_one_port),
                cmocka_unit_test(test_configuration_decides_about_ports),
                cmocka_unit_test(test_who_cannot_answer_is_asked_no_more),
                cmocka_unit_test(test_refused_option_is_dropped),
                cmocka_unit_test(test_refused_registration_is_tried_again),
                cmocka_unit_test(test_who_knows_no_registration_is_told_once_a_connection),
                cmocka_unit_test(test_unanswered_registration_does_not_starve_the_log),
                cmocka_unit_test(test_passing_connections_of_others),
                cmocka_unit_test(test_reconnected_while_it_was_told),
                cmocka_unit_test(test_told_again_when_the_name_changed),
                cmocka_unit_test(test_told_that_we_go),
                cmocka_unit_test(test_wanted_again_when_it_was_told),
                cmocka_unit_test(test_gone_without_a_word_when_we_stop),
                cmocka_unit_test(test_who_holds_no_hosts_is_polled),
                cmocka_unit_test(test_persistent_no),
                cmocka_unit_test(test_persistent_no_leaves_connections_of_others),
                cmocka_unit_test(test_persistent_force),
                cmocka_unit_test(test_persistent_is_forced_later),
                cmocka_unit_test(test_refused_for_other_reasons_stays_as_it_is),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

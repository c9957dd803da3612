/* SPDX-License-Identifier: Apache-2.0 */

/* Order and time of connects, depending on the answers of portals. */

#include "plan/test-story.h"

#include <stdio.h>

#include "base/text.h"
#include "plan/backoff.h"

#define PORTALS(role)                                                                              \
        STORY(role);                                                                               \
        s.by_hand = true

static void answer(Story *s, uint64_t op_id, int error)
{
        end_probe(s->engine, op_id, error, s->now);
}

static size_t count_actions(const Story *s, Operation operation)
{
        size_t n = 0;

        for (size_t i = 0; i < s->plan->n_actions; i++)
                n += s->plan->actions[i].operation == operation;
        return n;
}

/* "n000 n001 …", each behind its own portal if address is the beginning of an address. */
static char *make_names(const char *address, size_t n)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (size_t i = 0; i < n; i++)
                if (*address)
                        text_buffer_printf(&b, "n%03zu@%s%zu ", i, address, i + 1);
                else
                        text_buffer_printf(&b, "n%03zu ", i);
        return text_buffer_take(&b);
}

static void fail_connect(Story *s, int error)
{
        assert_int_equal(
                end_connect(s->engine, story_take(s, OPERATION_CONNECT), error, -1, 0, s->now), 0);
}

static void test_nothing_is_connected_unanswered(void **state)
{
        PORTALS(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        const Action *a = story_act(&s, OPERATION_PROBE);
        assert_string_equal(a->row->tid->traddr, "192.0.2.1");
        assert_int_equal(a->timeout, PORTAL_TIMEOUT_MIN);
        /* Allows for one lost packet. */
        assert_true(a->timeout > USEC_PER_SEC);
        assert_int_equal(s.plan->n_actions, 1);
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_PROBING);
        answer(&s, story_take(&s, OPERATION_PROBE), 0);
        story_connect_as(&s, 0, 1, "a");
}

static void test_a_hundred_wait_for_one_answer(void **state)
{
        PORTALS(CONTROLLER_IO);
        _cleanup_free_ char *names = make_names("", 100);

        story_say(&s, "config", SOURCE_COMPLETE, names);
        (void) story_plan(&s);
        assert_int_equal(count_actions(&s, OPERATION_PROBE), 1);
        answer(&s, story_take(&s, OPERATION_PROBE), -ETIMEDOUT);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_NO_ANSWER), 1);
        assert_int_equal(s.plan->n_actions, 0);
        story_expect_reason(&s, "n000", REASON_NO_ANSWER);
        story_expect_reason(&s, "n099", REASON_NO_ANSWER);
        assert_int_equal(story_find(&s, "n099")->attempts.n_unanswered, 1);
        assert_int_equal(story_find(&s, "n099")->attempts.n_connects, 0);

        story_wait_for(&s, s.plan->wake_at - s.now);
        (void) story_plan(&s);
        assert_int_equal(count_actions(&s, OPERATION_PROBE), 1);
        answer(&s, story_take(&s, OPERATION_PROBE), 0);
        for (int i = 0; i < 100; i++) {
                char name[32];
                (void) snprintf(name, sizeof(name), "n%03i", i);
                (void) story_plan(&s);
                assert_int_equal(story_find(&s, name)->op.operation,
                                 OPERATION_CONNECT); /* in order of arrival */
                story_connect_as(&s, i, (uint64_t) i + 1, name);
        }
        story_expect_nothing(&s);
}

static void fail_probes(Story *s, int error)
{
        uint64_t op_ids[64];
        size_t n = 0;

        for (size_t i = 0; i < s->plan->n_actions; i++)
                if (s->plan->actions[i].operation == OPERATION_PROBE)
                        op_ids[n++] = s->plan->actions[i].op_id;
        for (size_t i = 0; i < n; i++)
                answer(s, op_ids[i], error);
        (void) story_plan(s);
}

/* A shortage on this host says nothing about the portals, and is reported once. */
static void test_a_shortage_of_ours_is_no_silence(void **state)
{
        PORTALS(CONTROLLER_IO);
        _cleanup_free_ char *names = make_names("192.0.2.", 20);
        size_t n_told = 0, n_silent = 0;

        story_say(&s, "config", SOURCE_COMPLETE, names);
        (void) story_plan(&s);
        for (int i = 0; i < 30; i++) {
                assert_int_equal(count_actions(&s, OPERATION_PROBE), 20);
                fail_probes(&s, -EMFILE);
                n_told += story_count_notes(&s, NOTE_UNASKED);
                n_silent += story_count_notes(&s, NOTE_NO_ANSWER);
                story_expect_reason(&s, "n000@192.0.2.1", REASON_UNASKED);
                assert_int_equal(s.plan->wake_at, s.now + USEC_PER_SEC);
                story_wait_for(&s, USEC_PER_SEC);
                (void) story_plan(&s);
        }
        assert_int_equal(n_told, 1);
        assert_int_equal(n_silent, 0);
        const Row *row = story_find(&s, "n000@192.0.2.1");
        assert_int_equal(row->portal->n_failures, 0);
        assert_int_equal(attempts_count(&row->attempts), 0); /* not counted for NCC */

        fail_probes(&s, -ETIMEDOUT); /* the first failure of each portal */
        assert_int_equal(story_count_notes(&s, NOTE_NO_ANSWER), 20);
        assert_in_range(s.plan->wake_at - s.now, BACKOFF_MIN * 3 / 4, BACKOFF_MIN * 5 / 4);
}

/* The same for connects: the target is not involved, and the attempt is not counted. */
static void test_a_connect_without_descriptors_is_no_failure(void **state)
{
        STORY(CONTROLLER_IO);
        _cleanup_free_ char *names = make_names("192.0.2.", 20);
        size_t n_told = 0;

        story_say(&s, "config", SOURCE_COMPLETE, names);
        for (int i = 0; i < 100; i++) {
                story_wait_for(&s, USEC_PER_SEC / 20);
                fail_connect(&s, i % 20 == 19 ? -ENFILE : -EMFILE);
                (void) story_plan(&s);
                n_told += i < 19 ? story_count_notes(&s, NOTE_CONNECT_FAILED) : 0;
        }
        assert_int_equal(n_told, 1);
        for (const Row *row = engine_next_row(s.engine, NULL); row;
             row = engine_next_row(s.engine, row)) {
                assert_int_equal(attempts_count(&row->attempts), 0);
                assert_int_equal(row->attempts.n_failures, 0);
                assert_true(row->attempts.connect_at <= s.now + PORTAL_SHORTAGE_USEC);
        }
        story_wait_for(&s, PORTAL_SHORTAGE_USEC);
        story_connect_as(&s, 0, 1, "n000@192.0.2.1");
}

/* A policy may forbid one address and permit another. */
static void test_what_our_policy_forbids_is_no_silence(void **state)
{
        PORTALS(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a b@192.0.2.7");
        (void) story_plan(&s);
        fail_probes(&s, -EACCES);
        assert_int_equal(story_count_notes(&s, NOTE_UNASKED), 2);
        story_expect_reason(&s, "a", REASON_UNASKED);
        assert_int_equal(story_find(&s, "a")->portal->n_failures, 0);
        story_wait_for(&s, s.plan->wake_at - s.now);
        (void) story_plan(&s);
        fail_probes(&s, -EACCES);
        assert_int_equal(story_count_notes(&s, NOTE_UNASKED), 0);
        engine_retry_now(s.engine);
        (void) story_plan(&s);
        answer(&s, story_take(&s, OPERATION_PROBE), 0);
        (void) story_act(&s, OPERATION_CONNECT);
}

/* IPv6 is announced by mDNS and disabled on this host: only what needs it waits. */
static void test_an_address_that_this_host_cannot_use(void **state)
{
        static const int errors[] = { -EADDRNOTAVAIL, -EAFNOSUPPORT };

        for (size_t i = 0; i < ELEMENTSOF(errors); i++) {
                PORTALS(CONTROLLER_DISCOVERY);

                story_say(&s, "mdns", SOURCE_COMPLETE, "a@fd00::7 a@192.0.2.7");
                (void) story_plan(&s);
                assert_int_equal(count_actions(&s, OPERATION_PROBE), 2);
                for (size_t k = 0; k < 2; k++) {
                        const Action *a = &s.plan->actions[k];
                        bool is_ipv6 = a->row->tid->address.family == ADDRESS_IPV6;
                        answer(&s, a->op_id, is_ipv6 ? errors[i] : 0);
                }
                assert_int_equal(story_count_notes(&s, NOTE_UNASKED), 1);
                assert_int_equal(story_count_notes(&s, NOTE_NO_ANSWER), 0);
                (void) story_plan(&s);
                assert_int_equal(count_actions(&s, OPERATION_CONNECT), 1);
                story_expect_reason(&s, "a@fd00::7", REASON_UNASKED);
        }
}

static void test_silence_is_waited_out_longer_and_longer(void **state)
{
        PORTALS(CONTROLLER_IO);
        static const unsigned timeouts[] = { 1500, 3000, 6000, 8000, 8000 };

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        for (size_t i = 0; i < ELEMENTSOF(timeouts); i++) {
                assert_int_equal(story_act(&s, OPERATION_PROBE)->timeout,
                                 timeouts[i] * USEC_PER_MSEC);
                answer(&s, story_take(&s, OPERATION_PROBE), -ETIMEDOUT);
                (void) story_plan(&s);
                usec_t wait = s.plan->wake_at - s.now, nominal = BACKOFF_MIN << i;
                assert_in_range(wait, nominal * 3 / 4, nominal * 5 / 4);
                assert_int_equal(story_count_notes(&s, NOTE_NO_ANSWER), i == 0);
                story_wait_for(&s, wait);
        }
        answer(&s, story_take(&s, OPERATION_PROBE), -ECONNREFUSED);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_NO_ANSWER), 1); /* a different error */
        assert_int_equal(row_portal_error(story_find(&s, "a")), -ECONNREFUSED);
}

static void test_who_is_alive_does_not_wait(void **state)
{
        PORTALS(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a@192.0.2.7 b@192.0.2.8");
        (void) story_plan(&s);
        assert_int_equal(count_actions(&s, OPERATION_PROBE), 2);
        uint64_t second = s.plan->actions[1].op_id;
        assert_string_equal(s.plan->actions[1].row->tid->traddr, "192.0.2.8");
        answer(&s, second, 0);
        story_connect_as(&s, 0, 1, "b@192.0.2.8");
        story_expect_nothing(&s);
        story_expect_reason(&s, "a@192.0.2.7", REASON_PROBING);
}

static void test_an_old_answer_is_none(void **state)
{
        PORTALS(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a@192.0.2.7 b@192.0.2.8");
        (void) story_plan(&s);
        uint64_t first = s.plan->actions[0].op_id, second = s.plan->actions[1].op_id;
        answer(&s, first, 0);
        answer(&s, second, 0);
        (void) story_act(&s, OPERATION_CONNECT);
        story_expect_reason(&s, "b@192.0.2.8", REASON_MISSING);
        story_wait_for(&s, PORTAL_ANSWER_USEC);
        assert_string_equal(story_act(&s, OPERATION_PROBE)->row->tid->traddr, "192.0.2.8");
        story_connect_as(&s, 0, 1, "a@192.0.2.7");
        assert_int_equal(count_actions(&s, OPERATION_CONNECT), 0);
        answer(&s, story_take(&s, OPERATION_PROBE), 0);
        story_connect_as(&s, 1, 2, "b@192.0.2.8");
}

static void test_what_failed_gives_way(void **state)
{
        PORTALS(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a@192.0.2.7");
        answer(&s, story_take(&s, OPERATION_PROBE), -ECONNREFUSED);
        (void) story_plan(&s);
        story_wait_for(&s, s.plan->wake_at - s.now);
        uint64_t first = story_take(&s, OPERATION_PROBE);
        story_say(&s, "more", SOURCE_COMPLETE, "b@192.0.2.8");
        uint64_t second = story_take(&s, OPERATION_PROBE);
        answer(&s, first, 0);
        answer(&s, second, 0);
        story_connect_as(&s, 0, 1, "b@192.0.2.8");
        story_connect_as(&s, 1, 2, "a@192.0.2.7");
}

/* The portal answers probes, but its connects hold the kernel for a minute. */
static void test_who_holds_the_kernel_is_left_alone(void **state)
{
        PORTALS(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a b");
        answer(&s, story_take(&s, OPERATION_PROBE), 0);
        (void) story_act(&s, OPERATION_CONNECT);
        story_wait_for(&s, 30 * USEC_PER_SEC);
        fail_connect(&s, -EINTR);
        (void) story_plan(&s);
        story_expect_reason(&s, "a", REASON_STALLED);
        assert_int_equal(story_count_notes(&s, NOTE_CONNECT_FAILED), 1);
        assert_int_equal(story_count_notes(&s, NOTE_NO_ANSWER), 0); /* already reported */
        assert_int_equal(story_find(&s, "b")->attempts.last_error, 0);
        answer(&s, story_take(&s, OPERATION_PROBE), 0); /* for b, whose answer has expired */
        story_connect_as(&s, 0, 1, "b");
        story_wait_for(&s, 300 * USEC_PER_SEC - 1);
        story_expect_nothing(&s);
        story_wait_for(&s, 1);
        answer(&s, story_take(&s, OPERATION_PROBE), 0);
        (void) story_act(&s, OPERATION_CONNECT);
}

static void test_a_refusal_at_once_is_no_silence(void **state)
{
        PORTALS(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a b");
        answer(&s, story_take(&s, OPERATION_PROBE), 0);
        (void) story_act(&s, OPERATION_CONNECT);
        fail_connect(&s, -EIO);
        story_connect_as(&s, 0, 1, "b");
        story_expect_reason(&s, "a", REASON_BACKOFF);
}

static void refuse_once(Story *s)
{
        (void) story_plan(s);
        if (s->begun[OPERATION_PROBE] != 0)
                answer(s, story_take(s, OPERATION_PROBE), 0);
        fail_connect(s, -EIO);
        (void) story_plan(s);
}

/* A target that refuses is tried less and less often, and what it names anew does not wait. */
static void test_a_refusal_that_lasts(void **state)
{
        PORTALS(CONTROLLER_IO);
        static const unsigned most[] = { 14, 4, 4, 4 };
        const usec_t begin = s.now, hour = 3600 * USEC_PER_SEC;
        usec_t waited = 0;

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        for (size_t i = 0; i < ELEMENTSOF(most); i++) {
                unsigned n = 0;
                for (; s.now + waited < begin + (i + 1) * hour; n++) {
                        story_wait_for(&s, waited);
                        refuse_once(&s);
                        waited = story_find(&s, "a")->decision.at - s.now;
                }
                assert_in_range(n, 1, most[i]);
        }
        assert_in_range(waited, BACKOFF_REFUSED_MAX * 3 / 4, BACKOFF_REFUSED_MAX * 5 / 4);

        story_say(&s, "config", SOURCE_COMPLETE, "a b");
        assert_string_equal(story_act(&s, OPERATION_CONNECT)->row->tid->subsysnqn,
                            story_find(&s, "b")->tid->subsysnqn);
}

/* A log is read again after each notice: one that names the same, or another beside it, or leaves
 * it out for a moment, does not end the wait. */
static void test_a_refusal_outlasts_notices(void **state)
{
        PORTALS(CONTROLLER_IO);
        static const char *const logs[] = { "a", "a b", "a", "a c", "a" };

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        for (int i = 0; i < 9; i++) {
                refuse_once(&s);
                story_wait_for(&s, story_find(&s, "a")->decision.at - s.now);
        }
        refuse_once(&s);
        usec_t at = story_find(&s, "a")->decision.at;
        for (size_t i = 0; i < ELEMENTSOF(logs); i++) {
                story_wait_for(&s, 1 * USEC_PER_SEC);
                story_say(&s, "config", SOURCE_COMPLETE, logs[i]);
                (void) story_plan(&s);
                for (size_t j = 0; j < s.plan->n_actions; j++)
                        assert_ptr_not_equal(s.plan->actions[j].row, story_find(&s, "a"));
        }
        story_expect_reason(&s, "a", REASON_BACKOFF);
        assert_int_equal(story_find(&s, "a")->decision.at, at);
}

static void test_what_is_asked_in_vain_is_cancelled(void **state)
{
        PORTALS(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t op_id = story_take(&s, OPERATION_PROBE);
        story_say(&s, "config", SOURCE_COMPLETE, "");
        const Action *a = story_act(&s, OPERATION_CANCEL_PROBE);
        assert_int_equal(a->cancels, op_id);
        answer(&s, op_id, 0); /* completed before it was cancelled */
        story_expect_nothing(&s);
}

/* Connected by another program meanwhile. */
static void test_what_is_not_missing_any_more_is_not_asked_for(void **state)
{
        PORTALS(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        (void) story_take(&s, OPERATION_PROBE);
        story_uevent(&s, KERNEL_ADDED, 4);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 4,
                          story_device(&s, 4, 44, "a"));
        (void) story_act(&s, OPERATION_CANCEL_PROBE);
        story_expect_nothing(&s);
}

static void test_other_transports_are_not_asked(void **state)
{
        PORTALS(CONTROLLER_IO);

        s.transport = "rdma";
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 0, 1, "a");
}

/* Probes sent while the network was down are repeated at once. */
static void test_a_new_address_ends_the_wait(void **state)
{
        Reachability reachability = { .interface = "eth0", .n_bits = 24 };
        PORTALS(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a@192.0.2.7 b@192.0.2.8 c@192.0.3.9");
        (void) story_plan(&s);
        uint64_t first = s.plan->actions[0].op_id, second = s.plan->actions[1].op_id;
        uint64_t third = s.plan->actions[2].op_id;
        answer(&s, first, -ENETUNREACH);
        answer(&s, third, -ENETUNREACH);
        (void) story_plan(&s);
        reachability.prefix = reachability.own = address_parse(TRANSPORT_TCP, "192.0.2.100");
        engine_reachability_changed(s.engine, &reachability);
        (void) story_plan(&s);
        story_expect_reason(&s, "c@192.0.3.9", REASON_NO_ANSWER);
        assert_int_equal(count_actions(&s, OPERATION_PROBE), 2);
        assert_int_equal(count_actions(&s, OPERATION_CANCEL_PROBE), 1);
        assert_int_equal(s.plan->actions[0].cancels, second);
}

static void test_a_reload_asks_again(void **state)
{
        PORTALS(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        answer(&s, story_take(&s, OPERATION_PROBE), -ETIMEDOUT);
        story_expect_nothing(&s);
        engine_retry_now(s.engine);
        (void) story_act(&s, OPERATION_PROBE);
}

/* Plans, and adds the new probes to those under way. */
static void collect_probes(Story *s, uint64_t *op_ids, size_t *n)
{
        (void) story_plan(s);
        for (size_t i = 0; i < s->plan->n_actions; i++)
                if (s->plan->actions[i].operation == OPERATION_PROBE)
                        op_ids[(*n)++] = s->plan->actions[i].op_id;
}

/* Many dead portals neither delay others nor take the place of portals that were never probed. */
static void test_not_too_many_at_a_time(void **state)
{
        enum {
                N_DEAD = ENGINE_PROBES_MAX + 50
        };
        static uint64_t op_ids[2 * N_DEAD];
        size_t n = 0;
        PORTALS(CONTROLLER_IO);
        _cleanup_free_ char *names = make_names("2001:db8::", N_DEAD);

        story_say(&s, "config", SOURCE_COMPLETE, names);
        collect_probes(&s, op_ids, &n);
        assert_in_range(n, 1, 100);
        while (n < ENGINE_PROBES_MAX) {
                size_t before = n;
                story_wait_for(&s, s.plan->wake_at - s.now);
                collect_probes(&s, op_ids, &n);
                assert_true(n > before);
        }
        assert_int_equal(n, ENGINE_PROBES_MAX);
        assert_true(s.now < 1001 * USEC_PER_SEC); /* none of them was waited for */
        story_expect_nothing(&s);

        for (size_t i = 0; i < n; i++)
                answer(&s, op_ids[i], -ETIMEDOUT);
        story_wait_for(&s, 2 * USEC_PER_SEC);
        story_say(&s, "more", SOURCE_COMPLETE, "live@192.0.2.8");
        n = 0;
        for (int i = 0; i < 3; i++) {
                story_wait_for(&s, 10 * USEC_PER_MSEC);
                collect_probes(&s, op_ids, &n);
                for (size_t k = 0; k < s.plan->n_actions; k++)
                        if (streq(s.plan->actions[k].row->tid->traddr, "192.0.2.8"))
                                return;
        }
        fail_msg("who was never asked waits behind who does not answer");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_nothing_is_connected_unanswered),
                cmocka_unit_test(test_a_hundred_wait_for_one_answer),
                cmocka_unit_test(test_a_shortage_of_ours_is_no_silence),
                cmocka_unit_test(test_a_connect_without_descriptors_is_no_failure),
                cmocka_unit_test(test_what_our_policy_forbids_is_no_silence),
                cmocka_unit_test(test_an_address_that_this_host_cannot_use),
                cmocka_unit_test(test_silence_is_waited_out_longer_and_longer),
                cmocka_unit_test(test_who_is_alive_does_not_wait),
                cmocka_unit_test(test_an_old_answer_is_none),
                cmocka_unit_test(test_what_failed_gives_way),
                cmocka_unit_test(test_who_holds_the_kernel_is_left_alone),
                cmocka_unit_test(test_a_refusal_at_once_is_no_silence),
                cmocka_unit_test(test_a_refusal_that_lasts),
                cmocka_unit_test(test_a_refusal_outlasts_notices),
                cmocka_unit_test(test_what_is_asked_in_vain_is_cancelled),
                cmocka_unit_test(test_what_is_not_missing_any_more_is_not_asked_for),
                cmocka_unit_test(test_other_transports_are_not_asked),
                cmocka_unit_test(test_a_new_address_ends_the_wait),
                cmocka_unit_test(test_a_reload_asks_again),
                cmocka_unit_test(test_not_too_many_at_a_time),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

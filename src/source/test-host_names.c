/* SPDX-License-Identifier: Apache-2.0 */

#include "source/host_names.h"

#include <stdio.h>
#include <string.h>

#include "base/testing.h"
#include "base/text.h"

#define SEC USEC_PER_SEC

/* The names of a configuration, and a clock. */
typedef struct Table {
        HostNames names;
        usec_t now;
        const HostName *latest; /* of end() */
} Table;

static int set(Table *t, const char *names)
{
        _cleanup_free_ char *copy = strdup(names);
        ControllerLine lines[16] = { 0 };
        char where[16][24];
        size_t n = 0;

        assert_non_null(copy);
        for (char *rest = copy, *name; (name = strsep(&rest, " "));) {
                (void) snprintf(where[n], sizeof(where[n]), "x.conf:%zu", n + 1);
                lines[n] = (ControllerLine) {
                        .transport = (char *) "tcp",
                        .traddr = name,
                        .where = where[n],
                };
                n++;
        }
        return host_names_set(&t->names, lines, n, t->now);
}

static uint64_t begin(Table *t, const char *name)
{
        const HostName *h = host_names_begin(&t->names, t->now);

        if (!h)
                fail_msg("%s is not due", name);
        assert_string_equal(h->name, name);
        assert_true(h->op_id != 0);
        return h->op_id;
}

static void expect_nothing_due(Table *t)
{
        assert_null(host_names_begin(&t->names, t->now));
}

static HostNameOutcome end(Table *t, uint64_t op_id, int error, const char *address)
{
        return host_names_end(&t->names, op_id, error, address, t->now, &t->latest);
}

static HostNameOutcome answer(Table *t, const char *name, const char *address)
{
        return end(t, begin(t, name), 0, address);
}

static HostNameOutcome fails(Table *t, const char *name, int error)
{
        return end(t, begin(t, name), error, NULL);
}

static void wait_for(Table *t, usec_t span)
{
        assert_int_equal(host_names_next_at(&t->names), t->now + span);
        t->now += span - 1;
        expect_nothing_due(t);
        t->now++;
}

static void expect(const Table *t, const char *name, HostNameState state, const char *address)
{
        const HostName *h = host_names_find(&t->names, name);

        assert_non_null(h);
        assert_int_equal(h->state, state);
        assert_true(streq_ptr(h->address, address));
}

static void done(Table *t)
{
        host_names_done(&t->names);
}

#define TABLE(text)                                                                                \
        _cleanup_(done) Table t = { .now = 100 * SEC };                                            \
        assert_int_equal(set(&t, text), 0)

static void test_which_lines_have_names(void **state)
{
        static const struct {
                const char *transport, *traddr;
                bool has_name;
        } cases[] = {
                { "tcp", "storage.example.com", true },
                { "rdma", "storage", true },
                { "tcp", "192.0.2.1", false },
                { "tcp", "2001:db8::1", false },
                { "tcp", "fe80::1%eth0", false },
                { "tcp", "[2001:db8::1]", false },
                { "tcp", NULL, false },
                { "loop", "storage", false },
                { "fc", "nn-0x1:pn-0x2", false },
                { NULL, "storage", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const ControllerLine l = { .transport = (char *) cases[i].transport,
                                           .traddr = (char *) cases[i].traddr };
                if (host_names_has_name(&l) != cases[i].has_name)
                        fail_msg("case %zu", i);
        }
}

static void test_addresses_need_nothing(void **state)
{
        TABLE("192.0.2.1 2001:db8::1");

        expect_nothing_due(&t);
        assert_int_equal(host_names_next_at(&t.names), USEC_INFINITY);
        assert_null(host_names_find(&t.names, "192.0.2.1"));
}

static void test_a_name_is_resolved_at_once_and_once(void **state)
{
        TABLE("a.example");

        expect(&t, "a.example", HOST_NAME_UNKNOWN, NULL);
        assert_int_equal(host_names_next_at(&t.names), t.now);
        uint64_t op_id = begin(&t, "a.example");
        expect_nothing_due(&t);
        assert_int_equal(host_names_next_at(&t.names), USEC_INFINITY);

        assert_int_equal(end(&t, op_id, 0, "192.0.2.1"), HOST_NAME_RESOLVED);
        assert_string_equal(t.latest->name, "a.example");
        assert_string_equal(t.latest->where, "x.conf:1");
        expect(&t, "a.example", HOST_NAME_ANSWERED, "192.0.2.1");
}

static void test_the_same_answer_twice_settles_it(void **state)
{
        TABLE("a.example");

        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_RESOLVED);
        wait_for(&t, HOST_NAMES_CONFIRM_USEC);
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_CONFIRMED);
        expect(&t, "a.example", HOST_NAME_SETTLED, "192.0.2.1");
        wait_for(&t, HOST_NAMES_REFRESH_USEC);
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_UNCHANGED);
        expect(&t, "a.example", HOST_NAME_SETTLED, "192.0.2.1");
        wait_for(&t, HOST_NAMES_REFRESH_USEC);
}

static void settle(Table *t, const char *name, const char *address)
{
        (void) answer(t, name, address);
        t->now += HOST_NAMES_CONFIRM_USEC;
        (void) answer(t, name, address);
        expect(t, name, HOST_NAME_SETTLED, address);
        t->now += HOST_NAMES_REFRESH_USEC;
}

static void expect_known(Table *t, const char *address)
{
        const HostName *h = host_names_find(&t->names, "a.example");

        assert_true(streq_ptr(host_name_known(h), address));
}

static void test_another_address_counts_at_once_and_is_asked_for_again(void **state)
{
        TABLE("a.example");

        expect_known(&t, NULL);
        settle(&t, "a.example", "192.0.2.1");
        expect_known(&t, "192.0.2.1");
        assert_int_equal(answer(&t, "a.example", "192.0.2.2"), HOST_NAME_RESOLVED);
        expect(&t, "a.example", HOST_NAME_ANSWERED, "192.0.2.2");
        wait_for(&t, HOST_NAMES_CONFIRM_USEC);
        assert_int_equal(answer(&t, "a.example", "192.0.2.2"), HOST_NAME_CONFIRMED);
        expect(&t, "a.example", HOST_NAME_SETTLED, "192.0.2.2");
        expect_known(&t, "192.0.2.2");
        wait_for(&t, HOST_NAMES_REFRESH_USEC);
}

/* Same as when a name server had lost half of the records. */
static void test_the_address_from_before_may_come_back(void **state)
{
        TABLE("a.example");

        settle(&t, "a.example", "192.0.2.1");
        assert_int_equal(answer(&t, "a.example", "2001:db8::1"), HOST_NAME_RESOLVED);
        expect_known(&t, "192.0.2.1");
        wait_for(&t, HOST_NAMES_CONFIRM_USEC);
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_RESOLVED);
        expect(&t, "a.example", HOST_NAME_SETTLED, "192.0.2.1");
        wait_for(&t, HOST_NAMES_REFRESH_USEC);
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_UNCHANGED);
}

/* Several addresses in rotation: the first one is kept, and the name becomes settled. */
static void test_one_of_many_addresses_is_chosen(void **state)
{
        TABLE("a.example");

        settle(&t, "a.example", "192.0.2.1");
        assert_int_equal(answer(&t, "a.example", "192.0.2.2"), HOST_NAME_RESOLVED);
        wait_for(&t, HOST_NAMES_CONFIRM_USEC);
        assert_int_equal(answer(&t, "a.example", "192.0.2.3"), HOST_NAME_UNCHANGED);
        expect(&t, "a.example", HOST_NAME_ANSWERED, "192.0.2.2");
        expect_known(&t, "192.0.2.2");
        wait_for(&t, HOST_NAMES_CONFIRM_USEC);
        assert_int_equal(answer(&t, "a.example", "192.0.2.2"), HOST_NAME_CONFIRMED);
        expect(&t, "a.example", HOST_NAME_SETTLED, "192.0.2.2");
}

static void test_an_answer_that_is_gone_at_once(void **state)
{
        TABLE("a.example");

        settle(&t, "a.example", "192.0.2.1");
        (void) answer(&t, "a.example", "192.0.2.2");
        t.now += HOST_NAMES_CONFIRM_USEC;
        (void) answer(&t, "a.example", "192.0.2.3");
        t.now += HOST_NAMES_CONFIRM_USEC;
        assert_int_equal(answer(&t, "a.example", "192.0.2.3"), HOST_NAME_RESOLVED);
        expect(&t, "a.example", HOST_NAME_ANSWERED, "192.0.2.3");
        t.now += HOST_NAMES_CONFIRM_USEC;
        assert_int_equal(answer(&t, "a.example", "192.0.2.3"), HOST_NAME_CONFIRMED);
}

static void test_another_ip_family_chooses_anew(void **state)
{
        TABLE("a.example");

        host_names_set_families(&t.names, IP_FAMILY_IPV4);
        settle(&t, "a.example", "192.0.2.1");
        host_names_set_families(&t.names, IP_FAMILY_IPV4);
        expect_known(&t, "192.0.2.1");
        host_names_set_families(&t.names, IP_FAMILY_IPV6);
        assert_int_equal(set(&t, "a.example"), 0);
        expect_known(&t, NULL);
        (void) fails(&t, "a.example", -EAGAIN);
        expect_known(&t, NULL);
        expect(&t, "a.example", HOST_NAME_SETTLED, "192.0.2.1");
        t.now += 60 * SEC;
        assert_int_equal(answer(&t, "a.example", "2001:db8::1"), HOST_NAME_RESOLVED);
        expect_known(&t, "2001:db8::1");
        t.now += 60 * SEC;
        assert_int_equal(answer(&t, "a.example", "2001:db8::1"), HOST_NAME_CONFIRMED);
        expect_known(&t, "2001:db8::1");
        host_names_set_families(&t.names, IP_FAMILY_IPV6);
        expect_known(&t, "2001:db8::1");
}

static void test_failures_are_tried_again_ever_more_slowly(void **state)
{
        static const unsigned waits[] = { 5, 10, 20, 40, 60, 60, 60 };
        TABLE("a.example");

        for (unsigned i = 0; i < ELEMENTSOF(waits); i++) {
                assert_int_equal(fails(&t, "a.example", -ENOENT),
                                 i == 0 ? HOST_NAME_FAILED : HOST_NAME_UNCHANGED);
                expect(&t, "a.example", HOST_NAME_UNKNOWN, NULL);
                assert_int_equal(t.latest->error, -ENOENT);
                wait_for(&t, waits[i] * SEC);
        }
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_RESOLVED);
        wait_for(&t, HOST_NAMES_CONFIRM_USEC);
        assert_int_equal(fails(&t, "a.example", -ENOENT), HOST_NAME_FAILED);
        wait_for(&t, 5 * SEC);
}

static void test_good_news_end_the_wait_after_a_failure(void **state)
{
        Table t = { .now = 1000 * SEC };

        assert_int_equal(set(&t, "a.example b.example"), 0);
        assert_int_equal(fails(&t, "a.example", -EAGAIN), HOST_NAME_FAILED);
        assert_int_equal(answer(&t, "b.example", "192.0.2.2"), HOST_NAME_RESOLVED);
        expect_nothing_due(&t);
        t.now += SEC;
        host_names_retry(&t.names, t.now);
        uint64_t op_id = begin(&t, "a.example");
        expect_nothing_due(&t); /* b has been answered */
        host_names_retry(&t.names, t.now);
        assert_int_equal(end(&t, op_id, -EAGAIN, NULL), HOST_NAME_UNCHANGED);
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_RESOLVED);
        host_names_done(&t.names);
}

static void test_many_failures(void **state)
{
        TABLE("a.example");

        for (unsigned i = 0; i < 1000; i++) {
                (void) fails(&t, "a.example", -EAGAIN);
                t.now = host_names_next_at(&t.names);
        }
        assert_int_equal(fails(&t, "a.example", -EAGAIN), HOST_NAME_UNCHANGED);
        wait_for(&t, HOST_NAMES_RETRY_MAX_USEC);
}

static void test_a_changed_error_is_news(void **state)
{
        TABLE("a.example");

        assert_int_equal(fails(&t, "a.example", -EAGAIN), HOST_NAME_FAILED);
        t.now += 60 * SEC;
        assert_int_equal(fails(&t, "a.example", -ENOENT), HOST_NAME_FAILED);
        t.now += 60 * SEC;
        assert_int_equal(fails(&t, "a.example", -ENOENT), HOST_NAME_UNCHANGED);
}

static void test_a_failure_forgets_nothing(void **state)
{
        TABLE("a.example");

        settle(&t, "a.example", "192.0.2.1");
        assert_int_equal(fails(&t, "a.example", -ENOENT), HOST_NAME_FAILED);
        expect(&t, "a.example", HOST_NAME_SETTLED, "192.0.2.1");
        wait_for(&t, 5 * SEC);
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_RECOVERED);
        expect(&t, "a.example", HOST_NAME_SETTLED, "192.0.2.1");
        wait_for(&t, HOST_NAMES_REFRESH_USEC);
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_UNCHANGED);
}

static void test_a_failure_between_two_answers_does_not_settle(void **state)
{
        TABLE("a.example");

        (void) answer(&t, "a.example", "192.0.2.1");
        wait_for(&t, HOST_NAMES_CONFIRM_USEC);
        assert_int_equal(fails(&t, "a.example", -EAGAIN), HOST_NAME_FAILED);
        expect(&t, "a.example", HOST_NAME_ANSWERED, "192.0.2.1");
        wait_for(&t, 5 * SEC);
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_CONFIRMED);
}

static void test_an_address_nobody_can_connect_to_is_a_failure(void **state)
{
        static const char *const addresses[] = { "0.0.0.0", "::", "", "elsewhere.example" };
        TABLE("a.example");

        for (size_t i = 0; i < ELEMENTSOF(addresses); i++) {
                (void) answer(&t, "a.example", addresses[i]);
                expect(&t, "a.example", HOST_NAME_UNKNOWN, NULL);
                assert_int_equal(t.latest->error, -EADDRNOTAVAIL);
                t.now += 60 * SEC;
        }
        (void) answer(&t, "a.example", NULL);
        assert_int_equal(t.latest->error, -EADDRNOTAVAIL);
}

static void test_several_lines_may_have_one_name(void **state)
{
        TABLE("b.example A.example a.EXAMPLE b.example");

        assert_int_equal(t.names.n_names, 2);
        assert_string_equal(host_names_find(&t.names, "a.example")->where, "x.conf:2");
        assert_string_equal(host_names_find(&t.names, "B.EXAMPLE")->where, "x.conf:1");
        assert_null(host_names_find(&t.names, "c.example"));
}

static void test_who_is_due_longest_goes_first(void **state)
{
        TABLE("a.example b.example");

        assert_int_equal(fails(&t, "a.example", -ENOENT), HOST_NAME_FAILED);
        t.now += 1 * SEC;
        assert_int_equal(fails(&t, "b.example", -ENOENT), HOST_NAME_FAILED);
        t.now += 10 * SEC;
        (void) begin(&t, "a.example");
        (void) begin(&t, "b.example");
        expect_nothing_due(&t);
}

static void test_a_reload_keeps_what_is_known_and_asks_at_once(void **state)
{
        TABLE("a.example b.example");

        (void) answer(&t, "a.example", "192.0.2.1");
        (void) fails(&t, "b.example", -ENOENT);
        t.now += 1 * SEC;
        assert_int_equal(set(&t, "c.example a.example b.example"), 0);
        expect(&t, "a.example", HOST_NAME_ANSWERED, "192.0.2.1");
        assert_string_equal(host_names_find(&t.names, "a.example")->where, "x.conf:2");
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_CONFIRMED);
        /* reported to the author of the line */
        assert_int_equal(fails(&t, "b.example", -ENOENT), HOST_NAME_FAILED);
        assert_int_equal(fails(&t, "c.example", -ENOENT), HOST_NAME_FAILED);
}

static void test_a_name_that_left_the_configuration_means_nothing(void **state)
{
        TABLE("a.example b.example");

        uint64_t op_id = begin(&t, "a.example");
        assert_int_equal(set(&t, "b.example"), 0);
        assert_int_equal(end(&t, op_id, 0, "192.0.2.1"), HOST_NAME_UNCHANGED);
        assert_null(t.latest);
        assert_null(host_names_find(&t.names, "a.example"));
        expect(&t, "b.example", HOST_NAME_UNKNOWN, NULL);
        assert_int_equal(end(&t, 0, 0, "192.0.2.1"), HOST_NAME_UNCHANGED);
        assert_null(t.latest);

        /* and is not confused with the same name added again */
        assert_int_equal(set(&t, "a.example b.example"), 0);
        (void) begin(&t, "a.example");
        assert_int_equal(end(&t, op_id, 0, "192.0.2.1"), HOST_NAME_UNCHANGED);
        expect(&t, "a.example", HOST_NAME_UNKNOWN, NULL);
}

static void test_a_reload_during_a_resolution_asks_again_after_it(void **state)
{
        TABLE("a.example");

        uint64_t op_id = begin(&t, "a.example");
        assert_int_equal(set(&t, "a.example"), 0);
        expect_nothing_due(&t);
        assert_int_equal(end(&t, op_id, -ENOENT, NULL), HOST_NAME_FAILED);
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_RESOLVED);
        wait_for(&t, HOST_NAMES_CONFIRM_USEC);
}

/* ---- names in discovery logs ---- */

static int set_logged(Table *t, const char *names)
{
        _cleanup_free_ char *copy = strdup(names);
        LoggedName logged[16];
        size_t n = 0;

        assert_non_null(copy);
        for (char *rest = copy, *name; (name = strsep(&rest, " "));)
                logged[n++] = (LoggedName) { name, (char *) "nvme0 entry" };
        return host_names_set_logged(&t->names, logged, n, t->now);
}

static void test_a_configured_name_does_not_wait_for_those_of_logs(void **state)
{
        TABLE("z.example");
        assert_int_equal(set_logged(&t, "a.example b.example"), 0);

        (void) begin(&t, "z.example");
        uint64_t logged = begin(&t, "a.example");
        expect_nothing_due(&t);
        assert_int_equal(host_names_next_at(&t.names), USEC_INFINITY);
        assert_int_equal(set(&t, "y.example z.example"), 0);
        (void) begin(&t, "y.example");
        expect_nothing_due(&t);
        assert_int_equal(end(&t, logged, -ENOENT, NULL), HOST_NAME_FAILED);
        (void) begin(&t, "a.example"); /* again: a reload */
}

/* However often a log changes. */
static void test_only_new_names_of_a_log_are_due(void **state)
{
        TABLE("10.0.0.1");
        assert_int_equal(set_logged(&t, "a.example b.example"), 0);
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_RESOLVED);
        assert_int_equal(fails(&t, "b.example", -ENOENT), HOST_NAME_FAILED);
        for (size_t i = 0; i < 2; i++)
                assert_int_equal(set_logged(&t, i == 0 ? "a.example b.example c.example"
                                                       : "b.example A.example c.example"),
                                 0);
        assert_int_equal(fails(&t, "c.example", -EAGAIN), HOST_NAME_FAILED);
        expect_nothing_due(&t);
        expect(&t, "a.example", HOST_NAME_ANSWERED, "192.0.2.1");
        assert_int_equal(host_names_find(&t.names, "b.example")->error, -ENOENT);
        assert_int_equal(set_logged(&t, "b.example"), 0);
        assert_null(host_names_find(&t.names, "a.example"));
}

static void test_a_name_in_both(void **state)
{
        TABLE("a.example");
        assert_int_equal(answer(&t, "a.example", "192.0.2.1"), HOST_NAME_RESOLVED);
        assert_int_equal(set_logged(&t, "A.example"), 0);
        assert_int_equal(t.names.n_names, 1);
        assert_string_equal(t.names.names[0].where, "x.conf:1");
        expect_nothing_due(&t);

        assert_int_equal(set(&t, "10.0.0.1"), 0);
        expect(&t, "a.example", HOST_NAME_ANSWERED, "192.0.2.1");
        assert_int_equal(set_logged(&t, "other.example"), 0);
        assert_null(host_names_find(&t.names, "a.example"));
}

static void test_a_name_of_a_log_is_retried_every_five_minutes(void **state)
{
        TABLE("10.0.0.1");
        assert_int_equal(set_logged(&t, "a.example"), 0);
        for (size_t i = 0; i < 20; i++) {
                (void) fails(&t, "a.example", -ENOENT);
                t.now = host_names_next_at(&t.names);
        }
        (void) fails(&t, "a.example", -ENOENT);
        wait_for(&t, HOST_NAMES_REFRESH_USEC);
}

static int set_many(Table *t, const char *prefix)
{
        static char names[HOST_NAMES_LOGGED_MAX + 1][24];
        LoggedName logged[HOST_NAMES_LOGGED_MAX + 1];

        for (size_t i = 0; i < ELEMENTSOF(logged); i++) {
                (void) snprintf(names[i], sizeof(names[i]), "%s%03zu", prefix, i);
                logged[i] = (LoggedName) { names[i], (char *) "nvme0 entry" };
        }
        (void) strcpy(names[0], "kept");
        return host_names_set_logged(&t->names, logged, ELEMENTSOF(logged), t->now);
}

/* "kept" is the last by name of the first ones, and has its place. */
static void test_more_names_than_are_resolved(void **state)
{
        TABLE("10.0.0.1");
        assert_int_equal(set_logged(&t, "kept"), 0);
        for (size_t i = 0; i < 2; i++) {
                assert_int_equal(set_many(&t, i == 0 ? "a" : "b"), 1);
                assert_int_equal(t.names.n_names, HOST_NAMES_LOGGED_MAX);
                assert_non_null(host_names_find(&t.names, "kept"));
        }
        assert_int_equal(set_logged(&t, "kept"), 0);
        assert_int_equal(t.names.n_names, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_which_lines_have_names),
                cmocka_unit_test(test_addresses_need_nothing),
                cmocka_unit_test(test_a_name_is_resolved_at_once_and_once),
                cmocka_unit_test(test_the_same_answer_twice_settles_it),
                cmocka_unit_test(test_another_address_counts_at_once_and_is_asked_for_again),
                cmocka_unit_test(test_the_address_from_before_may_come_back),
                cmocka_unit_test(test_one_of_many_addresses_is_chosen),
                cmocka_unit_test(test_an_answer_that_is_gone_at_once),
                cmocka_unit_test(test_another_ip_family_chooses_anew),
                cmocka_unit_test(test_failures_are_tried_again_ever_more_slowly),
                cmocka_unit_test(test_good_news_end_the_wait_after_a_failure),
                cmocka_unit_test(test_many_failures),
                cmocka_unit_test(test_a_changed_error_is_news),
                cmocka_unit_test(test_a_failure_forgets_nothing),
                cmocka_unit_test(test_a_failure_between_two_answers_does_not_settle),
                cmocka_unit_test(test_an_address_nobody_can_connect_to_is_a_failure),
                cmocka_unit_test(test_several_lines_may_have_one_name),
                cmocka_unit_test(test_who_is_due_longest_goes_first),
                cmocka_unit_test(test_a_reload_keeps_what_is_known_and_asks_at_once),
                cmocka_unit_test(test_a_name_that_left_the_configuration_means_nothing),
                cmocka_unit_test(test_a_reload_during_a_resolution_asks_again_after_it),
                cmocka_unit_test(test_a_configured_name_does_not_wait_for_those_of_logs),
                cmocka_unit_test(test_only_new_names_of_a_log_are_due),
                cmocka_unit_test(test_a_name_in_both),
                cmocka_unit_test(test_a_name_of_a_log_is_retried_every_five_minutes),
                cmocka_unit_test(test_more_names_than_are_resolved),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

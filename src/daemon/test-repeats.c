/* SPDX-License-Identifier: Apache-2.0 */

/* How often a repeated message is logged. */

#include "daemon/repeats.h"

#include <stdio.h>
#include <syslog.h>

#include "base/testing.h"

#define SECOND USEC_PER_SEC
#define BEGIN (1000 * SECOND)

static uint64_t key_of(const char *subject, int error)
{
        return repeats_key("kind", subject, "", error, 0);
}

static bool may_say(Repeats *r, uint64_t key, usec_t now)
{
        unsigned n;

        return repeats_may_say(r, key, "id", LOG_WARNING, "text", now, &n);
}

static void test_a_few_are_said_at_once(void **state)
{
        _cleanup_(repeats_done) Repeats r = { 0 };
        uint64_t key = key_of("a", -EIO);
        unsigned n;

        for (int i = 0; i < REPEATS_BURST; i++)
                assert_true(may_say(&r, key, BEGIN));
        for (int i = 0; i < 7; i++)
                assert_false(may_say(&r, key, BEGIN + 59 * SECOND));
        assert_true(repeats_may_say(&r, key, "id", LOG_WARNING, "text", BEGIN + 60 * SECOND, &n));
        assert_int_equal(n, 7);
        assert_false(may_say(&r, key, BEGIN + 60 * SECOND));
}

static void test_a_change_is_said_at_once(void **state)
{
        _cleanup_(repeats_done) Repeats r = { 0 };

        for (int i = 0; i < 2 * REPEATS_BURST; i++)
                (void) may_say(&r, key_of("a", -EIO), BEGIN);
        assert_true(may_say(&r, key_of("a", -EBADMSG), BEGIN));
        assert_true(may_say(&r, key_of("b", -EIO), BEGIN));
}

static void test_what_was_held_back_is_said_when_it_ends(void **state)
{
        _cleanup_(repeats_done) Repeats r = { 0 };
        uint64_t key = key_of("a", -EIO);
        unsigned n;
        Held held;

        for (int i = 0; i < REPEATS_BURST; i++)
                assert_true(may_say(&r, key, BEGIN));
        assert_false(repeats_may_say(&r, key, "id", LOG_NOTICE, "the first one", BEGIN, &n));
        assert_false(repeats_may_say(&r, key, "id", LOG_WARNING, "the last one", BEGIN, &n));
        assert_false(repeats_take_held(&r, BEGIN + 59 * SECOND, &held));
        assert_true(repeats_take_held(&r, BEGIN + 60 * SECOND, &held));
        assert_string_equal(held.text, "the last one");
        free(held.text);
        assert_string_equal(held.id, "id");
        assert_int_equal(held.n, 2);
        assert_int_equal(held.priority, LOG_WARNING);
        assert_false(repeats_take_held(&r, BEGIN + 3600 * SECOND, &held));
        assert_int_equal(r.n_held, 0);
}

static void test_after_quiet_all_is_as_before(void **state)
{
        _cleanup_(repeats_done) Repeats r = { 0 };
        uint64_t key = key_of("a", -EIO);

        for (int i = 0; i < REPEATS_BURST; i++)
                (void) may_say(&r, key, BEGIN);
        for (int i = 0; i < REPEATS_BURST; i++)
                assert_true(may_say(&r, key, BEGIN + REPEATS_BURST * REPEATS_PERIOD_USEC));
        assert_false(may_say(&r, key, BEGIN + REPEATS_BURST * REPEATS_PERIOD_USEC));
}

/* All messages of ten thousand controllers are logged, those of a million subjects are not. */
static void test_many_subjects(void **state)
{
        _cleanup_(repeats_done) Repeats r = { 0 };
        size_t n_said = 0;

        for (int i = 0; i < 1000000; i++) {
                char subject[16];
                (void) snprintf(subject, sizeof(subject), "%i", i);
                n_said += may_say(&r, key_of(subject, 0), BEGIN);
                if (i == 9999)
                        assert_in_range(n_said, 9000, 10000);
        }
        assert_in_range(n_said, REPEATS_MAX, REPEATS_MAX * REPEATS_BURST);
}

static void expect_suffix(unsigned n, const char *expected)
{
        char buffer[64];

        assert_string_equal(repeats_suffix(n, sizeof(buffer), buffer), expected);
}

static void test_suffix(void **state)
{
        expect_suffix(0, "");
        expect_suffix(1, " (repeated once)");
        expect_suffix(4294967295, " (repeated 4294967295 times)");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_few_are_said_at_once),
                cmocka_unit_test(test_a_change_is_said_at_once),
                cmocka_unit_test(test_what_was_held_back_is_said_when_it_ends),
                cmocka_unit_test(test_after_quiet_all_is_as_before),
                cmocka_unit_test(test_many_subjects),
                cmocka_unit_test(test_suffix),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "base/span.h"

#include "base/testing.h"
#include "base/text.h"

#define SEC USEC_PER_SEC
#define MINUTE (60 * SEC)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static void test_parse(void **state)
{
        static const struct {
                const char *s;
                usec_t span;
        } cases[] = {
                { "0", 0 },
                { "20", 20 * SEC },
                { "1.5", 1500 * USEC_PER_MSEC },
                { "infinity", USEC_INFINITY },
                { "7us", 7 },
                { "1 y 2 months", 31557600 * SEC + 2 * 2629800 * SEC },
                { ".5", 500 * USEC_PER_MSEC },
                { "0.0000019", 1 },
                { "3 days 5 hours", 3 * DAY + 5 * HOUR },
                { "3 days, 5 hours", 3 * DAY + 5 * HOUR },
                { "72hours", 72 * HOUR },
                { "1h30m", 90 * MINUTE },
                { "1H 30Min", 90 * MINUTE },
                { "1:24", MINUTE + 24 * SEC },
                { "90:00", 90 * MINUTE },
                { "1:02:03", HOUR + 2 * MINUTE + 3 * SEC },
                { "1:02:03.25", HOUR + 2 * MINUTE + 3250 * USEC_PER_MSEC },
                { "2:23:00:01", 2 * DAY + 23 * HOUR + SEC },
                { "2.5 min", 150 * SEC },
                { "250ms", 250 * USEC_PER_MSEC },
                { "1s 1msec", 1001 * USEC_PER_MSEC },
                { "1w 1d 1hr 1minute 1sec", 8 * DAY + HOUR + MINUTE + SEC },
                { "2 weeks", 14 * DAY },
                { "2 seconds", 2 * SEC },
                { "  20 s  ", 20 * SEC },
                { "+20", 20 * SEC },
                { "+ 1 min", MINUTE },
                { "-1", USEC_INFINITY },
                { "-1 hour", USEC_INFINITY },
                { "-1:24", USEC_INFINITY },
                { "-0", 0 },
                { "18446744073709", 18446744073709 * SEC },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                usec_t span = 4711;
                assert_int_equal(span_parse(cases[i].s, &span), 0);
                assert_int_equal(span, cases[i].span);
        }
}

static void test_garbage(void **state)
{
        static const char *const cases[] = {
                "",         " ",         "-",          "+",
                "s",        "hours",     "one hour",   "1 2",
                "1h 2",     "1 parsec",  "1hx",        "1h30mm",
                "--1",      "+-1",       "1h -30m",    "30m 1h",
                "1h 1h",    "1s 2s",     "1h,",        ",1h",
                "1h,,1m",   "1:2",       "1:60",       "1:2:3",
                ":24",      "1:",        "1::24",      "1:24 h",
                "1.5:24",   "1:02.5:03", "1:24:00:00", "1:00:00:00:00",
                "1.",       "1.s",       "1e3",        "0x10",
                "infinite", "1\n2",      "\xff",       "1 h \x01",
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                usec_t span = 4711;
                assert_int_equal(span_parse(cases[i], &span), -EINVAL);
                assert_int_equal(span, 4711);
        }
        usec_t span;
        assert_int_equal(span_parse(NULL, &span), -EINVAL);
}

static void test_too_long(void **state)
{
        static const char *const cases[] = {
                "18446744073710",          "99999999999999999999",  "30500569 weeks",
                "18446744073709551615 ms", "18446744073709.551615", "18446744073709 s 600 ms",
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                usec_t span = 4711;
                assert_int_equal(span_parse(cases[i], &span), -ERANGE);
                assert_int_equal(span, 4711);
        }
}

static void test_to_string(void **state)
{
        static const struct {
                usec_t span;
                const char *s;
        } cases[] = {
                { 0, "0" },
                { 1, "0.001ms" },
                { 500, "0.5ms" },
                { 250 * USEC_PER_MSEC, "250ms" },
                { 1500 * USEC_PER_MSEC, "1.5s" },
                { 1050 * USEC_PER_MSEC, "1.05s" },
                { 20 * SEC, "20s" },
                { 90 * SEC, "1min 30s" },
                { MINUTE, "1min" },
                { HOUR + 1, "1h" },
                { 72 * HOUR, "3d" },
                { DAY + HOUR + MINUTE + 1500 * USEC_PER_MSEC, "1d 1h 1min 1.5s" },
                { USEC_INFINITY, "infinity" },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *s = span_to_string(cases[i].span);
                assert_string_equal(s, cases[i].s);
        }
}

static void test_what_is_printed_can_be_read(void **state)
{
        for (usec_t span = 1; span < 400 * DAY; span = span * 3 + USEC_PER_MSEC) {
                usec_t readable = span < SEC ? span : span - span % USEC_PER_MSEC, back;
                _cleanup_free_ char *s = span_to_string(span);
                assert_int_equal(span_parse(s, &back), 0);
                assert_int_equal(back, readable);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse),
                cmocka_unit_test(test_garbage),
                cmocka_unit_test(test_too_long),
                cmocka_unit_test(test_to_string),
                cmocka_unit_test(test_what_is_printed_can_be_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "base/text.h"

#include <limits.h>

#include "base/testing.h"

static void test_comparison_takes_null(void **state)
{
        assert_true(streq_ptr(NULL, NULL));
        assert_true(streq_ptr("a", "a"));
        assert_false(streq_ptr(NULL, ""));
        assert_false(streq_ptr("", NULL));
        assert_false(streq_ptr("a", "b"));
        assert_true(text_is_empty(NULL));
        assert_true(text_is_empty(""));
        assert_false(text_is_empty(" "));
}

static void test_after(void **state)
{
        assert_string_equal(text_after("file:///etc/x", "file://"), "/etc/x");
        assert_string_equal(text_after("file://", "file://"), "");
        assert_null(text_after("file:/", "file://"));
        assert_null(text_after("", "file://"));
}

static void test_trim(void **state)
{
        static const struct {
                const char *in, *out;
        } cases[] = {
                { "", "" },           { " \t\r\n", "" }, { "a", "a" },
                { "  a b\t", "a b" }, { "a\n", "a" },    { "\va", "\va" },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *s = strdup(cases[i].in);
                assert_string_equal(text_trim(s), cases[i].out);
        }
}

static void test_replace(void **state)
{
        _cleanup_free_ char *s = NULL;
        assert_int_equal(text_replace(&s, "one"), 0);
        assert_int_equal(text_replace(&s, s), 0);
        assert_string_equal(s, "one");
        assert_int_equal(text_replace(&s, NULL), 0);
        assert_null(s);
}

static void test_u64(void **state)
{
        static const struct {
                const char *s;
                uint64_t min, max;
                int r;
                uint64_t value;
        } cases[] = {
                { "0", 0, 10, 0, 0 },
                { "10", 0, 10, 0, 10 },
                { "007", 0, 10, 0, 7 },
                { "18446744073709551615", 0, UINT64_MAX, 0, UINT64_MAX },
                { "18446744073709551616", 0, UINT64_MAX, -ERANGE, 0 },
                { "184467440737095516150", 0, UINT64_MAX, -ERANGE, 0 },
                { "11", 0, 10, -ERANGE, 0 },
                { "0", 1, 10, -ERANGE, 0 },
                { "", 0, 10, -EINVAL, 0 },
                { NULL, 0, 10, -EINVAL, 0 },
                { "-1", 0, 10, -EINVAL, 0 },
                { "+1", 0, 10, -EINVAL, 0 },
                { " 1", 0, 10, -EINVAL, 0 },
                { "1 ", 0, 10, -EINVAL, 0 },
                { "0x1", 0, 10, -EINVAL, 0 },
                { "99999999999999999999x", 0, 10, -EINVAL, 0 },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint64_t value = 4711;
                assert_int_equal(text_to_u64(cases[i].s, cases[i].min, cases[i].max, &value),
                                 cases[i].r);
                assert_int_equal(value, cases[i].r < 0 ? 4711 : cases[i].value);
        }
}

static void test_int(void **state)
{
        static const struct {
                const char *s;
                int min, max, r, value;
        } cases[] = {
                { "-1", -1, 10, 0, -1 },
                { "-2", -1, 10, -ERANGE, 0 },
                { "-0", 0, 10, 0, 0 },
                { "2147483647", INT_MIN, INT_MAX, 0, INT_MAX },
                { "-2147483648", INT_MIN, INT_MAX, 0, INT_MIN },
                { "2147483648", INT_MIN, INT_MAX, -ERANGE, 0 },
                { "-2147483649", INT_MIN, INT_MAX, -ERANGE, 0 },
                { "--1", -10, 10, -EINVAL, 0 },
                { "-", -10, 10, -EINVAL, 0 },
                { "", -10, 10, -EINVAL, 0 },
                { NULL, -10, 10, -EINVAL, 0 },
                { "1.5", -10, 10, -EINVAL, 0 },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int value = 4711;
                assert_int_equal(text_to_int(cases[i].s, cases[i].min, cases[i].max, &value),
                                 cases[i].r);
                assert_int_equal(value, cases[i].r < 0 ? 4711 : cases[i].value);
        }
}

static void test_bool(void **state)
{
        static const char *const on[] = { "true", "TRUE", "yes", "On", "1", "enabled" };
        static const char *const off[] = { "false", "False", "no", "OFF", "0", "disabled" };
        static const char *const neither[] = { "", "2", "tru", "truee", " true", "enable" };
        bool value;

        for (size_t i = 0; i < ELEMENTSOF(on); i++) {
                value = false;
                assert_int_equal(text_to_bool(on[i], &value), 0);
                assert_true(value);
        }
        for (size_t i = 0; i < ELEMENTSOF(off); i++) {
                value = true;
                assert_int_equal(text_to_bool(off[i], &value), 0);
                assert_false(value);
        }
        for (size_t i = 0; i < ELEMENTSOF(neither); i++)
                assert_int_equal(text_to_bool(neither[i], &value), -EINVAL);
        assert_int_equal(text_to_bool(NULL, &value), -EINVAL);
}

static void test_make_printable(void **state)
{
        static const struct {
                const char *in, *out;
        } cases[] = {
                { "nqn.2014-08.org:a b~", "nqn.2014-08.org:a b~" },
                { "a\nb\tc\x1b[31m\x7f", "a?b?c?[31m?" },
                { "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
                { "\xe2\x82\xac \xf0\x9f\x92\xbe", "\xe2\x82\xac \xf0\x9f\x92\xbe" },
                { "\xc3", "?" },                /* truncated */
                { "\xe2\x82", "??" },           /* truncated */
                { "\xc3(", "?(" },              /* no continuation byte */
                { "\x80\xbf", "??" },           /* lone continuation bytes */
                { "\xc0\xaf", "??" },           /* overlong '/' */
                { "\xe0\x80\xaf", "???" },      /* overlong '/' */
                { "\xed\xa0\x80", "???" },      /* surrogate */
                { "\xf4\x90\x80\x80", "????" }, /* above U+10FFFF */
                { "\xf5\x80\x80\x80", "????" }, /* above U+10FFFF */
                { "\xc2\x9b"
                  "31m",
                  "??31m" }, /* C1: CSI for a terminal */
                { "\xc2\xa0", "\xc2\xa0" },
                { "\xef\xb7\x8f\xef\xb7\x90\xef\xb7\xaf\xef\xb7\xb0",
                  "\xef\xb7\x8f??????\xef\xb7\xb0" }, /* U+FDD0..FDEF */
                { "\xef\xbf\xbd\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbd??????" },
                { "\xf0\x9f\xbf\xbd\xf0\x9f\xbf\xbe\xf4\x8f\xbf\xbf", "\xf0\x9f\xbf\xbd????????" },
                { "a\xe2\x80\x8b"
                  "b\xe2\x80\x8d\xef\xbb\xbf\xe2\x81\xa0\xc2\xad",
                  "a???b???????????" },                                            /* zero-width */
                { "\xe2\x80\x8e\xe2\x80\xae\xe2\x81\xa7\xd8\x9c", "???????????" }, /* bidi */
                { "\xe2\x80\xa8\xe2\x80\xa9", "??????" }, /* line and paragraph separators */
                { "\xf3\xa0\x81\x81", "????" },           /* tag */
                { "\xf0\x9d\x84\x9e", "\xf0\x9d\x84\x9e" },
                { "", "" },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *s = strdup(cases[i].in);
                assert_int_equal(text_is_printable(s), streq(s, cases[i].out));
                text_make_printable(s);
                assert_string_equal(s, cases[i].out);
                assert_true(text_is_printable(s));
        }
}

static void test_close(void **state)
{
        static const struct {
                const char *a, *b;
                bool close;
        } cases[] = {
                { "nqn", "nqn", true },
                { "NQN", "nqn", true },
                { "nqm", "nqn", true },
                { "nn", "nqn", true },
                { "nqqn", "nqn", true },
                { "qnn", "nqn", true },
                { "qnm", "nqn", false },
                { "", "nqn", false },
                { "host-ifac", "host-iface", true },
                { "hots-ifcae", "host-iface", true },
                { "hots-ifcea", "host-iface", false },
                { "host-nqn", "host-iface", false },
                { "transport", "trsvcid", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(text_is_close(cases[i].a, cases[i].b), cases[i].close);
        }
}

static void test_lines_stay_lines(void **state)
{
        char text[] = "one\x1b\n\ntwo\t\r\n";
        text_make_lines_printable(text);
        assert_string_equal(text, "one?\n\ntwo??\n");
}

static void test_utf8(void **state)
{
        uint32_t c = 4711;

        assert_int_equal(text_decode_utf8("a", 1, &c), 1);
        assert_int_equal(c, 'a');
        assert_int_equal(text_decode_utf8("", 1, &c), 1);
        assert_int_equal(c, 0);
        assert_int_equal(text_decode_utf8("\xc3\xa4", 2, &c), 2);
        assert_int_equal(c, 0xe4);
        assert_int_equal(text_decode_utf8("\xe2\x82\xac", 9, &c), 3);
        assert_int_equal(c, 0x20ac);
        assert_int_equal(text_decode_utf8("\xf4\x8f\xbf\xbf", 4, &c), 4);
        assert_int_equal(c, 0x10ffff);
        assert_int_equal(text_decode_utf8("\xc3\xa4", 1, &c), 0);
        assert_int_equal(text_decode_utf8("\xf8\x88\x80\x80\x80", 5, &c), 0);
        assert_int_equal(c, 0x10ffff);
}

static void test_buffer(void **state)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_append(&b, "one");
        text_buffer_append_bytes(&b, ", two and more", 5);
        text_buffer_printf(&b, "%s%d", ", ", 3);
        _cleanup_free_ char *s = text_buffer_take(&b);
        assert_string_equal(s, "one, two, 3");

        _cleanup_free_ char *empty = text_buffer_take(&b);
        assert_string_equal(empty, "");
}

static void test_failed_buffer_gives_nothing(void **state)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_append(&b, "one");
        text_buffer_append_bytes(&b, "", SIZE_MAX - 2);
        text_buffer_append(&b, "two");
        assert_null(text_buffer_take(&b));

        text_buffer_append(&b, "again");
        _cleanup_free_ char *s = text_buffer_take(&b);
        assert_string_equal(s, "again");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_comparison_takes_null),
                cmocka_unit_test(test_after),
                cmocka_unit_test(test_trim),
                cmocka_unit_test(test_replace),
                cmocka_unit_test(test_u64),
                cmocka_unit_test(test_int),
                cmocka_unit_test(test_bool),
                cmocka_unit_test(test_make_printable),
                cmocka_unit_test(test_close),
                cmocka_unit_test(test_lines_stay_lines),
                cmocka_unit_test(test_utf8),
                cmocka_unit_test(test_buffer),
                cmocka_unit_test(test_failed_buffer_gives_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/excerpt.h"

#include "base/testing.h"
#include "base/text.h"

static void test_value_is_quoted(void **state)
{
        char buf[EXCERPT_SIZE];

        assert_string_equal(excerpt_of_value("yes", buf), "'yes'");
        assert_string_equal(excerpt_of_value("", buf), "''");
        assert_string_equal(excerpt_of_value("a\033[31m\xff", buf), "'a?[31m?'");
}

static void test_long_value_is_cut(void **state)
{
        char value[2 * EXCERPT_SIZE], buf[EXCERPT_SIZE];

        for (size_t n = 0; n < sizeof(value); n++) {
                memset(value, 'x', n);
                value[n] = '\0';
                const char *shown = excerpt_of_value(value, buf);
                assert_in_range(strlen(shown), 2, EXCERPT_SIZE - 1);
                assert_int_equal(shown[strlen(shown) - 1], '\'');
                assert_int_equal(!strstr(shown, "...'"), n <= EXCERPT_SIZE - 6);
        }
}

static void test_secret_is_never_shown(void **state)
{
        char buf[EXCERPT_SIZE];

        assert_string_equal(excerpt_of_value("DHHC-1:00:abc:", buf), "the value");
        assert_string_equal(excerpt_of_value("x;dhchap-secret=abc", buf), "the value");
        assert_string_equal(excerpt_of_value("dhchap-Secret abc", buf), "the value");
}

static void test_key(void **state)
{
        assert_string_equal(excerpt_of_key("Host-Traddr_2"), "Host-Traddr_2");
        assert_null(excerpt_of_key(""));
        assert_null(excerpt_of_key("DHHC-1:00:abc"));
        assert_null(excerpt_of_key("a b"));
        assert_null(excerpt_of_key("a\033"));
        assert_null(excerpt_of_key("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_value_is_quoted),
                cmocka_unit_test(test_long_value_is_cut),
                cmocka_unit_test(test_secret_is_never_shown),
                cmocka_unit_test(test_key),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "model/secret.h"

#include "base/testing.h"

static void test_empty_is_none(void **state)
{
        Secret *s = (Secret *) 1;
        assert_int_equal(secret_new("", &s), 0);
        assert_null(s);
        s = (Secret *) 1;
        assert_int_equal(secret_new(NULL, &s), 0);
        assert_null(s);
        s = (Secret *) 1;
        assert_int_equal(secret_dup(NULL, &s), 0);
        assert_null(s);
        assert_null(secret_free(NULL));
}

static void test_equality(void **state)
{
        static const char *const texts[] = { NULL, "DHHC-1:00:a:", "DHHC-1:00:b:", "DHHC-1:00:a" };
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                for (size_t j = 0; j < ELEMENTSOF(texts); j++) {
                        _cleanup_(secret_freep) Secret *a = NULL, *b = NULL;
                        assert_int_equal(secret_new(texts[i], &a), 0);
                        assert_int_equal(secret_new(texts[j], &b), 0);
                        assert_int_equal(secret_equal(a, b), i == j);
                }
}

static void test_copies(void **state)
{
        char text[] = "DHHC-1:00:a:";
        _cleanup_(secret_freep) Secret *s = NULL, *copy = NULL;

        assert_int_equal(secret_new(text, &s), 0);
        text[0] = '?';
        assert_string_equal(secret_reveal_for_kernel(s), "DHHC-1:00:a:");
        assert_int_equal(secret_dup(s, &copy), 0);
        assert_ptr_not_equal(s, copy);
        assert_true(secret_equal(s, copy));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_empty_is_none),
                cmocka_unit_test(test_equality),
                cmocka_unit_test(test_copies),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

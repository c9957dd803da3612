/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/ini_edit.h"

#include <stddef.h>

#include "base/testing.h"

typedef struct Case {
        const char *before, *value, *after;
} Case;

/* Each sets "nqn" in [Host], or removes it. */
static const Case cases[] = {
        /* empty or missing section */
        { "", "N", "[Host]\nnqn = N\n" },
        { "", NULL, "" },
        { "# mine\n", "N", "# mine\n\n[Host]\nnqn = N\n" },
        { "[Other]\na = b", "N", "[Other]\na = b\n\n[Host]\nnqn = N\n" },

        /* a new key is added after the last assignment */
        { "[Host]\n", "N", "[Host]\nnqn = N\n" },
        { "[Host]", "N", "[Host]\nnqn = N\n" },
        { "[Host]\nid = 1\n\n# end\n", "N", "[Host]\nid = 1\nnqn = N\n\n# end\n" },
        { "[Host]\nid = 1\n  2\n[Other]\n", "N", "[Host]\nid = 1\n  2\nnqn = N\n[Other]\n" },
        { "[Host]\nid = 1", "N", "[Host]\nid = 1\nnqn = N\n" },
        { "[Host]\n#nqn=X\nid=1\n", "N", "[Host]\n#nqn=X\nid=1\nnqn = N\n" },

        /* an existing one is replaced in place */
        { "[Host]\nnqn = X\nid = 1\n", "N", "[Host]\nnqn = N\nid = 1\n" },
        { "[Host]\nid = 1\nnqn=X", "N", "[Host]\nid = 1\nnqn = N\n" },
        { "[Host]\n# which?\nNQN\t=X\n", "N", "[Host]\n# which?\nnqn = N\n" },
        { "[ Host ]\nnqn = X\n", "N", "[ Host ]\nnqn = X\n\n[Host]\nnqn = N\n" },

        /* including its continuation lines */
        { "[Host]\nnqn = X\n  Y\n# c\n  # d\n\nid = 1\n", "N",
          "[Host]\nnqn = N\n# c\n  # d\n\nid = 1\n" },
        { "[Host]\nnqn = X\nid = 1\nnqn = Y\n[Host]\nnqn = Z\nkey = k\n", "N",
          "[Host]\nnqn = N\nid = 1\n[Host]\nkey = k\n" },

        /* similar names are left alone */
        { "[Other]\nnqn = X\n[Host]\nnqn2 = X\n", "N",
          "[Other]\nnqn = X\n[Host]\nnqn2 = X\nnqn = N\n" },
        { "[Host]\nid = 1\n nqn = X\n", "N", "[Host]\nid = 1\n nqn = X\nnqn = N\n" },

        /* removal */
        { "[Host]\nnqn = X\nid = 1\n", NULL, "[Host]\nid = 1\n" },
        { "[Host]\nid = 1\nnqn = X\n Y\nnqn = Z\n; c\n", NULL, "[Host]\nid = 1\n; c\n" },
        { "[Other]\nnqn = X\n", NULL, "[Other]\nnqn = X\n" },
};

static void test_cases(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *after = NULL;

                assert_int_equal(ini_edit(cases[i].before, "Host", "nqn", cases[i].value, &after),
                                 0);
                assert_string_equal(after, cases[i].after);
        }
}

/* Repeating a change has no effect. */
static void test_idempotent(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *again = NULL;

                assert_int_equal(ini_edit(cases[i].after, "Host", "nqn", cases[i].value, &again),
                                 0);
                assert_string_equal(again, cases[i].after);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_idempotent),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

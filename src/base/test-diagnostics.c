/* SPDX-License-Identifier: Apache-2.0 */

#include "base/diagnostics.h"

#include "base/testing.h"

static void test_only_errors_are_errors(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };

        assert_false(diagnostics_has_errors(&d));
        diagnostics_add(&d, SEVERITY_WARNING, "a.conf", 1, "colour", "unknown key");
        assert_false(diagnostics_has_errors(&d));
        diagnostics_add(&d, SEVERITY_ERROR, "a.conf", 2, "kato", "not a number: '%s'", "x");
        diagnostics_add(&d, SEVERITY_WARNING, "a.conf", 3, NULL, "odd");
        assert_true(diagnostics_has_errors(&d));
        assert_int_equal(d.n_items, 3);
}

static void test_a_lost_error_is_an_error(void **state)
{
        const Diagnostics d = { .lost_error = true };
        assert_true(diagnostics_has_errors(&d));
}

static void test_first_error(void **state)
{
        const Diagnostics lost = { .lost_error = true };
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_free_ char *where = NULL;

        diagnostics_add(&d, SEVERITY_WARNING, "a.conf", 1, NULL, "odd");
        assert_int_equal(diagnostics_first_error(&d, &where), 0);
        assert_null(where);
        diagnostics_add(&d, SEVERITY_ERROR, "a\x1b.conf", 2, "kato", "not a number");
        diagnostics_add(&d, SEVERITY_ERROR, "a.conf", 3, NULL, "odd");
        assert_int_equal(diagnostics_first_error(&d, &where), 0);
        assert_string_equal(where, "a?.conf:2");
        assert_int_equal(diagnostics_first_error(&lost, &where), -ENOMEM);
}

static void test_text(void **state)
{
        static const struct {
                Diagnostic d;
                const char *text;
        } cases[] = {
                { { .file = (char *) "a.conf",
                    .line = 3,
                    .key = (char *) "k",
                    .reason = (char *) "r" },
                  "a.conf:3: k: r" },
                { { .file = (char *) "a.conf", .key = (char *) "k", .reason = (char *) "r" },
                  "a.conf: k: r" },
                { { .file = (char *) "a.conf", .line = 3, .reason = (char *) "r" }, "a.conf:3: r" },
                { { .file = (char *) "a.conf", .reason = (char *) "r" }, "a.conf: r" },
                { { .file = (char *) "a.conf", .line = 3 }, "a.conf:3" },
                { { .file = (char *) "\x1b[2J\xef\xbf\xbe.conf", .reason = (char *) "B\xc3\xbcro" },
                  "?[2J???.conf: B\xc3\xbcro" }, /* file names are untrusted */
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *s = diagnostic_to_string(&cases[i].d);
                assert_string_equal(s, cases[i].text);
        }
}

static void test_strings_are_copied(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        char file[] = "a.conf", key[] = "kato";

        diagnostics_add(&d, SEVERITY_ERROR, file, 7, key, "%s", "bad");
        file[0] = key[0] = '?';
        _cleanup_free_ char *s = diagnostic_to_string(&d.items[0]);
        assert_string_equal(s, "a.conf:7: kato: bad");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_only_errors_are_errors),
                cmocka_unit_test(test_a_lost_error_is_an_error),
                cmocka_unit_test(test_first_error),
                cmocka_unit_test(test_text),
                cmocka_unit_test(test_strings_are_copied),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

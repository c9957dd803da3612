/* SPDX-License-Identifier: Apache-2.0 */

#include "model/policy.h"

#include "base/testing.h"

static void test_scopes_both_ways(void **state)
{
        static const char *const names[_DISCONNECT_SCOPE_MAX] = {
                "only-stas-connections", "all-connections-matching-disconnect-trtypes",
                "no-disconnect"
        };
        for (DisconnectScope s = 0; s < _DISCONNECT_SCOPE_MAX; s++) {
                assert_string_equal(disconnect_scope_to_string(s), names[s]);
                assert_int_equal(disconnect_scope_from_string(names[s]), s);
        }
        assert_int_equal(disconnect_scope_from_string("all"), _DISCONNECT_SCOPE_INVALID);
        assert_int_equal(disconnect_scope_from_string(NULL), _DISCONNECT_SCOPE_INVALID);
}

static void test_free_takes_the_rules_along(void **state)
{
        Policy *p = calloc(1, sizeof(*p));
        const TidFields f = { .transport = "tcp" };
        assert_int_equal(exclude_list_add(&p->excludes, &f, "a.conf:1"), 0);
        assert_null(policy_free(p));
        assert_null(policy_free(NULL));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_scopes_both_ways),
                cmocka_unit_test(test_free_takes_the_rules_along),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

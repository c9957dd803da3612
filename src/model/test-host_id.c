/* SPDX-License-Identifier: Apache-2.0 */

#include "model/host_id.h"

#include <string.h>

#include "base/testing.h"

#define OWN_NQN "nqn.2014-08.org.nvmexpress:uuid:ac47b2fa-f3f8-477e-9e4f-7d1c36786aab"
#define OWN_ID "ab9eb3ce-041c-485c-a262-e0dac6dcff0a"

static const char *id_of(const char *host_nqn)
{
        static char id[HOST_ID_SIZE];
        host_id_for_nqn(host_nqn, OWN_NQN, OWN_ID, id);
        return id;
}

static void test_what_is_a_host_id(void **state)
{
        assert_true(host_id_is_valid(OWN_ID));
        assert_true(host_id_is_valid("AB9EB3CE-041C-485C-A262-E0DAC6DCFF0A"));
        assert_false(host_id_is_valid(""));
        assert_false(host_id_is_valid("ab9eb3ce041c485ca262e0dac6dcff0a"));
        assert_false(host_id_is_valid("ab9eb3ce-041c-485c-a262-e0dac6dcff0"));
        assert_false(host_id_is_valid("ab9eb3ce-041c-485c-a262-e0dac6dcff0a0"));
        assert_false(host_id_is_valid("ab9eb3ce-041c-485c-a262+e0dac6dcff0a"));
        assert_false(host_id_is_valid("gb9eb3ce-041c-485c-a262-e0dac6dcff0a"));
        assert_false(host_id_is_valid("00000000-0000-0000-0000-000000000000"));
}

static void test_the_host_keeps_its_own(void **state)
{
        assert_string_equal(id_of(OWN_NQN), OWN_ID);
        assert_string_equal(id_of(""), OWN_ID);
}

static void test_an_nqn_with_a_uuid_gives_that(void **state)
{
        assert_string_equal(id_of("nqn.2014-08.org.nvmexpress:uuid:"
                                  "0a1b2c3d-0000-4000-8000-000000000002"),
                            "0a1b2c3d-0000-4000-8000-000000000002");
}

/* The kernel rejects two host NQNs with the same identifier. */
static void test_others_get_one_of_their_own(void **state)
{
        static const char *const nqns[] = {
                "nqn.2024-01.lab:first",
                "nqn.2024-01.lab:second",
                ("nqn.2014-08.org.nvmexpress:uuid:" OWN_ID),
                "nqn.2014-08.org.nvmexpress:uuid:00000000-0000-0000-0000-000000000000",
                "nqn.2014-08.org.nvmexpress:uuid:not-a-uuid",
        };
        char ids[ELEMENTSOF(nqns)][HOST_ID_SIZE];

        for (size_t i = 0; i < ELEMENTSOF(nqns); i++) {
                memcpy(ids[i], id_of(nqns[i]), HOST_ID_SIZE);
                assert_true(host_id_is_valid(ids[i]));
                assert_int_equal(ids[i][14], '8');
                assert_non_null(strchr("89ab", ids[i][19]));
                assert_string_not_equal(ids[i], OWN_ID);
                for (size_t j = 0; j < i; j++)
                        assert_string_not_equal(ids[i], ids[j]);
                assert_string_equal(id_of(nqns[i]), ids[i]);
        }
}

static void test_another_host_gets_another(void **state)
{
        char other[HOST_ID_SIZE];
        host_id_for_nqn("nqn.2024-01.lab:first", OWN_NQN, "ab9eb3ce-041c-485c-a262-e0dac6dcff0b",
                        other);
        assert_string_not_equal(id_of("nqn.2024-01.lab:first"), other);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_a_host_id),
                cmocka_unit_test(test_the_host_keeps_its_own),
                cmocka_unit_test(test_an_nqn_with_a_uuid_gives_that),
                cmocka_unit_test(test_others_get_one_of_their_own),
                cmocka_unit_test(test_another_host_gets_another),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "model/transport.h"

#include <stddef.h>
#include <stdint.h>

#include "base/testing.h"

static void test_names_both_ways(void **state)
{
        static const char *const names[_TRANSPORT_MAX] = { "tcp", "rdma", "fc", "loop" };
        for (Transport t = 0; t < _TRANSPORT_MAX; t++) {
                assert_string_equal(transport_to_string(t), names[t]);
                assert_int_equal(transport_from_string(names[t]), t);
        }
        assert_int_equal(transport_from_string("TCP"), TRANSPORT_TCP);
        assert_int_equal(transport_from_string("pcie"), _TRANSPORT_INVALID);
        assert_int_equal(transport_from_string("tcp "), _TRANSPORT_INVALID);
        assert_int_equal(transport_from_string(""), _TRANSPORT_INVALID);
        assert_int_equal(transport_from_string(NULL), _TRANSPORT_INVALID);
}

static void test_default_service(void **state)
{
        assert_string_equal(transport_default_service(TRANSPORT_TCP, CONTROLLER_DISCOVERY), "8009");
        assert_string_equal(transport_default_service(TRANSPORT_TCP, CONTROLLER_IO), "4420");
        assert_string_equal(transport_default_service(TRANSPORT_RDMA, CONTROLLER_DISCOVERY),
                            "4420");
        assert_string_equal(transport_default_service(TRANSPORT_RDMA, CONTROLLER_IO), "4420");
        assert_null(transport_default_service(TRANSPORT_FC, CONTROLLER_DISCOVERY));
        assert_null(transport_default_service(TRANSPORT_LOOP, CONTROLLER_IO));
}

static void test_usable_nqns(void **state)
{
        static const char *const good[] = { NQN_DISCOVERY,      "nqn.sp\xc3\xa4t",
                                            "nqn.\xe2\x82\xac", "nqn.\xf0\x9d\x84\x9e",
                                            "nqn.a b",          "nqn.a?b" };
        static const char *const bad[] = {
                "nqn.a,b",          "nqn.a\nb",         "nqn.a\x7f",        "nqn.\x1b[m",
                "nqn.\xff",         "nqn.\xef\xbf\xbe", "nqn.\xef\xb7\x90", "nqn.a\xe2\x80\x8b",
                "nqn.\xe2\x80\xae", "nqn.\xc2\x9b",     "\xef\xbb\xbfnqn.a"
        };

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                assert_true(nqn_is_usable(good[i]));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_false(nqn_is_usable(bad[i]));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names_both_ways),
                cmocka_unit_test(test_default_service),
                cmocka_unit_test(test_usable_nqns),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "model/operation.h"

#include <stddef.h>

#include "base/testing.h"
#include "base/text.h"

static void test_each_has_a_name_of_its_own(void **state)
{
        for (Operation o = 0; o < _OPERATION_MAX; o++) {
                assert_int_equal(operation_from_string(operation_to_string(o)), o);
                assert_non_null(operation_to_words(o));
        }
        assert_int_equal(operation_from_string("fly"), _OPERATION_INVALID);
}

static void test_what_a_completion_owns_goes_with_it(void **state)
{
        Completion c = {
                .operation = OPERATION_SCAN,
                .log = calloc(1, sizeof(*c.log)),
                .device = calloc(1, sizeof(*c.device)),
                .devices = calloc(2, sizeof(*c.devices)),
                .n_devices = 2,
                .used_by = strdup("x"),
                .address = strdup("x"),
        };

        c.devices[1] = calloc(1, sizeof(**c.devices));
        completion_done(&c);
        assert_null(c.devices);
        assert_int_equal(c.n_devices, 0);
        completion_done(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_has_a_name_of_its_own),
                cmocka_unit_test(test_what_a_completion_owns_goes_with_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "base/properties.h"

#include "base/testing.h"

static void test_keep_their_order(void **state)
{
        _cleanup_properties_ Properties p = { 0 };

        assert_int_equal(properties_add(&p, "b", "1"), 0);
        assert_int_equal(properties_addf(&p, "a", "%d-%s", 2, "x"), 0);
        assert_int_equal(properties_add(&p, "c", NULL), 0);
        assert_int_equal(p.n_items, 3);
        assert_string_equal(p.items[0].key, "b");
        assert_string_equal(p.items[1].value, "2-x");
        assert_string_equal(properties_get(&p, "c"), "");
        assert_null(properties_get(&p, "d"));
}

static void test_list_rows_are_empty_at_first(void **state)
{
        _cleanup_properties_list_ PropertiesList l = { 0 };

        for (int i = 0; i < 100; i++) {
                Properties *row = properties_list_add(&l);
                assert_non_null(row);
                assert_int_equal(row->n_items, 0);
                assert_int_equal(properties_addf(row, "i", "%d", i), 0);
        }
        assert_int_equal(l.n_items, 100);
        assert_string_equal(properties_get(&l.items[99], "i"), "99");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_keep_their_order),
                cmocka_unit_test(test_list_rows_are_empty_at_first),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

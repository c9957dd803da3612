/* SPDX-License-Identifier: Apache-2.0 */

#include "base/array.h"

#include "base/testing.h"

static void test_new_items_are_zeroed_and_old_ones_stay(void **state)
{
        _cleanup_free_ int *items = NULL;
        size_t n_allocated = 0;

        for (size_t n = 1; n <= 1000; n++) {
                assert_int_equal(ARRAY_RESERVE(items, n_allocated, n), 0);
                assert_true(n_allocated >= n);
                assert_int_equal(items[n - 1], 0);
                assert_int_equal(items[n_allocated - 1], 0);
                items[n - 1] = (int) n;
        }
        for (size_t i = 0; i < 1000; i++)
                assert_int_equal(items[i], i + 1);
}

static void test_grows_by_half(void **state)
{
        _cleanup_free_ char *items = NULL;
        size_t n_allocated = 0, n_reallocations = 0;

        for (size_t n = 1; n <= 100000; n++) {
                size_t before = n_allocated;
                assert_int_equal(ARRAY_RESERVE(items, n_allocated, n), 0);
                n_reallocations += n_allocated != before;
        }
        assert_in_range(n_reallocations, 1, 30);
}

static void test_enough_room_changes_nothing(void **state)
{
        _cleanup_free_ int *items = NULL;
        size_t n_allocated = 0;

        assert_int_equal(ARRAY_RESERVE(items, n_allocated, 100), 0);
        const int *before = items;
        assert_int_equal(ARRAY_RESERVE(items, n_allocated, 100), 0);
        assert_ptr_equal(items, before);
        assert_int_equal(n_allocated, 100);
}

static void test_too_large_leaves_the_array_alone(void **state)
{
        _cleanup_free_ uint64_t *items = NULL;
        size_t n_allocated = 0;

        assert_int_equal(ARRAY_RESERVE(items, n_allocated, 4), 0);
        size_t before = n_allocated;
        items[3] = 42;
        assert_int_equal(ARRAY_RESERVE(items, n_allocated, SIZE_MAX / 4), -ENOMEM);
        assert_int_equal(n_allocated, before);
        assert_int_equal(items[3], 42);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_new_items_are_zeroed_and_old_ones_stay),
                cmocka_unit_test(test_grows_by_half),
                cmocka_unit_test(test_enough_room_changes_nothing),
                cmocka_unit_test(test_too_large_leaves_the_array_alone),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

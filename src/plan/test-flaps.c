/* SPDX-License-Identifier: Apache-2.0 */

/* The quiet time of controllers that are withdrawn and named again. */

#include "plan/flaps.h"

#include <stdio.h>

#include "base/testing.h"

#define SECOND USEC_PER_SEC

static Tid *tid_of(int i)
{
        char nqn[64];
        Tid *tid;

        (void) snprintf(nqn, sizeof(nqn), "nqn.2024-01.lab:%i", i);
        const TidFields f = { .transport = "tcp", .traddr = "192.0.2.1", .subsysnqn = nqn };
        assert_int_equal(tid_new(&f, CONTROLLER_IO, &tid), 0);
        return tid;
}

/* Withdraws and names the controller again. Returns the quiet time of the next withdrawal, all at
 * the same time. */
static usec_t flap(Flaps *f, const Tid *tid, usec_t now)
{
        assert_non_null(flaps_withdraw(f, tid, now));
        (void) flaps_reverse(f, tid, now);
        return flaps_withdraw(f, tid, now)->quiet;
}

#define FLAPS(f)                                                                                   \
        _cleanup_(flaps_clear) Flaps f;                                                            \
        flaps_init(&f)

static void test_the_first_ones_wait_as_usual(void **state)
{
        FLAPS(f);
        _cleanup_tid_ Tid *tid = tid_of(1);

        assert_null(flaps_reverse(&f, tid, 100 * SECOND)); /* named for the first time */
        assert_int_equal(flaps_withdraw(&f, tid, 101 * SECOND)->quiet, 1 * SECOND);
        assert_null(flaps_reverse(&f, tid, 102 * SECOND));
        assert_int_equal(flaps_withdraw(&f, tid, 103 * SECOND)->quiet, 1 * SECOND);
}

static void test_each_reversal_doubles_it(void **state)
{
        static const usec_t quiet[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 };
        FLAPS(f);
        _cleanup_tid_ Tid *tid = tid_of(1);

        for (size_t i = 0; i < ELEMENTSOF(quiet); i++)
                assert_int_equal(flap(&f, tid, (100 + i) * SECOND), quiet[i] * SECOND);
}

static void test_only_within_ten_quiet_times(void **state)
{
        FLAPS(f);
        _cleanup_tid_ Tid *tid = tid_of(1);

        assert_int_equal(flap(&f, tid, 100 * SECOND), 1 * SECOND);
        assert_int_equal(flap(&f, tid, 110 * SECOND + 1), 1 * SECOND);
        assert_int_equal(flap(&f, tid, 120 * SECOND), 2 * SECOND);
        assert_int_equal(flap(&f, tid, 140 * SECOND), 4 * SECOND);
}

static void test_it_shrinks_again(void **state)
{
        FLAPS(f);
        _cleanup_tid_ Tid *tid = tid_of(1);

        for (int i = 0; i < 4; i++)
                (void) flap(&f, tid, 100 * SECOND);
        assert_int_equal(flaps_withdraw(&f, tid, 180 * SECOND)->quiet, 8 * SECOND);
        assert_int_equal(flaps_withdraw(&f, tid, 180 * SECOND + 1)->quiet, 4 * SECOND);
        assert_int_equal(flaps_withdraw(&f, tid, 220 * SECOND + 1)->quiet, 2 * SECOND);
        assert_int_equal(flaps_withdraw(&f, tid, 240 * SECOND + 1)->quiet, 1 * SECOND);
        assert_int_equal(flap(&f, tid, 9999 * SECOND), 1 * SECOND);
}

static void test_what_is_over_is_forgotten(void **state)
{
        FLAPS(f);

        for (int i = 0; i < 100; i++) {
                _cleanup_tid_ Tid *tid = tid_of(i);
                assert_non_null(flaps_withdraw(&f, tid, (100 + (usec_t) i) * SECOND));
        }
        assert_in_range(f.n, 1, 12);
}

/* The most recently changed records are kept. */
static void test_the_table_is_bounded(void **state)
{
        FLAPS(f);
        _cleanup_tid_ Tid *busy = tid_of(-1);

        for (int i = 0; i < 2 * FLAPS_MAX; i++) {
                _cleanup_tid_ Tid *tid = tid_of(i);
                (void) flap(&f, busy, 100 * SECOND);
                assert_non_null(flaps_withdraw(&f, tid, 100 * SECOND));
        }
        assert_int_equal(f.n, FLAPS_MAX);
        assert_int_equal(flap(&f, busy, 100 * SECOND), FLAP_QUIET_MAX_USEC);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_first_ones_wait_as_usual),
                cmocka_unit_test(test_each_reversal_doubles_it),
                cmocka_unit_test(test_only_within_ten_quiet_times),
                cmocka_unit_test(test_it_shrinks_again),
                cmocka_unit_test(test_what_is_over_is_forgotten),
                cmocka_unit_test(test_the_table_is_bounded),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

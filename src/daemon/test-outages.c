/* SPDX-License-Identifier: Apache-2.0 */

/* Outages as seen by polling the state of a controller. */

#include "daemon/outages.h"

#include "base/testing.h"

#define SECOND USEC_PER_SEC
#define BEGIN (1000 * SECOND)

static const Device nvme3 = { .instance = 3, .inode = 70 };
static const Device another_nvme3 = { .instance = 3, .inode = 71 };

static OutageChange look(Outages *o, const Device *device, DeviceState state, usec_t now)
{
        usec_t took;

        return outages_look(o, device, state, now, &took);
}

static void test_lost_and_back(void **state)
{
        _cleanup_(outages_done) Outages o = { 0 };
        usec_t took = 0;

        assert_int_equal(look(&o, &nvme3, DEVICE_LIVE, BEGIN), OUTAGE_NOTHING);
        assert_int_equal(look(&o, &nvme3, DEVICE_RESETTING, BEGIN + 5 * SECOND), OUTAGE_BEGAN);
        assert_int_equal(look(&o, &nvme3, DEVICE_CONNECTING, BEGIN + 10 * SECOND), OUTAGE_NOTHING);
        assert_int_equal(outages_lost_at(&o, 3), BEGIN + 5 * SECOND);
        assert_true(outages_connected(&o, 3, BEGIN + 65 * SECOND));
        assert_int_equal(outages_look(&o, &nvme3, DEVICE_LIVE, BEGIN + 65 * SECOND, &took),
                         OUTAGE_ENDED);
        assert_int_equal(took, 60 * SECOND);
        assert_int_equal(outages_lost_at(&o, 3), 0);
        assert_int_equal(look(&o, &nvme3, DEVICE_LIVE, BEGIN + 70 * SECOND), OUTAGE_NOTHING);
}

/* Live when it was read, but not at the first poll. */
static void test_lost_before_the_first_look(void **state)
{
        const Device was_live = { .instance = 3, .inode = 70, .state = DEVICE_LIVE };
        _cleanup_(outages_done) Outages o = { 0 };

        assert_int_equal(look(&o, &was_live, DEVICE_CONNECTING, BEGIN), OUTAGE_BEGAN);
        assert_int_equal(look(&o, &was_live, DEVICE_LIVE, BEGIN + 5 * SECOND), OUTAGE_ENDED);
}

static void test_an_outage_between_two_looks(void **state)
{
        _cleanup_(outages_done) Outages o = { 0 };

        (void) look(&o, &nvme3, DEVICE_LIVE, BEGIN);
        (void) look(&o, &nvme3, DEVICE_LIVE, BEGIN + 5 * SECOND);
        assert_true(outages_connected(&o, 3, BEGIN + 7 * SECOND));
        assert_int_equal(look(&o, &nvme3, DEVICE_LIVE, BEGIN + 7 * SECOND), OUTAGE_SHORT);
        assert_int_equal(look(&o, &nvme3, DEVICE_LIVE, BEGIN + 12 * SECOND), OUTAGE_NOTHING);
}

/* Its event may arrive before or after the first poll. */
static void test_the_first_connect_is_no_outage(void **state)
{
        _cleanup_(outages_done) Outages o = { 0 };

        assert_false(outages_connected(&o, 3, BEGIN));
        assert_int_equal(look(&o, &nvme3, DEVICE_CONNECTING, BEGIN), OUTAGE_NOTHING);
        assert_int_equal(look(&o, &nvme3, DEVICE_LIVE, BEGIN + SECOND), OUTAGE_NOTHING);
        assert_false(outages_connected(&o, 3, BEGIN + SECOND));
        assert_int_equal(look(&o, &nvme3, DEVICE_LIVE, BEGIN + 5 * SECOND), OUTAGE_NOTHING);
}

static void test_a_name_given_again_begins_anew(void **state)
{
        _cleanup_(outages_done) Outages o = { 0 };

        (void) look(&o, &nvme3, DEVICE_LIVE, BEGIN);
        (void) look(&o, &nvme3, DEVICE_CONNECTING, BEGIN + 5 * SECOND);
        assert_int_equal(look(&o, &another_nvme3, DEVICE_CONNECTING, BEGIN + 10 * SECOND),
                         OUTAGE_NOTHING);
        assert_int_equal(look(&o, &another_nvme3, DEVICE_LIVE, BEGIN + 15 * SECOND),
                         OUTAGE_NOTHING);
        (void) look(&o, &another_nvme3, DEVICE_CONNECTING, BEGIN + 20 * SECOND);
        outages_forget(&o, 3);
        assert_int_equal(outages_lost_at(&o, 3), 0);
}

static void test_a_removal_is_no_outage(void **state)
{
        _cleanup_(outages_done) Outages o = { 0 };

        (void) look(&o, &nvme3, DEVICE_LIVE, BEGIN);
        assert_int_equal(look(&o, &nvme3, DEVICE_DELETING, BEGIN + 5 * SECOND), OUTAGE_NOTHING);
        assert_int_equal(look(&o, &nvme3, DEVICE_STATE_UNKNOWN, BEGIN + 10 * SECOND),
                         OUTAGE_NOTHING);
        assert_int_equal(outages_lost_at(&o, 3), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lost_and_back),
                cmocka_unit_test(test_lost_before_the_first_look),
                cmocka_unit_test(test_an_outage_between_two_looks),
                cmocka_unit_test(test_the_first_connect_is_no_outage),
                cmocka_unit_test(test_a_name_given_again_begins_anew),
                cmocka_unit_test(test_a_removal_is_no_outage),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

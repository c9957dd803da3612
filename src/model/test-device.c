/* SPDX-License-Identifier: Apache-2.0 */

#include "model/device.h"

#include <string.h>

#include "base/testing.h"

static void test_states_both_ways(void **state)
{
        static const char *const names[_DEVICE_STATE_MAX] = { "new",        "live",    "resetting",
                                                              "connecting", "fencing", "deleting",
                                                              "dead",       "unknown" };
        for (DeviceState s = 0; s < _DEVICE_STATE_MAX; s++) {
                assert_string_equal(device_state_to_string(s), names[s]);
                assert_int_equal(device_state_from_string(names[s]), s);
        }
        assert_int_equal(device_state_from_string("deleting (no IO)"), DEVICE_DELETING);
        assert_int_equal(device_state_from_string("fenced"), DEVICE_FENCING);
        assert_int_equal(device_state_from_string("frozen"), DEVICE_STATE_UNKNOWN);
        assert_int_equal(device_state_from_string(""), DEVICE_STATE_UNKNOWN);
        assert_int_equal(device_state_from_string(NULL), DEVICE_STATE_UNKNOWN);
}

static Device *make(void)
{
        static const TidFields f = { "tcp", "192.0.2.1", "4420", "nqn.a", NULL, NULL, "nqn.host" };
        Device *d = calloc(1, sizeof(*d));
        char *serial = strdup("s1");

        assert_non_null(d);
        assert_non_null(serial);
        *d = (Device) {
                .instance = 3,
                .state = DEVICE_LIVE,
                .kind = CONTROLLER_IO,
                .serial = serial,
        };
        assert_int_equal(tid_new(&f, CONTROLLER_IO, &d->tid), 0);
        return d;
}

static void test_same_is_more_than_the_name(void **state)
{
        _cleanup_(device_freep) Device *a = make(), *b = make();

        assert_true(device_is_same(a, b));
        b->state = DEVICE_CONNECTING; /* a reconnect */
        assert_true(device_is_same(a, b));
        b->serial[0] = '\0'; /* not read yet */
        assert_true(device_is_same(a, b));
        assert_true(device_is_same(b, a));
        b->serial[0] = 'x';
        assert_false(device_is_same(a, b));
}

static void test_inode_decides_where_it_is_known(void **state)
{
        _cleanup_(device_freep) Device *a = make(), *b = make();

        a->inode = 100;
        assert_true(device_is_same(a, b)); /* unknown for b */
        b->inode = 101;                    /* name reused for the same target */
        assert_false(device_is_same(a, b));
        b->inode = 100;
        b->serial[0] = 'x';
        assert_true(device_is_same(a, b));
}

static void test_other_name_or_identity_is_not_the_same(void **state)
{
        static const TidFields f = { "tcp", "192.0.2.1", "4420", "nqn.b", NULL, NULL, "nqn.host" };
        _cleanup_(device_freep) Device *a = make(), *b = make();

        b->instance = 4;
        assert_false(device_is_same(a, b));
        b->instance = 3;
        (void) tid_free(b->tid);
        assert_int_equal(tid_new(&f, CONTROLLER_IO, &b->tid), 0);
        assert_false(device_is_same(a, b));
}

static void test_who_takes_registrations(void **state)
{
        static const struct {
                ControllerKind kind;
                const char *transport, *dctype;
                bool takes, is_ddc;
        } table[] = {
                { CONTROLLER_DISCOVERY, "tcp", "cdc", true, false },
                { CONTROLLER_DISCOVERY, "tcp", "ddc", true, true },
                { CONTROLLER_DISCOVERY, "tcp", "none", false, false },
                { CONTROLLER_DISCOVERY, "tcp", "", false, false },
                { CONTROLLER_DISCOVERY, "tcp", "reserved", false, false },
                { CONTROLLER_DISCOVERY, "rdma", "ddc", false, true },
                { CONTROLLER_IO, "tcp", "ddc", false, false },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                TidFields f = {
                        .transport = table[i].transport,
                        .traddr = "192.0.2.1",
                        .subsysnqn = "nqn.a",
                };
                _cleanup_tid_ Tid *tid = NULL;
                assert_int_equal(tid_new(&f, table[i].kind, &tid), 0);
                Device d = {
                        .kind = table[i].kind,
                        .tid = tid,
                        .dctype = (char *) table[i].dctype,
                };
                assert_int_equal(device_takes_registration(&d), table[i].takes);
                assert_int_equal(device_is_ddc(&d), table[i].is_ddc);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_states_both_ways),
                cmocka_unit_test(test_same_is_more_than_the_name),
                cmocka_unit_test(test_inode_decides_where_it_is_known),
                cmocka_unit_test(test_who_takes_registrations),
                cmocka_unit_test(test_other_name_or_identity_is_not_the_same),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

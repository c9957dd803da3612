/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/uevent.h"

#include "base/testing.h"
#include "base/text.h"

/* All strings from the kernel end with NUL, even the last one: sizeof() includes it. */
#define MESSAGE(s) (s), sizeof(s)

#define CTL "/devices/virtual/nvme-fabrics/ctl/nvme"

static void test_discovery_log_change(void **state)
{
        Uevent u;
        assert_int_equal(
                uevent_decode(MESSAGE("change@" CTL "0\0ACTION=change\0DEVPATH=" CTL "0\0"
                                      "SUBSYSTEM=nvme\0NVME_AEN=0x70f002\0MAJOR=244\0MINOR=0\0"
                                      "DEVNAME=nvme0\0NVME_TRTYPE=tcp\0NVME_TRADDR=127.0.0.1\0"
                                      "NVME_TRSVCID=8009\0NVME_HOST_TRADDR=none\0"
                                      "NVME_HOST_IFACE=none\0SEQNUM=1378"),
                              &u),
                0);
        assert_int_equal(u.action, UEVENT_CHANGE);
        assert_int_equal(u.event, NVME_EVENT_NONE);
        assert_int_equal(u.aen, NVME_AEN_DISCOVERY_LOG_CHANGED);
        assert_int_equal(u.instance, 0);
}

static void test_connected(void **state)
{
        Uevent u;
        assert_int_equal(uevent_decode(MESSAGE("change@" CTL "4\0ACTION=change\0SUBSYSTEM=nvme\0"
                                               "NVME_EVENT=connected\0DEVNAME=nvme4\0SEQNUM=1382"),
                                       &u),
                         0);
        assert_int_equal(u.action, UEVENT_CHANGE);
        assert_int_equal(u.event, NVME_EVENT_CONNECTED);
        assert_int_equal(u.aen, 0);
        assert_int_equal(u.instance, 4);
}

#define PLAIN "SUBSYSTEM=nvme\0DEVNAME=nvme7\0SEQNUM=18446744073709551615"

static void test_actions_and_events(void **state)
{
        static const struct {
                const char *message;
                size_t n;
                UeventAction action;
                NvmeEvent event;
                uint32_t aen;
        } table[] = {
                { MESSAGE("add@/x\0" PLAIN), UEVENT_ADD, NVME_EVENT_NONE, 0 },
                { MESSAGE("remove@/x\0" PLAIN), UEVENT_REMOVE, NVME_EVENT_NONE, 0 },
                { MESSAGE("change@/x\0" PLAIN), UEVENT_CHANGE, NVME_EVENT_NONE, 0 },
                { MESSAGE("bind@/x\0" PLAIN), UEVENT_OTHER, NVME_EVENT_NONE, 0 },
                { MESSAGE("adder@/x\0" PLAIN), UEVENT_OTHER, NVME_EVENT_NONE, 0 },
                { MESSAGE("change@/x\0NVME_EVENT=rediscover\0" PLAIN), UEVENT_CHANGE,
                  NVME_EVENT_REDISCOVER, 0 },
                { MESSAGE("change@/x\0NVME_EVENT=next year's\0" PLAIN), UEVENT_CHANGE,
                  NVME_EVENT_OTHER, 0 },
                { MESSAGE("change@/x\0NVME_AEN=0xFFFFFFFF\0" PLAIN), UEVENT_CHANGE, NVME_EVENT_NONE,
                  UINT32_MAX },
                { MESSAGE("change@/x\0NVME_AEN=0\0" PLAIN), UEVENT_CHANGE, NVME_EVENT_NONE, 0 },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                Uevent u;
                assert_int_equal(uevent_decode(table[i].message, table[i].n, &u), 0);
                assert_int_equal(u.action, table[i].action);
                assert_int_equal(u.event, table[i].event);
                assert_int_equal(u.aen, table[i].aen);
                assert_int_equal(u.instance, 7);
        }
}

static void test_namespace_removed(void **state)
{
        Uevent u;
        assert_int_equal(
                uevent_decode(
                        MESSAGE("remove@/devices/virtual/nvme-subsystem/nvme-subsys1/nvme1n2\0"
                                "ACTION=remove\0DEVPATH=/devices/virtual/nvme-subsystem/"
                                "nvme-subsys1/nvme1n2\0SUBSYSTEM=block\0MAJOR=259\0MINOR=2\0"
                                "DEVNAME=nvme1n2\0DEVTYPE=disk\0DISKSEQ=11\0SEQNUM=1901"),
                        &u),
                0);
        assert_int_equal(u.action, UEVENT_NAMESPACE_REMOVED);
        assert_int_equal(u.instance, -1);
}

static void test_what_is_no_controllers_event(void **state)
{
        static const struct {
                const char *message;
                size_t n;
                int error;
        } table[] = {
                { MESSAGE("add@/x\0SUBSYSTEM=block\0DEVNAME=nvme0n1"), -ENODATA },
                { MESSAGE("remove@/x\0SUBSYSTEM=block\0DEVNAME=nvme0n1p1"), -ENODATA },
                { MESSAGE("remove@/x\0SUBSYSTEM=block\0DEVNAME=sda"), -ENODATA },
                { MESSAGE("remove@/x\0SUBSYSTEM=block"), -ENODATA },
                { MESSAGE("remove@/x\0SUBSYSTEM=nvme-generic\0DEVNAME=ng0n1"), -ENODATA },
                { MESSAGE("add@/x\0SUBSYSTEM=nvme-subsystem\0DEVNAME=nvme0"), -ENODATA },
                { MESSAGE("add@/x\0SUBSYSTEM=nvme"), -ENODATA },
                { MESSAGE("add@/x\0SUBSYSTEM=nvme\0DEVNAME=nvme"), -ENODATA },
                { MESSAGE("add@/x\0SUBSYSTEM=nvme\0DEVNAME=nvme-fabrics"), -ENODATA },
                { MESSAGE("add@/x\0SUBSYSTEM=nvme\0DEVNAME=nvme1n1"), -ENODATA },
                { MESSAGE("add@/x\0SUBSYSTEM=nvme\0DEVNAME=nvme-1"), -ENODATA },
                { MESSAGE("add@/x\0SUBSYSTEM=nvme\0DEVNAME=nvme2147483648"), -ENODATA },
                { MESSAGE("add@/x"), -ENODATA },
                { "", 0, -EBADMSG },
                { MESSAGE(""), -EBADMSG },
                { MESSAGE("@/x\0" PLAIN), -EBADMSG },
                { MESSAGE("libudev\0\376\355\312\376"), -EBADMSG },
                { MESSAGE("change@/x\0NVME_AEN=0x\0" PLAIN), -EBADMSG },
                { MESSAGE("change@/x\0NVME_AEN=0x123456789\0" PLAIN), -EBADMSG },
                { MESSAGE("change@/x\0NVME_AEN=0x70g002\0" PLAIN), -EBADMSG },
                /* truncated in its last string */
                { "add@/x\0" PLAIN, sizeof("add@/x\0" PLAIN) - 1, -EBADMSG },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                Uevent u = { .instance = -7 };
                assert_int_equal(uevent_decode(table[i].message, table[i].n, &u), table[i].error);
                assert_int_equal(u.instance, -7);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_discovery_log_change),
                cmocka_unit_test(test_connected),
                cmocka_unit_test(test_actions_and_events),
                cmocka_unit_test(test_namespace_removed),
                cmocka_unit_test(test_what_is_no_controllers_event),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

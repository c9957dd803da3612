/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/sysfs_device.h"

#include "base/testing.h"
#include "base/text.h"

static void assert_text(const char *actual, const char *expected)
{
        if (expected)
                assert_string_equal(text_or(actual, "(none)"), expected);
        else
                assert_null(actual);
}

static void test_address(void **state)
{
        static const struct {
                const char *text, *traddr, *trsvcid, *host_traddr, *host_iface, *src_addr;
        } table[] = {
                { "traddr=127.0.0.1,trsvcid=8009,src_addr=127.0.0.1\n", "127.0.0.1", "8009", NULL,
                  NULL, "127.0.0.1" },
                { "traddr=192.0.2.1,trsvcid=4420,host_traddr=192.0.2.9,host_iface=eth0,"
                  "src_addr=192.0.2.9\n",
                  "192.0.2.1", "4420", "192.0.2.9", "eth0", "192.0.2.9" },
                { "traddr=2001:db8::1,trsvcid=8009\n", "2001:db8::1", "8009", NULL, NULL, NULL },
                { "traddr=fe80::1%eth0,trsvcid=8009\n", "fe80::1%eth0", "8009", NULL, NULL, NULL },
                { "traddr=nn-0x1000000000000001:pn-0x2000000000000001,"
                  "host_traddr=nn-0x1000000000000002:pn-0x2000000000000002\n",
                  "nn-0x1000000000000001:pn-0x2000000000000001", NULL,
                  "nn-0x1000000000000002:pn-0x2000000000000002", NULL, NULL },
                { "\n", NULL, NULL, NULL, NULL, NULL },
                { "", NULL, NULL, NULL, NULL, NULL },
                { "traddr=", "", NULL, NULL, NULL, NULL },
                { "new_key=1,traddr=192.0.2.1", "192.0.2.1", NULL, NULL, NULL, NULL },
                { "traddr=a=b", "a=b", NULL, NULL, NULL, NULL },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                SysfsAddress a;
                assert_int_equal(sysfs_address_parse(table[i].text, &a), 0);
                assert_text(a.traddr, table[i].traddr);
                assert_text(a.trsvcid, table[i].trsvcid);
                assert_text(a.host_traddr, table[i].host_traddr);
                assert_text(a.host_iface, table[i].host_iface);
                assert_text(a.src_addr, table[i].src_addr);
                sysfs_address_done(&a);
                assert_null(a.traddr);
        }
}

static void test_uevent(void **state)
{
        SysfsAddress a;
        (void) state;

        assert_int_equal(sysfs_uevent_parse("DEVNAME=nvme5\nNVME_TRADDR=fe80::1%eth0\n"
                                            "NVME_TRSVCID=4420\nNVME_HOST_TRADDR=fe80::2\n"
                                            "NVME_HOST_IFACE=none",
                                            &a),
                         0);
        assert_string_equal(a.traddr, "fe80::1%eth0");
        assert_string_equal(a.trsvcid, "4420");
        assert_string_equal(a.host_traddr, "fe80::2");
        assert_null(a.host_iface);
        assert_null(a.src_addr);
        sysfs_address_done(&a);

        assert_int_equal(sysfs_uevent_parse("NVME_TRADDR=(null)\nNVME_TRSVCID=none\n", &a), 0);
        assert_null(a.traddr);
        assert_null(a.trsvcid);
        sysfs_address_done(&a);

        assert_int_equal(sysfs_uevent_parse("NVME_TRADDR=1\nNVME_TRADDR=2\n", &a), -EBADMSG);
}

static void test_address_malformed(void **state)
{
        static const char *const table[] = {
                "0000:00:04.0\n", "traddr=1,,trsvcid=2", "=x", "traddr=1,traddr=2", "traddr",
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                SysfsAddress a;
                assert_int_equal(sysfs_address_parse(table[i], &a), -EBADMSG);
        }
}

/* As shown by kernel 6.12 for a discovery controller. */
static SysfsAttributes discovery_controller(void)
{
        return (SysfsAttributes) {
                .address = (char *) "traddr=127.0.0.1,trsvcid=8009,src_addr=127.0.0.1\n",
                .transport = (char *) "tcp\n",
                .state = (char *) "live\n",
                .subsysnqn = (char *) NQN_DISCOVERY "\n",
                .hostnqn = (char *) "nqn.2014-08.org.nvmexpress:uuid:"
                                    "1bf4f0ae-f18d-424c-bb01-01b32b56fad3\n",
                .hostid = (char *) "7b699377-cf2f-460d-bef3-90b22d437122\n",
                .cntrltype = (char *) "discovery\n",
                .dctype = (char *) "none\n",
                .model = (char *) "Linux                                   \n",
                .serial = (char *) "35145e5297d698699e50\n",
        };
}

static void test_device(void **state)
{
        SysfsAttributes a = discovery_controller();
        _cleanup_(device_freep) Device *d = NULL;

        assert_int_equal(sysfs_device_build(3, &a, &d), 0);
        assert_int_equal(d->instance, 3);
        assert_int_equal(d->state, DEVICE_LIVE);
        assert_int_equal(d->kind, CONTROLLER_DISCOVERY);
        assert_int_equal(d->tid->transport, TRANSPORT_TCP);
        assert_string_equal(d->tid->traddr, "127.0.0.1");
        assert_string_equal(d->tid->trsvcid, "8009");
        assert_string_equal(d->tid->subsysnqn, NQN_DISCOVERY);
        assert_string_equal(d->tid->host_traddr, "");
        assert_string_equal(d->tid->host_iface, "");
        assert_string_equal(d->tid->host_nqn,
                            "nqn.2014-08.org.nvmexpress:uuid:1bf4f0ae-f18d-424c-bb01-01b32b56fad3");
        assert_int_equal(d->src_address.family, ADDRESS_IPV4);
        assert_string_equal(d->host_id, "7b699377-cf2f-460d-bef3-90b22d437122");
        assert_string_equal(d->model, "Linux");
        assert_string_equal(d->serial, "35145e5297d698699e50");
        assert_string_equal(d->cntrltype, "discovery");
        assert_string_equal(d->dctype, "none");
        assert_null(d->owner);
}

static void test_device_of_an_old_kernel(void **state)
{
        SysfsAttributes a = discovery_controller();
        _cleanup_(device_freep) Device *d = NULL;
        a.address = (char *) "traddr=127.0.0.1,trsvcid=8009\n";
        a.cntrltype = a.dctype = a.hostnqn = a.hostid = NULL;

        assert_int_equal(sysfs_device_build(0, &a, &d), 0);
        assert_int_equal(d->kind, CONTROLLER_DISCOVERY);
        assert_int_equal(d->src_address.family, ADDRESS_NONE);
        assert_string_equal(d->tid->host_nqn, "");
        assert_string_equal(d->host_id, "");
        assert_string_equal(d->cntrltype, "");
}

static void test_a_source_address_that_will_be_shown(void **state)
{
        static const struct {
                const char *transport, *address, *state;
                bool shows_source, is_hidden;
        } table[] = {
                { "tcp\n", "traddr=127.0.0.1,trsvcid=8009\n", "connecting\n", true, true },
                { "tcp\n", "traddr=127.0.0.1,trsvcid=8009\n", "connecting\n", false, false },
                { "tcp\n", "traddr=127.0.0.1,trsvcid=8009\n", "live\n", true, false },
                { "tcp\n", "traddr=127.0.0.1,src_addr=127.0.0.1\n", "connecting\n", true, false },
                { "rdma\n", "traddr=127.0.0.1,trsvcid=8009\n", "connecting\n", true, false },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                SysfsAttributes a = discovery_controller();
                _cleanup_(device_freep) Device *d = NULL;
                a.transport = (char *) table[i].transport;
                a.address = (char *) table[i].address;
                a.state = (char *) table[i].state;
                a.shows_source = table[i].shows_source;
                assert_int_equal(sysfs_device_build(0, &a, &d), 0);
                assert_int_equal(d->source_hidden, table[i].is_hidden);
        }
}

static void test_kind(void **state)
{
        static const struct {
                const char *cntrltype, *subsysnqn;
                bool is_stafds;
                ControllerKind kind;
        } table[] = {
                { "discovery\n", "nqn.2024-01.lab:unique-dc\n", false, CONTROLLER_DISCOVERY },
                { "discovery\n", NQN_DISCOVERY "\n", false, CONTROLLER_DISCOVERY },
                { "reserved\n", NQN_DISCOVERY "\n", false, CONTROLLER_DISCOVERY },
                { "io\n", "nqn.2024-01.lab:sub1\n", false, CONTROLLER_IO },
                { "admin\n", "nqn.2024-01.lab:sub1\n", false, CONTROLLER_IO },
                { "reserved\n", "nqn.2024-01.lab:sub1\n", false, CONTROLLER_IO },
                { NULL, "nqn.2024-01.lab:sub1\n", false, CONTROLLER_IO },
                { NULL, NQN_DISCOVERY "\n", false, CONTROLLER_DISCOVERY },
                { NULL, "nqn.2024-01.lab:unique-dc\n", true, CONTROLLER_DISCOVERY },
                { "reserved\n", "nqn.2024-01.lab:unique-dc\n", true, CONTROLLER_DISCOVERY },
                { "io\n", "nqn.2024-01.lab:sub1\n", true, CONTROLLER_IO },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                SysfsAttributes a = discovery_controller();
                _cleanup_(device_freep) Device *d = NULL;
                a.cntrltype = (char *) table[i].cntrltype;
                a.subsysnqn = (char *) table[i].subsysnqn;
                a.is_stafds = table[i].is_stafds;
                assert_int_equal(sysfs_device_build(0, &a, &d), 0);
                assert_int_equal(d->kind, table[i].kind);
        }
}

static void test_state(void **state)
{
        static const struct {
                const char *state;
                DeviceState expected;
        } table[] = {
                { "new\n", DEVICE_NEW },
                { "connecting\n", DEVICE_CONNECTING },
                { "deleting (no IO)\n", DEVICE_DELETING },
                { "only-admin\n", DEVICE_STATE_UNKNOWN },
                { NULL, DEVICE_STATE_UNKNOWN },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                SysfsAttributes a = discovery_controller();
                _cleanup_(device_freep) Device *d = NULL;
                a.state = (char *) table[i].state;
                assert_int_equal(sysfs_device_build(0, &a, &d), 0);
                assert_int_equal(d->state, table[i].expected);
        }
}

static void test_loop_has_no_address(void **state)
{
        SysfsAttributes a = discovery_controller();
        _cleanup_(device_freep) Device *d = NULL;
        a.transport = (char *) "loop\n";
        a.address = (char *) "\n";

        assert_int_equal(sysfs_device_build(0, &a, &d), 0);
        assert_int_equal(d->tid->transport, TRANSPORT_LOOP);
        assert_string_equal(d->tid->traddr, "");
        assert_string_equal(d->tid->trsvcid, "");
}

static void test_not_a_fabrics_controller(void **state)
{
        static const char *const transports[] = { "pcie\n", "apple-nvme\n", "tcp6\n" };
        for (size_t i = 0; i < ELEMENTSOF(transports); i++) {
                SysfsAttributes a = discovery_controller();
                Device *d = NULL;
                a.transport = (char *) transports[i];
                a.address = (char *) "0000:00:04.0\n";
                assert_int_equal(sysfs_device_build(0, &a, &d), -EOPNOTSUPP);
                assert_null(d);
        }
}

static void test_unusable(void **state)
{
        Device *d = NULL;
        SysfsAttributes a = { 0 };
        assert_int_equal(sysfs_device_build(0, &a, &d), -EBADMSG);

        a = discovery_controller();
        a.address = NULL;
        assert_int_equal(sysfs_device_build(0, &a, &d), -EBADMSG);
        a = discovery_controller();
        a.address = (char *) "nonsense\n";
        assert_int_equal(sysfs_device_build(0, &a, &d), -EBADMSG);

        /* Not identified yet: must not be treated as one with the well-known NQN. */
        static const char *const nqns[] = { "(efault)\n", "(null)\n", "\n", NULL };
        for (size_t i = 0; i < ELEMENTSOF(nqns); i++) {
                a = discovery_controller();
                a.subsysnqn = (char *) nqns[i];
                assert_int_equal(sysfs_device_build(0, &a, &d), -EBADMSG);
        }
        assert_null(d);
}

static void test_text_of_a_peer_is_made_printable(void **state)
{
        SysfsAttributes a = discovery_controller();
        _cleanup_(device_freep) Device *d = NULL;
        a.model = (char *) "\033[2J\377 x\n";
        a.serial = (char *) "(efault)\n";

        assert_int_equal(sysfs_device_build(0, &a, &d), 0);
        assert_string_equal(d->model, "?[2J? x");
        assert_string_equal(d->serial, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_address),
                cmocka_unit_test(test_uevent),
                cmocka_unit_test(test_address_malformed),
                cmocka_unit_test(test_device),
                cmocka_unit_test(test_device_of_an_old_kernel),
                cmocka_unit_test(test_a_source_address_that_will_be_shown),
                cmocka_unit_test(test_kind),
                cmocka_unit_test(test_state),
                cmocka_unit_test(test_loop_has_no_address),
                cmocka_unit_test(test_not_a_fabrics_controller),
                cmocka_unit_test(test_unusable),
                cmocka_unit_test(test_text_of_a_peer_is_made_printable),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

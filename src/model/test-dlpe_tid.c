/* SPDX-License-Identifier: Apache-2.0 */

#include "model/dlpe_tid.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/testing.h"
#include "base/text.h"

enum { /* TRTYPE, NVMe-oF 1.1 */
        TRTYPE_RDMA = 1,
        TRTYPE_FC = 2,
        TRTYPE_TCP = 3,
};

#define FC_TARGET "nn-0x20000090fa942779:pn-0x10000090fa942779"
#define FC_HOST "nn-0x20000090fa942770:pn-0x10000090fa942770"

static int reach(uint8_t trtype, const char *traddr, const TidFields *dc_fields, bool ignore_iface,
                 Tid **ret)
{
        _cleanup_tid_ Tid *dc = NULL;
        char nqn[] = "nqn.a", address[128];
        DlpEntry e = { .trtype = trtype, .subnqn = nqn, .traddr = address };

        (void) snprintf(address, sizeof(address), "%s", traddr);
        assert_int_equal(tid_new(dc_fields, CONTROLLER_DISCOVERY, &dc), 0);
        DlpeOrigin o = { .dc = dc, .host_nqn = "nqn.default", .ignore_iface = ignore_iface };
        return dlpe_to_tid(&e, CONTROLLER_IO, &o, ret);
}

static void test_what_is_inherited(void **state)
{
        TidFields dc = { .transport = "tcp",
                         .traddr = "192.0.2.1",
                         .host_traddr = "192.0.2.9",
                         .host_iface = "eth0",
                         .host_nqn = "nqn.host" };
        _cleanup_tid_ Tid *t = NULL, *ignored = NULL, *without = NULL;

        assert_int_equal(reach(TRTYPE_TCP, "192.0.2.5", &dc, false, &t), 0);
        assert_string_equal(t->traddr, "192.0.2.5");
        assert_string_equal(t->trsvcid, "4420");
        assert_string_equal(t->host_traddr, "192.0.2.9");
        assert_string_equal(t->host_iface, "eth0");
        assert_string_equal(t->host_nqn, "nqn.host");

        assert_int_equal(reach(TRTYPE_TCP, "192.0.2.5", &dc, true, &ignored), 0);
        assert_string_equal(ignored->host_iface, "");
        assert_string_equal(ignored->host_traddr, "192.0.2.9");

        dc.host_nqn = NULL;
        assert_int_equal(reach(TRTYPE_TCP, "192.0.2.5", &dc, false, &without), 0);
        assert_string_equal(without->host_nqn, "nqn.default");
}

static void test_the_host_address_is_of_the_same_family(void **state)
{
        static const struct {
                uint8_t trtype;
                const char *traddr, *dc_transport, *dc_traddr, *dc_host_traddr, *host_traddr;
        } table[] = {
                { TRTYPE_TCP, "192.0.2.5", "tcp", "192.0.2.1", "192.0.2.9", "192.0.2.9" },
                { TRTYPE_TCP, "2001:db8::5", "tcp", "192.0.2.1", "192.0.2.9", "" },
                { TRTYPE_TCP, "192.0.2.5", "tcp", "2001:db8::1", "2001:db8::9", "" },
                { TRTYPE_TCP, "2001:db8::5", "tcp", "2001:db8::1", "2001:db8::9", "2001:db8::9" },
                { TRTYPE_RDMA, "192.0.2.5", "tcp", "192.0.2.1", "192.0.2.9", "192.0.2.9" },
                { TRTYPE_FC, FC_TARGET, "tcp", "192.0.2.1", "192.0.2.9", "" },
                { TRTYPE_TCP, "192.0.2.5", "fc", FC_TARGET, FC_HOST, "" },
                { TRTYPE_FC, FC_TARGET, "fc", FC_TARGET, FC_HOST, FC_HOST },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                const TidFields dc = { .transport = table[i].dc_transport,
                                       .traddr = table[i].dc_traddr,
                                       .host_traddr = table[i].dc_host_traddr,
                                       .host_iface = "eth0" };
                _cleanup_tid_ Tid *t = NULL;
                assert_int_equal(reach(table[i].trtype, table[i].traddr, &dc, false, &t), 0);
                assert_string_equal(t->host_traddr, table[i].host_traddr);
                assert_string_equal(t->host_iface, "eth0");
        }
}

static void test_what_cannot_be_a_controller(void **state)
{
        const TidFields dc = { .transport = "tcp", .traddr = "192.0.2.1" };
        Tid *t = NULL;

        assert_int_equal(reach(TRTYPE_TCP, "0.0.0.0", &dc, false, &t), -EADDRNOTAVAIL);
        assert_int_equal(reach(77, "192.0.2.5", &dc, false, &t), -EINVAL);
        assert_null(t);
}

static void test_what_is_not_to_be_connected(void **state)
{
        static const struct {
                uint8_t trtype;
                const char *traddr;
                bool bad_nqn, good;
        } cases[] = {
                { TRTYPE_TCP, "192.0.2.5", false, true },
                { TRTYPE_TCP, "192.0.2.05", false, true },
                { TRTYPE_TCP, "192.0.2.5:4420", false, true },
                { TRTYPE_TCP, "[2001:db8::5]", false, true },
                { TRTYPE_TCP, "storage.example", false, false },
                { TRTYPE_RDMA, "192.0.2", false, false },
                { TRTYPE_FC, FC_TARGET, false, true },
                { TRTYPE_TCP, "192.0.2.5", true, false },
                { TRTYPE_FC, FC_TARGET, true, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const TidFields dc = { .transport = "tcp", .traddr = "192.0.2.1" };
                const DlpEntry e = { .trtype = cases[i].trtype, .bad_nqn = cases[i].bad_nqn };
                _cleanup_tid_ Tid *t = NULL;

                assert_int_equal(reach(cases[i].trtype, cases[i].traddr, &dc, false, &t), 0);
                assert_int_equal(!dlpe_problem(&e, t), cases[i].good);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_inherited),
                cmocka_unit_test(test_what_is_not_to_be_connected),
                cmocka_unit_test(test_the_host_address_is_of_the_same_family),
                cmocka_unit_test(test_what_cannot_be_a_controller),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

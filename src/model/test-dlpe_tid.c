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

/* Of an entry of subtype nvme. */
static DlpeVerdict judge(uint8_t trtype, const char *traddr, const TidFields *dc_fields,
                         bool ignore_iface)
{
        _cleanup_tid_ Tid *dc = NULL;
        char nqn[] = "nqn.a", address[128];
        DlpEntry e = { .trtype = trtype, .subtype = DLPE_NVME, .subnqn = nqn, .traddr = address };
        DlpeVerdict v;

        (void) snprintf(address, sizeof(address), "%s", traddr);
        assert_int_equal(tid_new(dc_fields, CONTROLLER_DISCOVERY, &dc), 0);
        DlpeOrigin o = { .dc = dc, .host = { "nqn.default", ignore_iface, false } };
        assert_int_equal(dlpe_judge(&e, &o, &v), 0);
        return v;
}

static Tid *reach(uint8_t trtype, const char *traddr, const TidFields *dc, bool ignore_iface)
{
        DlpeVerdict v = judge(trtype, traddr, dc, ignore_iface);

        assert_non_null(v.tid);
        assert_null(v.problem);
        return v.tid;
}

static void test_what_is_inherited(void **state)
{
        TidFields dc = { .transport = "tcp",
                         .traddr = "192.0.2.1",
                         .host_traddr = "192.0.2.9",
                         .host_iface = "eth0",
                         .host_nqn = "nqn.host" };
        _cleanup_tid_ Tid *t = NULL, *ignored = NULL, *without = NULL;

        t = reach(TRTYPE_TCP, "192.0.2.5", &dc, false);
        assert_string_equal(t->traddr, "192.0.2.5");
        assert_string_equal(t->trsvcid, "4420");
        assert_string_equal(t->host_traddr, "192.0.2.9");
        assert_string_equal(t->host_iface, "eth0");
        assert_string_equal(t->host_nqn, "nqn.host");

        ignored = reach(TRTYPE_TCP, "192.0.2.5", &dc, true);
        assert_string_equal(ignored->host_iface, "");
        assert_string_equal(ignored->host_traddr, "192.0.2.9");

        dc.host_nqn = NULL;
        without = reach(TRTYPE_TCP, "192.0.2.5", &dc, false);
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
                { TRTYPE_TCP, "192.0.2.5", "rdma", "192.0.2.1", "192.0.2.9", "192.0.2.9" },
                { TRTYPE_TCP, "192.0.2.5", "fc", FC_TARGET, FC_HOST, "" },
                { TRTYPE_FC, FC_TARGET, "fc", FC_TARGET, FC_HOST, FC_HOST },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                const TidFields dc = { .transport = table[i].dc_transport,
                                       .traddr = table[i].dc_traddr,
                                       .host_traddr = table[i].dc_host_traddr,
                                       .host_iface = "eth0" };
                _cleanup_tid_ Tid *t = NULL;
                t = reach(table[i].trtype, table[i].traddr, &dc, false);
                assert_string_equal(t->host_traddr, table[i].host_traddr);
                assert_string_equal(t->host_iface, "eth0");
        }
}

/* A scope is the target's name of its own interface, some write a comma in an FC address, and rdma
 * has no use for an interface that tcp has. */
static void test_addresses_as_this_host_spells_them(void **state)
{
        static const struct {
                uint8_t trtype;
                const char *traddr, *dc_transport, *dc_traddr, *spelled, *host_iface;
        } table[] = {
                { TRTYPE_TCP, "fe80::5%ens3", "tcp", "fe80::1", "fe80::5%eth0", "eth0" },
                { TRTYPE_TCP, "fe80::5", "tcp", "fe80::1", "fe80::5%eth0", "eth0" },
                { TRTYPE_TCP, "fe80::5%2", "tcp", "192.0.2.1", "fe80::5%eth0", "eth0" },
                { TRTYPE_RDMA, "192.0.2.5", "tcp", "192.0.2.1", "192.0.2.5", "" },
                { TRTYPE_FC, "nn-0x20000090fa942779,pn-0x10000090fa942779", "fc", FC_TARGET,
                  FC_TARGET, "eth0" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                const TidFields dc = { .transport = table[i].dc_transport,
                                       .traddr = table[i].dc_traddr,
                                       .host_iface = "eth0" };
                _cleanup_tid_ Tid *t = reach(table[i].trtype, table[i].traddr, &dc, false);
                char buf[ADDRESS_TEXT_SIZE];

                assert_string_equal(text_or(address_to_text(&t->address, buf), t->traddr),
                                    table[i].trtype == TRTYPE_TCP ? "fe80::5" : table[i].spelled);
                assert_string_equal(t->host_iface, table[i].host_iface);
        }
}

#define NQN_224 "nqn." NQN_110 NQN_110
#define NQN_110 NQN_55 NQN_55
#define NQN_55 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

enum {
        TCP = TRTYPE_TCP,
        LOOP = 254
};

typedef struct Judged {
        uint8_t subtype, trtype;
        const char *subnqn, *traddr, *trsvcid, *problem;
        bool names;
} Judged;

static void judge_each(const Judged *cases, size_t n)
{
        const TidFields fields = { .transport = "tcp", .traddr = "192.0.2.1" };
        _cleanup_tid_ Tid *dc = NULL;

        assert_int_equal(tid_new(&fields, CONTROLLER_DISCOVERY, &dc), 0);
        const DlpeOrigin o = { .dc = dc, .host = { "nqn.host", false, true } };
        for (size_t i = 0; i < n; i++) {
                _cleanup_dlpe_verdict_ DlpeVerdict v = { 0 };
                DlpEntry e = { .subtype = cases[i].subtype,
                               .trtype = cases[i].trtype,
                               .subnqn = (char *) cases[i].subnqn,
                               .traddr = (char *) cases[i].traddr,
                               .bad_nqn = !nqn_is_usable(cases[i].subnqn) };
                (void) snprintf(e.trsvcid, sizeof(e.trsvcid), "%s", cases[i].trsvcid);
                assert_int_equal(dlpe_judge(&e, &o, &v), 0);
                if (!streq_ptr(v.problem, cases[i].problem))
                        fail_msg("%zu: %s", i, text_or(v.problem, "(no problem)"));
                assert_int_equal(v.tid != NULL, cases[i].names);
        }
}

/* Each is told by what is wrong with it; only what names a controller keeps one. */
static void test_what_is_not_used(void **state)
{
        static const Judged cases[] = {
                { DLPE_NVME, TCP, "nqn.a", "192.0.2.5", "", NULL, true },
                { DLPE_NVME, TCP, "nqn.a", "0.0.0.0", "4420", "its address is unspecified", false },
                { DLPE_NVME, TCP, "nqn.a", "::", "4420", "its address is unspecified", false },
                { DLPE_NVME, TCP, "nqn.a", "::ffff:0.0.0.0", "", "its address is unspecified",
                  false },
                { DLPE_NVME, TCP, "nqn.a", "", "4420", "it has no address", false },
                { DLPE_NVME, TCP, "nqn.a", "fe80::1%is-not-an-interface", "",
                  "its address is not usable", false },
                { DLPE_NVME, TCP, "nqn.a", "192.0.2.5", "0", "its service is not a port number",
                  false },
                { DLPE_NVME, TCP, "nqn.a", "::1", "65536", "its service is not a port number",
                  false },
                { DLPE_NVME, TCP, "nqn.a", "::1", "none", "its service is not a port number",
                  false },
                { DLPE_NVME, TCP, "", "192.0.2.5", "4420", "it has no NQN", false },
                { DLPE_NVME, TCP, NQN_224, "192.0.2.5", "", "its NQN is too long", false },
                { DLPE_NVME, TCP, "nqn.a,b", "192.0.2.5", "", NQN_NOT_USABLE, true },
                { DLPE_NVME, 0, "nqn.a", "192.0.2.5", "4420", "its transport is not known", false },
                { DLPE_NVME, 77, "nqn.a", "", "", "its transport is not known", false },
                { DLPE_NVME, LOOP, "nqn.a", "", "",
                  "it is of transport loop, which would be this host itself", true },
                { DLPE_REFERRAL, LOOP, "nqn.a", "", "",
                  "it is of transport loop, which would be this host itself", true },
                { DLPE_NVME, TRTYPE_FC, "nqn.a", FC_TARGET, "",
                  "it is of transport fc, and its discovery controller is not", true },
                { DLPE_NVME, TRTYPE_RDMA, "nqn.a", "192.0.2.5", "",
                  "it is of transport rdma, and this host has no RDMA device", true },
                { DLPE_NVME, TCP, NQN_DISCOVERY, "192.0.2.5", "",
                  "its NQN is that of discovery controllers", true },
                { DLPE_REFERRAL, TCP, NQN_DISCOVERY, "192.0.2.5", "", NULL, true },
                { DLPE_REFERRAL, TCP, "nqn.a", "192.0.2.5", "", NULL, true },
                { DLPE_REFERRAL, TCP, "nqn.a", "0.0.0.0", "", "its address is unspecified", false },
                { DLPE_REFERRAL, TCP, "", "192.0.2.5", "", "it has no NQN", false },
                { 0, TCP, "nqn.a", "192.0.2.5", "4420", "its subtype is not known", false },
                { 4, TCP, "nqn.a", "192.0.2.5", "4420", "its subtype is not known", false },
                /* where the log comes from: nothing is wrong with that */
                { DLPE_REFERRAL, TCP, "nqn.a", "192.0.2.1", "8009", NULL, false },
                { DLPE_DISCOVERY, TCP, "nqn.a", "0.0.0.0", "8009", NULL, false },
        };

        judge_each(cases, ELEMENTSOF(cases));
}

/* What the kernel reads as an address, what is to be resolved, and what is neither. */
static void test_addresses_in_other_spellings(void **state)
{
        static const Judged cases[] = {
                { DLPE_NVME, TCP, "nqn.a", "a.b", "", "its host name has not been resolved", true },
                { DLPE_NVME, TCP, "nqn.a", "0192.000.002.001", "", NULL, true },
                { DLPE_NVME, TCP, "nqn.a", "192.0.2.1:4420", "", NULL, true },
                { DLPE_NVME, TCP, "nqn.a", "192.0.2.300", "", "its address is not an IP address",
                  true },
                { DLPE_NVME, TCP, "nqn.a", "a.b:4420", "", "its address is not an IP address",
                  true },
                { DLPE_NVME, TCP, "nqn.a,b", "a.b", "", NQN_NOT_USABLE, true },
                { DLPE_NVME, TRTYPE_RDMA, "nqn.a", "a.b", "", "its host name has not been resolved",
                  true },
                { DLPE_REFERRAL, TCP, "nqn.a", "a.b", "", "its address is not an IP address",
                  true },
        };

        judge_each(cases, ELEMENTSOF(cases));
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
                bool is_fc = cases[i].trtype == TRTYPE_FC;
                const TidFields dc = { .transport = is_fc ? "fc" : "tcp",
                                       .traddr = is_fc ? FC_TARGET : "192.0.2.1" };
                const DlpEntry e = { .trtype = cases[i].trtype, .bad_nqn = cases[i].bad_nqn };
                _cleanup_dlpe_verdict_ DlpeVerdict v =
                        judge(cases[i].trtype, cases[i].traddr, &dc, false);

                assert_int_equal(!dlpe_problem(&e, v.tid, &(DlpeOrigin) { .dc = v.tid }),
                                 cases[i].good);
        }
}

/* An address that would become two options, or that no terminal can show, is no address. */
static void test_no_address_becomes_an_option(void **state)
{
        static const char *const bad[] = { ",tls", "\n", "\x01", "\xff", "\xe2\x80\x8b" };
        static const struct {
                const char *transport, *traddr, *problem;
        } ends[] = {
                { "tcp", "192.0.2.5", "its address is not an IP address" },
                { "rdma", "192.0.2.5", "its address is not an IP address" },
                { "fc", FC_TARGET, "its address is not a Fibre Channel address" },
        };

        for (size_t i = 0; i < ELEMENTSOF(ends) * ELEMENTSOF(bad); i++) {
                const char *part = bad[i % ELEMENTSOF(bad)];
                char traddr[128];
                const TidFields fields = { .transport = ends[i / ELEMENTSOF(bad)].transport,
                                           .traddr = traddr,
                                           .subsysnqn = "nqn.a" };
                const DlpEntry e = { 0 };
                _cleanup_tid_ Tid *t = NULL;

                (void) snprintf(traddr, sizeof(traddr), "%s%sx", ends[i / ELEMENTSOF(bad)].traddr,
                                part);
                assert_int_equal(tid_new(&fields, CONTROLLER_IO, &t), 0);
                assert_string_equal(
                        text_or(dlpe_problem(&e, t, &(DlpeOrigin) { .dc = t }), "(none)"),
                        ends[i / ELEMENTSOF(bad)].problem);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_no_address_becomes_an_option),
                cmocka_unit_test(test_what_is_inherited),
                cmocka_unit_test(test_what_is_not_to_be_connected),
                cmocka_unit_test(test_the_host_address_is_of_the_same_family),
                cmocka_unit_test(test_addresses_as_this_host_spells_them),
                cmocka_unit_test(test_what_is_not_used),
                cmocka_unit_test(test_addresses_in_other_spellings),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

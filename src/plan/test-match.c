/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/match.h"

#include <stdio.h>

#include "base/testing.h"
#include "base/text.h"

#define SUB "nqn.2024-01.lab:sub"
#define HOST "nqn.2024-01.lab:host"
#define DC "nqn.2024-01.lab:dc"
#define FC_TARGET "nn-0x20000090fa942779:pn-0x10000090fa942779"
#define FC_TARGET_UPPER "nn-0x20000090FA942779:pn-0x10000090FA942779"
#define FC_HOST "nn-0x20000090fa000001:pn-0x10000090fa000001"
#define FC_OTHER_HOST "nn-0x20000090fa000002:pn-0x10000090fa000002"

/* The wanted controller, and the attributes in sysfs. */
typedef struct Case {
        const char *what;
        TidFields wanted, actual;
        const char *source; /* src_addr; NULL: not reported by the kernel */
        ControllerKind kind, actual_kind;
        bool match;
} Case;

static Tid *make(TidFields f, ControllerKind kind)
{
        Tid *t;

        f.transport = text_or(f.transport, "tcp");
        f.traddr = text_or(f.traddr, "192.0.2.1");
        if (kind == CONTROLLER_IO)
                f.subsysnqn = text_or(f.subsysnqn, SUB);
        assert_int_equal(tid_new(&f, kind, &t), 0);
        return t;
}

static void add(Network *n, const char *interface, const char *address)
{
        Address a = address_parse(TRANSPORT_TCP, address);

        assert_int_equal(network_add(n, interface, &a), 0);
}

/* eth0's primary address is .10; eth2 has no address. */
static Network make_network(void)
{
        Network n = { 0 };

        add(&n, "eth0", "192.0.2.10");
        add(&n, "eth0", "192.0.2.11");
        add(&n, "eth0", "fe80::10");
        add(&n, "eth1", "192.0.2.20");
        add(&n, "eth1", "fe80::20");
        add(&n, "eth3", "192.0.2.30");
        Address part = address_parse(TRANSPORT_TCP, "192.0.2.30");
        assert_int_equal(network_add_to_whole(&n, "vrf0", &part), 0);
        assert_int_equal(network_add_alias(&n, "2", "eth0"), 0);
        assert_int_equal(network_add_alias(&n, "left", "eth0"), 0);
        assert_int_equal(network_add_alias(&n, "3", "eth1"), 0);
        return n;
}

static bool matches(const Case *c)
{
        _cleanup_(network_done) Network network = make_network();
        _cleanup_tid_ Tid *wanted = make(c->wanted, c->kind), *actual = make(c->actual, c->kind);
        Device d = {
                .tid = actual,
                .kind = c->actual_kind,
                .src_address = address_parse(actual->transport, c->source),
        };

        return match_device(wanted, c->kind, &d, &network);
}

static void check(const Case *cases, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (matches(&cases[i]) != cases[i].match)
                        fail_msg("%s: should %smatch", cases[i].what, cases[i].match ? "" : "not ");
}

#define IO .kind = CONTROLLER_IO, .actual_kind = CONTROLLER_IO

static void test_far_end(void **state)
{
        static const Case cases[] = {
                { "the same", {}, {}, NULL, IO, true },
                { "another address", { .traddr = "192.0.2.2" }, {}, NULL, IO, false },
                { "another service", { .trsvcid = "4421" }, {}, NULL, IO, false },
                { "the default service", { .trsvcid = "4420" }, {}, NULL, IO, true },
                { "another transport", { .transport = "rdma" }, {}, NULL, IO, false },
                { "another subsystem", { .subsysnqn = SUB "2" }, {}, NULL, IO, false },
                { "IPv6 spelled otherwise",
                  { .traddr = "2001:DB8:0::1" },
                  { .traddr = "2001:db8::1" },
                  NULL,
                  IO,
                  true },
                { "IPv6 in brackets",
                  { .traddr = "[2001:db8::1]" },
                  { .traddr = "2001:db8::1" },
                  NULL,
                  IO,
                  true },
                { "IPv4 mapped", { .traddr = "::ffff:192.0.2.1" }, {}, NULL, IO, true },
                { "host NQN", { .host_nqn = HOST }, { .host_nqn = HOST }, NULL, IO, true },
                { "another host NQN",
                  { .host_nqn = HOST },
                  { .host_nqn = HOST "2" },
                  NULL,
                  IO,
                  false },
                { "a host NQN nobody asked for", {}, { .host_nqn = HOST }, NULL, IO, true },
                { "a host NQN the kernel does not show", { .host_nqn = HOST }, {}, NULL, IO, true },
        };
        check(cases, ELEMENTSOF(cases));
}

/* By its index, or by an alternative name, on either side. */
static void test_names_of_an_interface(void **state)
{
        static const char *const names[] = { "eth0", "left", "2" };
        static const char *const others[] = { "eth1", "3", "right" };

        for (size_t i = 0; i < 9; i++) {
                const char *a = names[i / 3], *b = names[i % 3], *other = others[i % 3];
                char wanted[32], actual[32];
                const Case cases[] = {
                        { a, { .host_iface = a }, { .host_iface = b }, NULL, IO, true },
                        { a, { .host_iface = a }, { .host_iface = other }, NULL, IO, false },
                        { a, { .host_iface = a }, {}, "192.0.2.11", IO, true },
                        { a, { .host_iface = a }, {}, "192.0.2.20", IO, false },
                        { a, { .traddr = wanted }, { .traddr = actual }, NULL, IO, true },
                        { a, { .traddr = wanted }, { .traddr = actual }, "fe80::10", IO, true },
                        { a,
                          { .traddr = wanted },
                          { .host_iface = b, .traddr = "fe80::1" },
                          NULL,
                          IO,
                          true },
                };

                (void) snprintf(wanted, sizeof(wanted), "fe80::1%%%s", a);
                (void) snprintf(actual, sizeof(actual), "fe80::1%%%s", b);
                check(cases, ELEMENTSOF(cases));
        }
}

static void test_discovery_nqn(void **state)
{
        static const Case cases[] = {
                { "well-known both", {}, {}, NULL, .match = true },
                { "TP8013: well-known finds a unique one",
                  {},
                  { .subsysnqn = DC },
                  NULL,
                  .match = true },
                { "a unique one finds itself",
                  { .subsysnqn = DC },
                  { .subsysnqn = DC },
                  NULL,
                  .match = true },
                { "a unique one does not find the well-known",
                  { .subsysnqn = DC },
                  {},
                  NULL,
                  .match = false },
                { "nor another unique one",
                  { .subsysnqn = DC },
                  { .subsysnqn = DC "2" },
                  NULL,
                  .match = false },
                { "the well-known finds no I/O controller",
                  {},
                  { .subsysnqn = SUB },
                  NULL,
                  .actual_kind = CONTROLLER_IO,
                  .match = false },
        };
        check(cases, ELEMENTSOF(cases));
}

/* Kernels since 6.1 report the source address of a connection. */
static void test_tcp_with_source_address(void **state)
{
        static const Case cases[] = {
                { "nothing asked for", {}, {}, "192.0.2.20", IO, true },
                { "host-traddr", { .host_traddr = "192.0.2.10" }, {}, "192.0.2.10", IO, true },
                { "host-traddr, mapped",
                  { .host_traddr = "192.0.2.10" },
                  {},
                  "::ffff:192.0.2.10",
                  IO,
                  true },
                { "another host-traddr",
                  { .host_traddr = "192.0.2.11" },
                  {},
                  "192.0.2.10",
                  IO,
                  false },
                { "host-iface owns the address",
                  { .host_iface = "eth0" },
                  {},
                  "192.0.2.10",
                  IO,
                  true },
                { "its second one, too", { .host_iface = "eth0" }, {}, "192.0.2.11", IO, true },
                { "a part of it owns it", { .host_iface = "vrf0" }, {}, "192.0.2.30", IO, true },
                { "a part of another one", { .host_iface = "vrf0" }, {}, "192.0.2.20", IO, false },
                { "another one owns it", { .host_iface = "eth0" }, {}, "192.0.2.20", IO, false },
                { "both asked for",
                  { .host_iface = "eth0", .host_traddr = "192.0.2.11" },
                  {},
                  "192.0.2.11",
                  IO,
                  true },
                { "bound to the interface",
                  { .host_iface = "eth0" },
                  { .host_iface = "eth0" },
                  "192.0.2.99",
                  IO,
                  true },
                { "bound to another",
                  { .host_iface = "eth0" },
                  { .host_iface = "eth1" },
                  "192.0.2.10",
                  IO,
                  false },
                { "nobody owns the address any more, eth0 has others",
                  { .host_iface = "eth0" },
                  {},
                  "192.0.2.99",
                  IO,
                  false },
                { "nobody owns it, and eth2 has lost its own",
                  { .host_iface = "eth2" },
                  {},
                  "192.0.2.99",
                  IO,
                  true },
        };
        check(cases, ELEMENTSOF(cases));
}

/* Older kernels report the requested options. */
static void test_tcp_without_source_address(void **state)
{
        static const Case cases[] = {
                { "nothing asked for", {}, { .host_iface = "eth1" }, NULL, IO, true },
                { "nothing known", { .host_iface = "eth0" }, {}, NULL, IO, true },
                { "the same interface",
                  { .host_iface = "eth0" },
                  { .host_iface = "eth0" },
                  NULL,
                  IO,
                  true },
                { "another one",
                  { .host_iface = "eth0" },
                  { .host_iface = "eth1" },
                  NULL,
                  IO,
                  false },
                { "the same address",
                  { .host_traddr = "192.0.2.11" },
                  { .host_traddr = "192.0.2.11" },
                  NULL,
                  IO,
                  true },
                { "another address",
                  { .host_traddr = "192.0.2.11" },
                  { .host_traddr = "192.0.2.10" },
                  NULL,
                  IO,
                  false },
                { "an address nobody knows of",
                  { .host_traddr = "192.0.2.11" },
                  {},
                  NULL,
                  IO,
                  true },
                { "the primary address stands for the interface that is wanted",
                  { .host_iface = "eth0" },
                  { .host_traddr = "192.0.2.10" },
                  NULL,
                  IO,
                  true },
                { "it is another interface's",
                  { .host_iface = "eth0" },
                  { .host_traddr = "192.0.2.20" },
                  NULL,
                  IO,
                  false },
                { "the primary address stands for the interface in use",
                  { .host_traddr = "192.0.2.10" },
                  { .host_iface = "eth0" },
                  NULL,
                  IO,
                  true },
                { "it is not the one that is wanted",
                  { .host_traddr = "192.0.2.20" },
                  { .host_iface = "eth0" },
                  NULL,
                  IO,
                  false },
                { "an interface without an address tells nothing",
                  { .host_traddr = "192.0.2.20" },
                  { .host_iface = "eth2" },
                  NULL,
                  IO,
                  true },
        };
        check(cases, ELEMENTSOF(cases));
}

static void test_link_local(void **state)
{
        static const Case cases[] = {
                { "the scope is the interface",
                  { .traddr = "fe80::1%eth0" },
                  { .traddr = "fe80::1", .host_iface = "eth0" },
                  NULL,
                  IO,
                  true },
                { "and the other way round",
                  { .traddr = "fe80::1", .host_iface = "eth0" },
                  { .traddr = "fe80::1%eth0" },
                  NULL,
                  IO,
                  true },
                { "another scope",
                  { .traddr = "fe80::1%eth0" },
                  { .traddr = "fe80::1%eth1" },
                  NULL,
                  IO,
                  false },
                { "the source address tells",
                  { .traddr = "fe80::1%eth0" },
                  { .traddr = "fe80::1" },
                  "fe80::10",
                  IO,
                  true },
                { "and contradicts",
                  { .traddr = "fe80::1%eth0" },
                  { .traddr = "fe80::1" },
                  "fe80::20",
                  IO,
                  false },
        };
        check(cases, ELEMENTSOF(cases));
}

/* The path of a connection that is not bound is unknown until the kernel reports it. */
static void test_a_hidden_source_address(void **state)
{
        static const struct {
                TidFields wanted, actual;
                bool is_hidden, must_wait;
        } cases[] = {
                { { .host_iface = "eth0" }, {}, true, true },
                { { .host_traddr = "192.0.2.10" }, {}, true, true },
                { { .traddr = "fe80::1%eth0" }, { .traddr = "fe80::1" }, true, true },
                { {}, {}, true, false },
                { { .host_iface = "eth0" }, {}, false, false },
                { { .host_iface = "eth0" }, { .host_iface = "eth0" }, true, false },
                { { .host_iface = "eth0" }, { .host_traddr = "192.0.2.10" }, true, false },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_tid_ Tid *wanted = make(cases[i].wanted, CONTROLLER_IO);
                _cleanup_tid_ Tid *actual = make(cases[i].actual, CONTROLLER_IO);
                const Device d = { .tid = actual, .source_hidden = cases[i].is_hidden };

                if (match_must_wait(wanted, &d) != cases[i].must_wait)
                        fail_msg("case %zu", i);
        }
}

/* Only contradictions matter: an address that was removed from the host does not contradict. */
static void test_another_way(void **state)
{
        static const struct {
                TidFields wanted, actual;
                const char *source;
                bool another;
        } cases[] = {
                { { .host_iface = "eth0" }, {}, "192.0.2.20", true },
                { { .host_iface = "eth0" }, {}, "192.0.2.11", false },
                { { .host_iface = "eth0" }, {}, "192.0.2.99", false },
                { { .host_iface = "eth0" }, {}, NULL, false },
                { { .host_iface = "eth0" }, { .host_iface = "eth0" }, "192.0.2.20", false },
                { { .host_traddr = "192.0.2.10" }, {}, "192.0.2.20", true },
                { { .host_traddr = "192.0.2.10" }, {}, "192.0.2.10", false },
                { {}, {}, "192.0.2.20", false },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(network_done) Network network = make_network();
                _cleanup_tid_ Tid *wanted = make(cases[i].wanted, CONTROLLER_IO);
                _cleanup_tid_ Tid *actual = make(cases[i].actual, CONTROLLER_IO);
                const Device d = {
                        .tid = actual,
                        .src_address = address_parse(TRANSPORT_TCP, cases[i].source),
                };

                if (match_goes_another_way(wanted, &d, &network) != cases[i].another)
                        fail_msg("case %zu", i);
        }
}

static void test_other_transports(void **state)
{
#define FC(host)                                                                                   \
        {                                                                                          \
                .transport = "fc", .traddr = FC_TARGET, .host_traddr = host                        \
        }
#define RDMA(host)                                                                                 \
        {                                                                                          \
                .transport = "rdma", .host_traddr = host                                           \
        }
        static const Case cases[] = {
                { "fc", FC(FC_HOST), FC(FC_HOST), NULL, IO, true },
                { "fc: case does not count",
                  { .transport = "fc", .traddr = FC_TARGET_UPPER, .host_traddr = FC_HOST },
                  FC(FC_HOST),
                  NULL,
                  IO,
                  true },
                { "fc: host-traddr must match", FC(FC_HOST), FC(FC_OTHER_HOST), NULL, IO, false },
                { "fc: also if it is not known", FC(FC_HOST), FC(NULL), NULL, IO, false },
                { "fc: not asked for, as in the log of a tcp controller", FC(NULL), FC(FC_HOST),
                  NULL, IO, true },
                { "rdma: host-traddr", RDMA("192.0.2.10"), RDMA("192.0.2.10"), NULL, IO, true },
                { "rdma: another", RDMA("192.0.2.10"), RDMA("192.0.2.11"), NULL, IO, false },
                { "rdma: not asked for", RDMA(NULL), RDMA("192.0.2.11"), NULL, IO, true },
                { "rdma: the interface does not count",
                  { .transport = "rdma", .host_iface = "eth0" },
                  { .transport = "rdma", .host_iface = "eth1" },
                  NULL,
                  IO,
                  true },
                { "loop", { .transport = "loop" }, { .transport = "loop" }, NULL, IO, true },
        };
        check(cases, ELEMENTSOF(cases));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_far_end),
                cmocka_unit_test(test_discovery_nqn),
                cmocka_unit_test(test_names_of_an_interface),
                cmocka_unit_test(test_tcp_with_source_address),
                cmocka_unit_test(test_tcp_without_source_address),
                cmocka_unit_test(test_link_local),
                cmocka_unit_test(test_a_hidden_source_address),
                cmocka_unit_test(test_another_way),
                cmocka_unit_test(test_other_transports),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

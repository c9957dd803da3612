/* SPDX-License-Identifier: Apache-2.0 */

#include "model/network.h"

#include <string.h>

#include "base/testing.h"

static void add(Network *n, const char *interface, const char *address)
{
        Address a = address_parse(TRANSPORT_TCP, address);
        assert_int_equal(network_add(n, interface, &a), 0);
}

static bool has(const Network *n, const char *interface, const char *address)
{
        Address a = address_parse(TRANSPORT_TCP, address);
        return network_interface_has_address(n, interface, &a);
}

static void test_addresses_of_interfaces(void **state)
{
        Network n = { 0 };
        add(&n, "eth0", "192.0.2.1");
        add(&n, "eth1", "2001:db8::1");

        assert_true(has(&n, "eth0", "192.0.2.1"));
        assert_true(has(&n, "eth0", "::ffff:192.0.2.1"));
        assert_true(has(&n, "eth1", "2001:DB8:0::1"));
        assert_false(has(&n, "eth1", "192.0.2.1"));
        assert_false(has(&n, "eth", "192.0.2.1"));
        assert_false(has(&n, "eth0", "192.0.2.2"));
        network_done(&n);
}

static void test_primary_is_the_first_of_its_family(void **state)
{
        Network n = { 0 };
        add(&n, "eth1", "192.0.2.9");
        add(&n, "eth0", "2001:db8::1");
        add(&n, "eth0", "192.0.2.1");
        add(&n, "eth0", "192.0.2.2");

        Address wanted = address_parse(TRANSPORT_TCP, "192.0.2.1");
        const Address *found = network_primary_address(&n, "eth0", ADDRESS_IPV4);
        assert_non_null(found);
        assert_int_equal(address_compare(found, &wanted), 0);
        assert_null(network_primary_address(&n, "eth1", ADDRESS_IPV6));
        assert_null(network_primary_address(&n, "eth2", ADDRESS_IPV4));
        network_done(&n);
}

static void test_a_whole_has_the_addresses_of_its_parts(void **state)
{
        Network n = { 0 };
        Address a = address_parse(TRANSPORT_TCP, "192.0.2.1");

        add(&n, "eth0", "192.0.2.1");
        assert_int_equal(network_add_to_whole(&n, "vrf0", &a), 0);
        assert_true(has(&n, "vrf0", "192.0.2.1"));
        assert_false(has(&n, "vrf0", "192.0.2.2"));
        assert_null(network_primary_address(&n, "vrf0", ADDRESS_IPV4)); /* not its own address */
        assert_int_equal(network_count_ipv4_interfaces(&n), 1);
        network_done(&n);
}

/* An alternative name, or its index. */
static void test_aliases(void **state)
{
        Network n = { 0 };
        _cleanup_tid_ Tid *t = NULL;
        const TidFields bound = { .transport = "tcp", .traddr = "192.0.2.1", .host_iface = "left" };

        add(&n, "eth0", "192.0.2.1");
        assert_int_equal(network_add_alias(&n, "4", "eth0"), 0);
        assert_int_equal(network_add_alias(&n, "left", "eth0"), 0);
        assert_int_equal(network_add_alias(&n, "5", "4"), 0); /* an interface named "4" */
        assert_string_equal(network_interface(&n, "left"), "eth0");
        assert_string_equal(network_interface(&n, "eth0"), "eth0");
        assert_string_equal(network_interface(&n, "none"), "none");
        assert_string_equal(network_interface(&n, "4"), "4");
        assert_true(network_is_same_interface(&n, "left", "eth0"));
        assert_false(network_is_same_interface(&n, "left", "4"));
        assert_true(has(&n, "left", "192.0.2.1"));
        assert_non_null(network_primary_address(&n, "left", ADDRESS_IPV4));
        assert_int_equal(network_add_alias(&n, "a-16-bytes-name-", "eth0"), -EINVAL);

        /* The link comes up: this ends the waits of what names it by an alias. */
        assert_int_equal(tid_new(&bound, CONTROLLER_DISCOVERY, &t), 0);
        assert_true(reachability_concerns(&(Reachability) { .interface = "eth0" }, t, &n));
        assert_false(reachability_concerns(&(Reachability) { .interface = "4" }, t, &n));
        network_done(&n);
}

static void test_names_are_bounded(void **state)
{
        Network n = { 0 };
        Address a = address_parse(TRANSPORT_TCP, "192.0.2.1");
        assert_int_equal(network_add(&n, "a-15-bytes-name", &a), 0);
        assert_int_equal(network_add(&n, "a-16-bytes-name-", &a), -EINVAL);
        assert_int_equal(n.n_addresses, 1);
        network_done(&n);
}

static bool concern(const char *interface, const char *prefix, unsigned n_bits, bool is_own,
                    const TidFields *fields)
{
        _cleanup_tid_ Tid *t = NULL;
        Network host = { 0 };
        Reachability reachability = {
                .prefix = address_parse(TRANSPORT_TCP, prefix),
                .n_bits = n_bits,
                .own = address_parse(TRANSPORT_TCP, is_own ? prefix : NULL),
        };

        memcpy(reachability.interface, interface, strlen(interface) + 1);
        assert_int_equal(tid_new(fields, CONTROLLER_DISCOVERY, &t), 0);
        add(&host, "eth0", "192.0.2.9");
        add(&host, "eth1", "192.0.2.8");
        bool result = reachability_concerns(&reachability, t, &host);
        network_done(&host);
        return result;
}

static void test_whom_reachability_concerns(void **state)
{
        static const struct {
                const char *what, *interface, *prefix;
                unsigned n_bits;
                bool is_own;
                TidFields target;
                bool expected;
        } table[] = {
#define TCP(...) { .transport = "tcp", __VA_ARGS__ }
                { "a link: whoever is bound to it", "eth0", NULL, 0, false,
                  TCP(.traddr = "192.0.2.1", .host_iface = "eth0"), true },
                { "not who is bound to another", "eth0", NULL, 0, false,
                  TCP(.traddr = "192.0.2.1", .host_iface = "eth1"), false },
                { "or to an address of it", "eth0", NULL, 0, false,
                  TCP(.traddr = "192.0.2.1", .host_traddr = "192.0.2.9"), true },
                { "not to one of another", "eth0", NULL, 0, false,
                  TCP(.traddr = "192.0.2.1", .host_traddr = "192.0.2.8"), false },
                { "nor who is not bound: its routes tell", "veth0", NULL, 0, false,
                  TCP(.traddr = "192.0.2.1"), false },
                { "everything: everybody", "", NULL, 0, false,
                  TCP(.traddr = "192.0.2.1", .host_iface = "eth1"), true },
                { "a link-local target by its scope", "eth0", NULL, 0, false,
                  TCP(.traddr = "fe80::1%eth1"), false },
                { "an address: the targets beside it", "eth0", "192.0.2.9", 24, true,
                  TCP(.traddr = "192.0.2.1"), true },
                { "not those elsewhere", "eth0", "192.0.2.9", 24, true, TCP(.traddr = "192.0.3.1"),
                  false },
                { "wherever, if it is bound to the interface", "eth0", "192.0.2.9", 24, true,
                  TCP(.traddr = "192.0.3.1", .host_iface = "eth0"), true },
                { "or to that address", "eth0", "192.0.2.9", 24, true,
                  TCP(.traddr = "192.0.3.1", .host_traddr = "192.0.2.9"), true },
                { "and to no other", "eth0", "192.0.2.9", 24, true,
                  TCP(.traddr = "192.0.2.1", .host_traddr = "192.0.2.8"), false },
                { "of its family", "eth0", "192.0.2.9", 24, true,
                  TCP(.traddr = "2001:db8::1", .host_iface = "eth0"), false },
                { "a route: where it leads", "eth0", "10.0.0.0", 9, false,
                  TCP(.traddr = "10.127.0.1"), true },
                { "not a bit farther", "eth0", "10.0.0.0", 9, false, TCP(.traddr = "10.128.0.1"),
                  false },
                { "also for who is bound to the interface", "eth0", "10.0.0.0", 9, false,
                  TCP(.traddr = "10.128.0.1", .host_iface = "eth0"), false },
                { "a default route: everywhere", "eth0", "::", 0, false,
                  TCP(.traddr = "2001:db8::1"), true },
                { "a whole address", "eth0", "2001:db8::1", 128, false,
                  TCP(.traddr = "2001:db8::1"), true },
                { "RDMA too",
                  "eth0",
                  "192.0.2.0",
                  24,
                  false,
                  { .transport = "rdma", .traddr = "192.0.2.1" },
                  true },
                { "but nothing else",
                  "eth0",
                  NULL,
                  0,
                  false,
                  { .transport = "fc", .traddr = "nn-0x1:pn-0x2" },
                  false },
#undef TCP
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (concern(table[i].interface, table[i].prefix, table[i].n_bits, table[i].is_own,
                            &table[i].target) != table[i].expected)
                        fail_msg("%s: %s", table[i].what, table[i].target.traddr);
}

static void test_ipv4_interfaces_are_counted_once(void **state)
{
        Network n = { 0 };

        add(&n, "lo", "127.0.0.1");
        add(&n, "eth0", "192.0.2.1");
        add(&n, "eth0", "192.0.2.2");
        add(&n, "eth1", "2001:db8::1");
        add(&n, "eth2", "192.0.2.3");
        assert_int_equal(network_count_ipv4_interfaces(&n), 2);
        network_done(&n);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_addresses_of_interfaces),
                cmocka_unit_test(test_whom_reachability_concerns),
                cmocka_unit_test(test_primary_is_the_first_of_its_family),
                cmocka_unit_test(test_a_whole_has_the_addresses_of_its_parts),
                cmocka_unit_test(test_aliases),
                cmocka_unit_test(test_names_are_bounded),
                cmocka_unit_test(test_ipv4_interfaces_are_counted_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

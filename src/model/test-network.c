/* SPDX-License-Identifier: Apache-2.0 */

#include "model/network.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

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

static void test_names_are_bounded(void **state)
{
        Network n = { 0 };
        Address a = address_parse(TRANSPORT_TCP, "192.0.2.1");
        assert_int_equal(network_add(&n, "a-15-bytes-name", &a), 0);
        assert_int_equal(network_add(&n, "a-16-bytes-name-", &a), -EINVAL);
        assert_int_equal(n.n_addresses, 1);
        network_done(&n);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_addresses_of_interfaces),
                cmocka_unit_test(test_primary_is_the_first_of_its_family),
                cmocka_unit_test(test_names_are_bounded),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

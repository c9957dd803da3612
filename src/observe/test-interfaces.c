/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/interfaces.h"

#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"

static void test_loopback(void **state)
{
        Network n;
        Address home = address_parse(TRANSPORT_TCP, "127.0.0.1");
        Address elsewhere = address_parse(TRANSPORT_TCP, "192.0.2.1");

        assert_int_equal(interfaces_read(&n), 0);
        if (!network_primary_address(&n, "lo", ADDRESS_IPV4)) {
                network_done(&n);
                skip();
        }
        assert_true(network_interface_has_address(&n, "lo", &home));
        assert_false(network_interface_has_address(&n, "lo", &elsewhere));
        network_done(&n);
}

static void test_every_address_belongs_to_an_interface(void **state)
{
        Network n;
        assert_int_equal(interfaces_read(&n), 0);
        for (size_t i = 0; i < n.n_addresses; i++) {
                const NetworkAddress *a = &n.addresses[i];
                assert_true(address_is_ip(&a->address));
                assert_true(if_nametoindex(a->interface) > 0);
                assert_string_equal(a->address.scope,
                                    address_is_link_local(&a->address) ? a->interface : "");
        }
        network_done(&n);
}

/* In a network namespace of its own; skipped if this, or such links, are not available. */
static void test_a_whole_has_the_addresses_of_its_parts(void **state)
{
        Address a = address_parse(TRANSPORT_TCP, "10.1.2.3");
        unsigned uid = geteuid();
        Network n;

        if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) < 0)
                skip();
        FILE *map = fopen("/proc/self/uid_map", "we");
        if (!map || fprintf(map, "0 %u 1", uid) < 0 || fclose(map) != 0 ||
            mount("sysfs", "/sys", "sysfs", 0, NULL) < 0 ||
            system("ip link add whole type bridge 2>/dev/null && ip link add part type veth && "
                   "ip link set part master whole && ip address add 10.1.2.3/24 dev part && "
                   "ip link property add dev part altname another") != 0)
                skip();
        assert_int_equal(interfaces_read(&n), 0);
        assert_true(network_interface_has_address(&n, "part", &a));
        assert_true(network_interface_has_address(&n, "whole", &a));
        assert_null(network_primary_address(&n, "whole", ADDRESS_IPV4));
        assert_true(network_interface_has_address(&n, "another", &a)); /* an alternative name */
        network_done(&n);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_loopback),
                cmocka_unit_test(test_every_address_belongs_to_an_interface),
                cmocka_unit_test(test_a_whole_has_the_addresses_of_its_parts),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/interfaces.h"

#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

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

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_loopback),
                cmocka_unit_test(test_every_address_belongs_to_an_interface),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

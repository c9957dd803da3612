/* SPDX-License-Identifier: Apache-2.0 */

#include "model/address.h"

#include <string.h>

#include "base/testing.h"

#define WWN_PAIR "nn-0x20000090fa942779:pn-0x10000090fa942779"

static void test_family(void **state)
{
        static const struct {
                Transport transport;
                const char *s;
                AddressFamily family;
        } cases[] = {
                { TRANSPORT_TCP, NULL, ADDRESS_NONE },
                { TRANSPORT_TCP, "", ADDRESS_NONE },
                { TRANSPORT_TCP, "192.0.2.1", ADDRESS_IPV4 },
                { TRANSPORT_RDMA, "192.0.2.1", ADDRESS_IPV4 },
                { TRANSPORT_TCP, "::ffff:192.0.2.1", ADDRESS_IPV4 },
                { TRANSPORT_TCP, "2001:db8::1", ADDRESS_IPV6 },
                { TRANSPORT_TCP, "[2001:db8::1]", ADDRESS_IPV6 },
                { TRANSPORT_TCP, "fe80::1%eth0", ADDRESS_IPV6 },
                { TRANSPORT_TCP, "[fe80::1%eth0]", ADDRESS_IPV6 },
                { TRANSPORT_TCP, "fe80::1%a-16-bytes-name-", ADDRESS_NAME },
                { TRANSPORT_TCP, "fe80::1%", ADDRESS_NAME },
                { TRANSPORT_TCP, "[2001:db8::1", ADDRESS_NAME },
                { TRANSPORT_TCP, "[]", ADDRESS_NAME },
                { TRANSPORT_TCP, "[", ADDRESS_NAME },
                { TRANSPORT_TCP, "192.0.2", ADDRESS_NAME },
                { TRANSPORT_TCP, "192.0.2.256", ADDRESS_NAME },
                { TRANSPORT_TCP, "192.0.2.1 ", ADDRESS_NAME },
                { TRANSPORT_TCP, "storage.example.com", ADDRESS_NAME },
                { TRANSPORT_TCP, WWN_PAIR, ADDRESS_NAME },
                { TRANSPORT_FC, WWN_PAIR, ADDRESS_FC },
                { TRANSPORT_FC, "nn-20000090fa942779:pn-10000090fa942779", ADDRESS_FC },
                { TRANSPORT_FC, WWN_PAIR "0", ADDRESS_NAME },
                { TRANSPORT_FC, "nn-0x20000090fa942779", ADDRESS_NAME },
                { TRANSPORT_FC, "nn-0x20000090fa94277g:pn-0x10000090fa942779", ADDRESS_NAME },
                { TRANSPORT_FC, "nn-0x2:pn-0x1", ADDRESS_NAME },
                { TRANSPORT_FC, "192.0.2.1", ADDRESS_NAME },
                { TRANSPORT_LOOP, "192.0.2.1", ADDRESS_NAME },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Address a = address_parse(cases[i].transport, cases[i].s);
                assert_int_equal(a.family, cases[i].family);
        }
}

static void test_spellings(void **state)
{
        static const struct {
                Transport transport;
                const char *a, *b;
                bool equal;
        } cases[] = {
                { TRANSPORT_TCP, "2001:db8::1", "2001:0DB8:0:0:0:0:0:1", true },
                { TRANSPORT_TCP, "2001:db8::1", "[2001:db8::1]", true },
                { TRANSPORT_TCP, "2001:db8::1", "2001:db8::0:1", true },
                { TRANSPORT_TCP, "2001:db8::1", "2001:db8::2", false },
                { TRANSPORT_TCP, "192.0.2.1", "::ffff:192.0.2.1", true },
                { TRANSPORT_TCP, "192.0.2.1", "::FFFF:c000:201", true },
                { TRANSPORT_TCP, "192.0.2.1", "::192.0.2.1", false },
                { TRANSPORT_TCP, "fe80::1%eth0", "fe80::1", true }, /* scope: see tid_interface() */
                { TRANSPORT_TCP, "Storage.example", "storage.EXAMPLE", true },
                { TRANSPORT_TCP, "storage.example", "storage.example.com", false },
                { TRANSPORT_FC, WWN_PAIR, "NN-0X20000090FA942779:PN-0X10000090FA942779", true },
                { TRANSPORT_FC, WWN_PAIR, "nn-20000090fa942779:pn-10000090fa942779", true },
                { TRANSPORT_FC, WWN_PAIR, "nn-0x10000090fa942779:pn-0x20000090fa942779", false },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Address a = address_parse(cases[i].transport, cases[i].a);
                Address b = address_parse(cases[i].transport, cases[i].b);
                assert_int_equal(address_compare(&a, &b) == 0, cases[i].equal);
                assert_int_equal(address_compare(&b, &a) == 0, cases[i].equal);
        }
}

static void test_properties(void **state)
{
        static const struct {
                const char *s;
                bool is_ip, is_unspecified, is_link_local;
        } cases[] = {
                { "", false, true, false },
                { "0.0.0.0", true, true, false },
                { "::", true, true, false },
                { "0:0:0:0:0:0:0:0", true, true, false },
                { "::ffff:0.0.0.0", true, true, false },
                { "0.0.0.1", true, false, false },
                { "::1", true, false, false },
                { "fe80::1", true, false, true },
                { "febf::1", true, false, true },
                { "fec0::1", true, false, false },
                { "169.254.0.1", true, false, false },
                { "fe80", false, false, false },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Address a = address_parse(TRANSPORT_TCP, cases[i].s);
                assert_int_equal(address_is_ip(&a), cases[i].is_ip);
                assert_int_equal(address_is_unspecified(&a), cases[i].is_unspecified);
                assert_int_equal(address_is_link_local(&a), cases[i].is_link_local);
        }
}

static void test_scope(void **state)
{
        Address a = address_parse(TRANSPORT_TCP, "fe80::1%enp0s31f6");
        assert_string_equal(a.scope, "enp0s31f6");
        a = address_parse(TRANSPORT_TCP, "[fe80::1%a-15-bytes-name]");
        assert_string_equal(a.scope, "a-15-bytes-name");
        a = address_parse(TRANSPORT_TCP, "fe80::1");
        assert_string_equal(a.scope, "");
}

/* The result of the kernel's parser; NULL if rejected. */
static const struct {
        const char *s, *canonical;
} as_kernel[] = {
        { "192.0.2.1", "192.0.2.1" },
        { "0.0.0.0", "0.0.0.0" },
        { "192.0.2.01", "192.0.2.1" },
        { "0192.000.002.001", "192.0.2.1" }, /* the limit is 16 bytes */
        { "00192.000.002.001", NULL },
        { "192.0.2.010", "192.0.2.10" },
        { "192.0.2.1:", "192.0.2.1" },
        { "192.0.2.1:x", "192.0.2.1" },
        { "192.0.2.1:4420", "192.0.2.1" },
        { "192.0.2.100:4420", "192.0.2.100" },
        { "192.168.2.100:442", NULL }, /* 17 bytes */
        { "192.0.2.1::1", "192.0.2.1" },
        { "192.0.2", NULL },
        { "192.0.2.", NULL },
        { "192.0.2.1.", NULL },
        { "192.0.2.1.5", NULL },
        { "192..2.1", NULL },
        { ".0.2.1", NULL },
        { "192.0.2.256", NULL },
        { "192.0.2.0256", NULL },
        { "192.0.2.1 ", NULL },
        { "192.0.2.1%lo", NULL },
        { "192.0.2.a", NULL },
        { "0x7f.0.0.1", NULL },
        { "2130706433", NULL },
        { "", NULL },
        { "2001:db8::1", "2001:db8::1" },
        { "2001:0DB8:0:0:0:0:0:1", "2001:db8::1" },
        { "2001:db8::00001", "2001:db8::1" },
        { "0002001:db8::1", "2001:db8::1" },
        { "2001:db8::10000", NULL },
        { "2001:db8::1%", "2001:db8::1" },
        { "2001:db8::1%what ever", "2001:db8::1" },
        { "2001:db8::1:", NULL },
        { "2001:db8:::1", NULL },
        { "2001::db8::1", NULL },
        { "::", "::" },
        { "::%", "::" },
        { ":", NULL },
        { ":1", NULL },
        { "1:", NULL },
        { "1::", "1::" },
        { "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
        { "1:2:3:4:5:6:7", NULL },
        { "1:2:3:4:5:6:7:8:9", NULL },
        { "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
        { "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
        { "1::2:3:4:5:6:7:8", NULL },
        { "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304" },
        { "1:2:3:4:5:6:7:1.2.3.4", NULL },
        { "1:2:3:4:5:6::1.2.3.4", NULL },
        { "::1.2.3.4", "::1.2.3.4" },
        { "::01.002.3.4", "::1.2.3.4" },
        { "::ffff:192.0.2.1", "192.0.2.1" },
        { "::ffff:192.0.2.01:4420", "192.0.2.1" },
        { "::ffff:192.0.2.1%eth0", "192.0.2.1" },
        { "::ffff:c000:201", "192.0.2.1" },
        { "::ffff:192.0.2", NULL },
        { "::ffff:192.0.2.1.1", NULL },
        { "2001:db8::1.2.3.4:5%x", "2001:db8::102:304" },
        { "1.2.3.4::", "1.2.3.4" },
        { "[::1]", NULL },
        { "::1 ", NULL },
        { "fe80::1", "fe80::1" },
        { "fe80::1%eth0", "fe80::1%eth0" },
        { "fe80::1%2", "fe80::1%2" },
        { "fe80::1%", NULL },
        { "fe80::1%a%b", "fe80::1%a%b" },
        { "fe80::1%a-15-bytes-name", "fe80::1%a-15-bytes-name" },
        { "fe80::1.2.3.4%eth0", "fe80::102:304%eth0" },
        { "fe80::1.2.3.4:%eth0", "fe80::102:304" },
        { "00000:00000:00000:00000:00000:00000:00000:000001", "::1" }, /* 48 bytes */
        { "00000:00000:00000:00000:00000:00000:00000:0000001", NULL },
        { "storage.example", NULL },
};

static void test_as_the_kernel_reads_it(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(as_kernel); i++) {
                char text[ADDRESS_TEXT_SIZE];
                Address a = address_parse_as_kernel(as_kernel[i].s, strlen(as_kernel[i].s));
                const char *canonical = address_to_text(&a, text);
                assert_int_equal(canonical != NULL, as_kernel[i].canonical != NULL);
                if (canonical)
                        assert_string_equal(canonical, as_kernel[i].canonical);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_family),
                cmocka_unit_test(test_spellings),
                cmocka_unit_test(test_properties),
                cmocka_unit_test(test_scope),
                cmocka_unit_test(test_as_the_kernel_reads_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

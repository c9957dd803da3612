/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/route_message.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "base/testing.h"

#define LOWER_UP (1U << 16)

typedef struct Message {
        struct nlmsghdr header;
        uint8_t body[256];
} Message;

static Message begin(uint16_t type, const void *info, size_t n)
{
        Message m = { .header = { .nlmsg_type = type,
                                  .nlmsg_len = (uint32_t) (NLMSG_LENGTH(0) + NLMSG_ALIGN(n)) } };

        memcpy(m.body, info, n);
        return m;
}

static void attach(Message *m, uint16_t type, const void *data, size_t n)
{
        struct rtattr a = { .rta_type = type, .rta_len = (uint16_t) RTA_LENGTH(n) };
        uint8_t *p = (uint8_t *) m + m->header.nlmsg_len;

        assert_true(m->header.nlmsg_len + RTA_SPACE(n) <= sizeof(*m));
        memcpy(p, &a, sizeof(a));
        memcpy(p + RTA_LENGTH(0), data, n);
        m->header.nlmsg_len += (uint32_t) RTA_SPACE(n);
}

static int decode(const Message *m, RouteMessage *ret)
{
        size_t length = 0;

        int r = route_message_decode((const uint8_t *) m, m->header.nlmsg_len, ret, &length);
        assert_true(r < 0 || length == m->header.nlmsg_len);
        return r;
}

static Message link_message(uint16_t type, unsigned flags, const char *name)
{
        struct ifinfomsg info = { .ifi_index = 5, .ifi_flags = flags };
        Message m = begin(type, &info, sizeof(info));

        attach(&m, IFLA_IFNAME, name, strlen(name) + 1);
        return m;
}

static void test_links(void **state)
{
        RouteMessage r;
        Message m = link_message(RTM_NEWLINK, IFF_UP | LOWER_UP, "eth0.7");

        assert_int_equal(decode(&m, &r), 1);
        assert_int_equal(r.kind, ROUTE_LINK);
        assert_int_equal(r.index, 5);
        assert_string_equal(r.name, "eth0.7");
        assert_true(r.is_running);

        assert_int_equal(r.master, 0);
        assert_false(r.is_answer);

        m = link_message(RTM_NEWLINK, IFF_UP, "eth0"); /* no carrier */
        assert_int_equal(decode(&m, &r), 1);
        assert_false(r.is_running);
        m = link_message(RTM_NEWLINK, LOWER_UP, "eth0");
        assert_int_equal(decode(&m, &r), 1);
        assert_false(r.is_running);
        m = link_message(RTM_DELLINK, IFF_UP, "eth0");
        assert_int_equal(decode(&m, &r), 1);
        assert_int_equal(r.kind, ROUTE_LINK_GONE);
}

static void test_alternative_names(void **state)
{
        static const char *const names[] = { "storage-left", "longer-than-an-interface", "enp1" };
        uint8_t list[128];
        size_t n = 0;
        RouteMessage r;

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                const struct rtattr a = { .rta_type = IFLA_ALT_IFNAME,
                                          .rta_len = (uint16_t) RTA_LENGTH(strlen(names[i]) + 1) };
                memset(list + n, 0, RTA_ALIGN(a.rta_len));
                memcpy(list + n, &a, sizeof(a));
                memcpy(list + n + RTA_LENGTH(0), names[i], strlen(names[i]));
                n += RTA_ALIGN(a.rta_len);
        }
        for (size_t cut = 0; cut <= n; cut++) {
                Message m = link_message(RTM_NEWLINK, IFF_UP, "eth0");

                attach(&m, IFLA_PROP_LIST | NLA_F_NESTED, list, n - cut);
                assert_int_equal(decode(&m, &r), 1);
                assert_string_equal(r.name, "eth0");
                if (cut > 0)
                        continue;
                assert_string_equal(r.others[0], "storage-left");
                assert_string_equal(r.others[1], "enp1");
                assert_string_equal(r.others[2], "");
        }
}

static void test_a_part_of_another_link(void **state)
{
        static const uint32_t master = 9;
        RouteMessage r;
        Message m = link_message(RTM_NEWLINK, IFF_UP, "eth0");

        attach(&m, IFLA_MASTER, &master, sizeof(master));
        m.header.nlmsg_flags = NLM_F_MULTI;
        assert_int_equal(decode(&m, &r), 1);
        assert_int_equal(r.master, 9);
        assert_true(r.is_answer);
}

static void test_names_are_bounded(void **state)
{
        RouteMessage r;
        Message m = link_message(RTM_NEWLINK, IFF_UP, "sixteen-letters-");

        assert_int_equal(decode(&m, &r), -EBADMSG);
        m = link_message(RTM_NEWLINK, IFF_UP, "fifteen-letters");
        assert_int_equal(decode(&m, &r), 1);
        m = link_message(RTM_NEWLINK, IFF_UP, "");
        assert_int_equal(decode(&m, &r), -EBADMSG);
}

static Message address_message(uint16_t type, int family, const char *text, uint32_t flags)
{
        struct ifaddrmsg info = { .ifa_family = (uint8_t) family,
                                  .ifa_prefixlen = 24,
                                  .ifa_index = 6 };
        Message m = begin(type, &info, sizeof(info));
        uint8_t bytes[16];

        assert_int_equal(inet_pton(family, text, bytes), 1);
        attach(&m, IFA_ADDRESS, bytes, family == AF_INET ? 4 : 16);
        attach(&m, IFA_FLAGS, &flags, sizeof(flags));
        return m;
}

static void expect_address(const RouteMessage *r, const char *text)
{
        Address a = address_parse(TRANSPORT_TCP, text);

        assert_int_equal(address_compare(&a, &r->address), 0);
}

static void test_addresses(void **state)
{
        RouteMessage r;
        Message m = address_message(RTM_NEWADDR, AF_INET, "192.0.2.7", IFA_F_PERMANENT);

        assert_int_equal(decode(&m, &r), 1);
        assert_int_equal(r.kind, ROUTE_ADDRESS);
        assert_int_equal(r.index, 6);
        assert_int_equal(r.n_bits, 24);
        expect_address(&r, "192.0.2.7");
        m = address_message(RTM_DELADDR, AF_INET6, "2001:db8::1", 0);
        assert_int_equal(decode(&m, &r), 1);
        assert_int_equal(r.kind, ROUTE_ADDRESS_GONE);
        expect_address(&r, "2001:db8::1");
}

/* It cannot be used before duplicate address detection ends; the kernel sends another message
 * then. */
static void test_an_address_that_is_not_usable_yet(void **state)
{
        RouteMessage r;
        Message m = address_message(RTM_NEWADDR, AF_INET6, "2001:db8::1", IFA_F_TENTATIVE);

        assert_int_equal(decode(&m, &r), 0);
        m = address_message(RTM_NEWADDR, AF_INET6, "2001:db8::1", IFA_F_DADFAILED);
        assert_int_equal(decode(&m, &r), 0);
}

static void test_the_near_end_of_a_point_to_point_link(void **state)
{
        RouteMessage r;
        struct in_addr own;
        Message m = address_message(RTM_NEWADDR, AF_INET, "192.0.2.7", 0);

        assert_int_equal(inet_pton(AF_INET, "192.0.2.8", &own), 1);
        attach(&m, IFA_LOCAL, &own, sizeof(own));
        assert_int_equal(decode(&m, &r), 1);
        expect_address(&r, "192.0.2.8");
}

static Message route_message(int family, uint8_t type, unsigned flags, const char *to, uint8_t bits)
{
        struct rtmsg info = { .rtm_family = (uint8_t) family,
                              .rtm_dst_len = bits,
                              .rtm_type = type,
                              .rtm_flags = flags };
        Message m = begin(RTM_NEWROUTE, &info, sizeof(info));
        uint8_t bytes[16];
        uint32_t index = 9;

        if (to) {
                assert_int_equal(inet_pton(family, to, bytes), 1);
                attach(&m, RTA_DST, bytes, family == AF_INET ? 4 : 16);
        }
        attach(&m, RTA_OIF, &index, sizeof(index));
        return m;
}

static void test_routes(void **state)
{
        RouteMessage r;
        Message m = route_message(AF_INET, RTN_UNICAST, 0, "10.0.0.0", 8);

        assert_int_equal(decode(&m, &r), 1);
        assert_int_equal(r.kind, ROUTE_ROUTE);
        assert_int_equal(r.index, 9);
        assert_int_equal(r.n_bits, 8);
        expect_address(&r, "10.0.0.0");
        m.header.nlmsg_type = RTM_DELROUTE;
        assert_int_equal(decode(&m, &r), 1);
        assert_int_equal(r.kind, ROUTE_ROUTE_GONE);
        expect_address(&r, "10.0.0.0");
        m = route_message(AF_INET6, RTN_UNICAST, 0, NULL, 0); /* the default route */
        assert_int_equal(decode(&m, &r), 1);
        expect_address(&r, "::");
        m = route_message(AF_INET, RTN_LOCAL, 0, "192.0.2.7", 32);
        assert_int_equal(decode(&m, &r), 0);
        m = route_message(AF_INET6, RTN_UNICAST, RTM_F_CLONED, "2001:db8::", 64);
        assert_int_equal(decode(&m, &r), 0);
}

static void test_what_is_cut_off(void **state)
{
        Message m = address_message(RTM_NEWADDR, AF_INET, "192.0.2.7", 0);
        RouteMessage r;
        size_t length;

        for (size_t n = 0; n < m.header.nlmsg_len; n++)
                assert_int_equal(route_message_decode((const uint8_t *) &m, n, &r, &length),
                                 -EBADMSG);
        m.header.nlmsg_len = NLMSG_LENGTH(0) + 4;
        assert_int_equal(route_message_decode((const uint8_t *) &m, sizeof(m), &r, &length),
                         -EBADMSG);
        m.header.nlmsg_len = 3;
        assert_int_equal(route_message_decode((const uint8_t *) &m, sizeof(m), &r, &length),
                         -EBADMSG);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_links),
                cmocka_unit_test(test_a_part_of_another_link),
                cmocka_unit_test(test_alternative_names),
                cmocka_unit_test(test_names_are_bounded),
                cmocka_unit_test(test_addresses),
                cmocka_unit_test(test_an_address_that_is_not_usable_yet),
                cmocka_unit_test(test_the_near_end_of_a_point_to_point_link),
                cmocka_unit_test(test_routes),
                cmocka_unit_test(test_what_is_cut_off),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

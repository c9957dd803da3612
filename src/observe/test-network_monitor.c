/* SPDX-License-Identifier: Apache-2.0 */

/* In a network namespace of its own, whose loopback interface is brought up and given addresses. */

#include "observe/network_monitor.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"

typedef struct Fixture {
        sd_event *event;
        NetworkMonitor *monitor;
        Reachability reached[32];
        size_t n_reached, n_changes;
} Fixture;

static void on_network(const Reachability *reachability, void *userdata)
{
        Fixture *f = userdata;

        if (!reachability) {
                f->n_changes++;
                return;
        }
        assert_true(f->n_reached < ELEMENTSOF(f->reached));
        f->reached[f->n_reached++] = *reachability;
}

static void control(unsigned long request, struct ifreq *r)
{
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        assert_int_equal(ioctl(fd, request, r), 0);
        (void) close(fd);
}

static void set_up_lo(bool up)
{
        struct ifreq r = { .ifr_name = "lo", .ifr_flags = up ? IFF_UP : 0 };

        control(SIOCSIFFLAGS, &r);
}

static void set_address(const char *text)
{
        struct ifreq r = { .ifr_name = "lo" };
        struct sockaddr_in in = { .sin_family = AF_INET };

        assert_int_equal(inet_pton(AF_INET, text, &in.sin_addr), 1);
        memcpy(&r.ifr_addr, &in, sizeof(in));
        control(SIOCSIFADDR, &r);
}

/* Until no more events arrive. */
static void run(Fixture *f)
{
        f->n_reached = f->n_changes = 0;
        while (sd_event_run(f->event, 100 * USEC_PER_MSEC) > 0)
                ;
}

static bool has_link(const Fixture *f, const char *interface)
{
        for (size_t i = 0; i < f->n_reached; i++)
                if (streq(f->reached[i].interface, interface) &&
                    f->reached[i].prefix.family == ADDRESS_NONE)
                        return true;
        return false;
}

static bool has_address(const Fixture *f, const char *interface, const char *text)
{
        Address a = address_parse(TRANSPORT_TCP, text);

        for (size_t i = 0; i < f->n_reached; i++)
                if (streq(f->reached[i].interface, interface) &&
                    address_compare(&f->reached[i].own, &a) == 0 &&
                    address_compare(&f->reached[i].prefix, &a) == 0)
                        return true;
        return false;
}

static void test_a_link_comes_up_and_goes(void **state)
{
        Fixture *f = *state;

        run(f);
        assert_int_equal(f->n_reached + f->n_changes, 0);
        set_up_lo(true);
        run(f);
        assert_true(has_link(f, "lo"));
        assert_true(has_address(f, "lo", "127.0.0.1"));
        assert_true(f->n_changes > 0);
        set_up_lo(false);
        run(f);
        assert_int_equal(f->n_reached, 0);
        set_up_lo(true);
        run(f);
        assert_true(has_link(f, "lo"));
}

static void test_an_address_is_new(void **state)
{
        Fixture *f = *state;

        set_up_lo(true);
        run(f);
        set_address("10.1.2.3");
        run(f);
        assert_true(has_address(f, "lo", "10.1.2.3"));
        assert_false(has_link(f, "lo")); /* it was up before */
        assert_true(f->n_changes > 0);
}

/* Sets up state from before the monitor; the test is skipped without such a tool or link. */
static void command(const char *text)
{
        if (system(text) != 0) /* NOLINT(cert-env33-c) */
                skip();
}

/* One member known from the initial replies, and one that is added later. */
static void test_a_part_that_comes_up_is_the_whole(void **state)
{
        Fixture *f = *state;

        f->monitor = network_monitor_free(f->monitor);
        command("ip link add whole type bridge 2>/dev/null && ip link set whole up && "
                "ip link add part type veth peer name other && ip link set other up && "
                "ip link set part up master whole && ip link add late type veth peer name more && "
                "ip link set more up && ip link set late up");
        assert_int_equal(network_monitor_new(f->event, on_network, f, &f->monitor), 0);
        run(f);
        run(f);
        command("ip address add 10.1.2.3/24 dev part");
        run(f);
        assert_true(has_address(f, "part", "10.1.2.3"));
        assert_true(has_address(f, "whole", "10.1.2.3"));
        assert_false(has_address(f, "late", "10.1.2.3"));

        command("ip link set late master whole");
        run(f);
        assert_true(has_link(f, "late"));
        assert_true(has_link(f, "whole"));
        command("ip link set late nomaster");
        run(f);
        command("ip address add 10.1.3.3/24 dev late");
        run(f);
        assert_true(has_address(f, "late", "10.1.3.3"));
        assert_false(has_address(f, "whole", "10.1.3.3"));
}

/* Same as a router advertisement: only possible via netlink. */
static void renew_address(const char *text)
{
        struct {
                struct nlmsghdr header;
                struct ifaddrmsg info;
                struct rtattr attribute;
                struct in_addr address;
        } m = {
                .header = { .nlmsg_len = sizeof(m),
                            .nlmsg_type = RTM_NEWADDR,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE },
                .info = { .ifa_family = AF_INET,
                          .ifa_prefixlen = 8,
                          .ifa_index = if_nametoindex("lo") },
                .attribute = { .rta_type = IFA_LOCAL, .rta_len = RTA_LENGTH(4) },
        };
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

        assert_int_equal(inet_pton(AF_INET, text, &m.address), 1);
        assert_int_equal(send(fd, &m, sizeof(m), 0), sizeof(m));
        (void) close(fd);
}

static void test_an_address_that_is_renewed_is_no_news(void **state)
{
        Fixture *f = *state;

        set_up_lo(true);
        set_address("10.1.2.3");
        run(f);
        renew_address("10.1.2.3");
        run(f);
        assert_false(has_address(f, "lo", "10.1.2.3"));
        assert_int_equal(f->n_changes, 0);
        set_address("10.1.2.4"); /* it replaces the other one */
        set_address("10.1.2.3");
        run(f);
        assert_true(has_address(f, "lo", "10.1.2.3"));

        /* Same for one that existed before the monitor. */
        (void) network_monitor_free(f->monitor);
        assert_int_equal(network_monitor_new(f->event, on_network, f, &f->monitor), 0);
        renew_address("10.1.2.3");
        run(f);
        assert_false(has_address(f, "lo", "10.1.2.3"));
}

static void change_route(uint16_t type, const char *to)
{
        struct {
                struct nlmsghdr header;
                struct rtmsg info;
                struct rtattr to_attribute;
                struct in_addr to;
                struct rtattr by_attribute;
                uint32_t by;
        } m = {
                .header = { .nlmsg_len = sizeof(m),
                            .nlmsg_type = type,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE },
                .info = { .rtm_family = AF_INET,
                          .rtm_dst_len = 24,
                          .rtm_table = RT_TABLE_MAIN,
                          .rtm_protocol = RTPROT_STATIC,
                          .rtm_scope = RT_SCOPE_LINK,
                          .rtm_type = RTN_UNICAST },
                .to_attribute = { .rta_type = RTA_DST, .rta_len = RTA_LENGTH(4) },
                .by_attribute = { .rta_type = RTA_OIF, .rta_len = RTA_LENGTH(4) },
                .by = if_nametoindex("lo"),
        };
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

        assert_int_equal(inet_pton(AF_INET, to, &m.to), 1);
        assert_int_equal(send(fd, &m, sizeof(m), 0), sizeof(m));
        (void) close(fd);
}

static bool has_route(const Fixture *f, const char *interface, const char *to, unsigned n_bits)
{
        Address a = address_parse(TRANSPORT_TCP, to);

        for (size_t i = 0; i < f->n_reached; i++)
                if (streq(f->reached[i].interface, interface) && f->reached[i].n_bits == n_bits &&
                    f->reached[i].own.family == ADDRESS_NONE &&
                    address_compare(&f->reached[i].prefix, &a) == 0)
                        return true;
        return false;
}

/* Destinations behind the link are reported: the kernel sends no route when the carrier returns. */
static void test_a_link_comes_up_with_its_routes(void **state)
{
        Fixture *f = *state;

        command("ip link add near type veth peer name far 2>/dev/null && ip link set near up && "
                "ip link set far up && ip route add 192.0.2.0/24 dev near");
        run(f);
        assert_true(has_route(f, "near", "192.0.2.0", 24));
        command("ip link set far down");
        run(f);
        assert_int_equal(f->n_reached, 0);
        command("ip link set far up");
        run(f);
        assert_true(has_link(f, "near"));
        assert_true(has_route(f, "near", "192.0.2.0", 24));
}

static void test_a_route_comes_and_goes(void **state)
{
        Fixture *f = *state;

        set_up_lo(true);
        run(f);
        for (int i = 0; i < 2; i++) {
                change_route(RTM_NEWROUTE, "192.0.2.0");
                run(f);
                assert_true(has_route(f, "lo", "192.0.2.0", 24));
                change_route(RTM_DELROUTE, "192.0.2.0");
                run(f);
                assert_int_equal(f->n_reached, 0);
        }
        /* It is removed with its link without a message. */
        for (int i = 0; i < 2; i++) {
                change_route(RTM_NEWROUTE, "192.0.2.0");
                run(f);
                assert_true(has_route(f, "lo", "192.0.2.0", 24));
                set_up_lo(false);
                set_up_lo(true);
                run(f);
        }
}

static int set_up(void **state)
{
        static Fixture f;

        f = (Fixture) { 0 };
        assert_int_equal(unshare(CLONE_NEWNET), 0);
        assert_true(sd_event_new(&f.event) >= 0);
        assert_int_equal(network_monitor_new(f.event, on_network, &f, &f.monitor), 0);
        *state = &f;
        return 0;
}

static int tear_down(void **state)
{
        Fixture *f = *state;

        (void) network_monitor_free(f->monitor);
        (void) sd_event_unref(f->event);
        return 0;
}

/* So that a child program keeps root's privileges. */
static void stay_root(unsigned uid)
{
        FILE *map = fopen("/proc/self/uid_map", "we");

        if (!map)
                return;
        (void) fprintf(map, "0 %u 1", uid);
        (void) fclose(map);
}

int main(void)
{
        unsigned uid = geteuid();
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_a_link_comes_up_and_goes, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_an_address_is_new, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_an_address_that_is_renewed_is_no_news, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_a_route_comes_and_goes, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_a_link_comes_up_with_its_routes, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_a_part_that_comes_up_is_the_whole, set_up,
                                                tear_down),
        };

        if (unshare(CLONE_NEWUSER) < 0 || unshare(CLONE_NEWNET) < 0)
                return 77; /* not permitted here */
        stay_root(uid);
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* In a network namespace of its own: its loopback interface comes up and gets addresses. */

#include "observe/network_monitor.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"

typedef struct Fixture {
        sd_event *event;
        NetworkMonitor *monitor;
        NetworkNews news[32];
        size_t n_news, n_changes;
} Fixture;

static void on_network(const NetworkNews *news, void *userdata)
{
        Fixture *f = userdata;

        if (!news) {
                f->n_changes++;
                return;
        }
        assert_true(f->n_news < ELEMENTSOF(f->news));
        f->news[f->n_news++] = *news;
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

/* Until nothing more comes. */
static void run(Fixture *f)
{
        f->n_news = f->n_changes = 0;
        while (sd_event_run(f->event, 100 * USEC_PER_MSEC) > 0)
                ;
}

static bool has_link(const Fixture *f, const char *interface)
{
        for (size_t i = 0; i < f->n_news; i++)
                if (streq(f->news[i].interface, interface) &&
                    f->news[i].prefix.family == ADDRESS_NONE)
                        return true;
        return false;
}

static bool has_address(const Fixture *f, const char *interface, const char *text)
{
        Address a = address_parse(TRANSPORT_TCP, text);

        for (size_t i = 0; i < f->n_news; i++)
                if (streq(f->news[i].interface, interface) &&
                    address_compare(&f->news[i].own, &a) == 0 &&
                    address_compare(&f->news[i].prefix, &a) == 0)
                        return true;
        return false;
}

static void test_a_link_comes_up_and_goes(void **state)
{
        Fixture *f = *state;

        run(f);
        assert_int_equal(f->n_news + f->n_changes, 0);
        set_up_lo(true);
        run(f);
        assert_true(has_link(f, "lo"));
        assert_true(has_address(f, "lo", "127.0.0.1"));
        assert_true(f->n_changes > 0);
        set_up_lo(false);
        run(f);
        assert_int_equal(f->n_news, 0);
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

/* What is there before the monitor; without such a tool or link the test is skipped. */
static void command(const char *text)
{
        if (system(text) != 0) /* NOLINT(cert-env33-c) */
                skip();
}

/* The one that is known from the answers, and one that becomes a part later. */
static void test_news_of_a_part_are_those_of_the_whole(void **state)
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

/* So that a program that is begun keeps what root may. */
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
                cmocka_unit_test_setup_teardown(test_news_of_a_part_are_those_of_the_whole, set_up,
                                                tear_down),
        };

        if (unshare(CLONE_NEWUSER) < 0 || unshare(CLONE_NEWNET) < 0)
                return 77; /* not allowed here */
        stay_root(uid);
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Uses the kernel's own netlink group, in a network namespace of our own: messages that its owner
 * sends to the kernel are broadcast as if they came from the kernel (lib/kobject_uevent.c). */

#include "observe/uevent_monitor.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/testing.h"

typedef struct Seen {
        unsigned n_events, n_lost;
        Uevent last;
} Seen;

typedef struct Fixture {
        sd_event *event;
        UeventMonitor *monitor;
        int sender;
        Seen seen;
} Fixture;

static bool write_file(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return false;
        bool ok = write(fd, text, strlen(text)) == (ssize_t) strlen(text);
        (void) close(fd);
        return ok;
}

static bool enter_namespace(void)
{
        char map[64];
        (void) snprintf(map, sizeof(map), "0 %u 1", (unsigned) geteuid());
        if (geteuid() == 0)
                return unshare(CLONE_NEWNET) == 0;
        return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 && write_file("/proc/self/uid_map", map);
}

static void on_uevent(const Uevent *uevent, void *userdata)
{
        Seen *seen = userdata;
        if (!uevent) {
                seen->n_lost++;
                return;
        }
        seen->n_events++;
        seen->last = *uevent;
}

static int open_sender(void)
{
        struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
        if (fd >= 0 && connect(fd, (struct sockaddr *) &kernel, sizeof(kernel)) < 0) {
                (void) close(fd);
                return -1;
        }
        return fd;
}

static int setup(void **state)
{
        static Fixture f;
        f = (Fixture) { .sender = open_sender() };
        assert_true(f.sender >= 0);
        assert_int_equal(sd_event_new(&f.event), 0);
        assert_int_equal(uevent_monitor_new(f.event, on_uevent, &f.seen, &f.monitor), 0);
        *state = &f;
        return 0;
}

static int teardown(void **state)
{
        Fixture *f = *state;
        f->monitor = uevent_monitor_free(f->monitor);
        f->event = sd_event_unref(f->event);
        (void) close(f->sender);
        return 0;
}

typedef struct Message {
        struct nlmsghdr header;
        char text[1024];
} Message;

/* Through the kernel, which appends SEQNUM and is the sender. */
static void broadcast(const Fixture *f, const char *text, size_t n)
{
        Message m = { 0 };
        m.header.nlmsg_len = (uint32_t) NLMSG_LENGTH(n);
        m.header.nlmsg_type = NLMSG_MIN_TYPE; /* lower ones are netlink's own messages */
        m.header.nlmsg_flags = NLM_F_REQUEST;
        assert_true(n <= sizeof(m.text));
        memcpy(NLMSG_DATA(&m.header), text, n);
        assert_true(send(f->sender, &m, m.header.nlmsg_len, 0) >= 0);
}

/* Directly to the group: the sender's port is preserved. */
static void forge(const Fixture *f, const char *text, size_t n)
{
        struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = 1 };
        assert_true(sendto(f->sender, text, n, 0, (struct sockaddr *) &group, sizeof(group)) >= 0);
}

/* Until no more events arrive. */
static unsigned dispatch_all(const Fixture *f)
{
        unsigned n = 0;
        while (sd_event_run(f->event, 50000) > 0)
                n++;
        return n;
}

#define AEN                                                                                        \
        "change@/devices/virtual/nvme-fabrics/ctl/nvme3\0SUBSYSTEM=nvme\0DEVNAME=nvme3\0"          \
        "NVME_AEN=0x70f002"
#define BLOCK "add@/devices/x\0SUBSYSTEM=block\0DEVNAME=nvme3n1"

static void test_event_arrives(void **state)
{
        Fixture *f = *state;
        broadcast(f, AEN, sizeof(AEN));
        (void) dispatch_all(f);

        assert_int_equal(f->seen.n_events, 1);
        assert_int_equal(f->seen.n_lost, 0);
        assert_int_equal(f->seen.last.instance, 3);
        assert_int_equal(f->seen.last.aen, NVME_AEN_DISCOVERY_LOG_CHANGED);
}

static void test_other_devices_are_passed_over(void **state)
{
        Fixture *f = *state;
        broadcast(f, BLOCK, sizeof(BLOCK));
        broadcast(f, "nonsense", sizeof("nonsense"));
        broadcast(f, AEN, sizeof(AEN));
        (void) dispatch_all(f);
        assert_int_equal(f->seen.n_events, 1);
        assert_int_equal(f->seen.n_lost, 0);
}

static void test_forged_event_is_ignored(void **state)
{
        Fixture *f = *state;
        forge(f, AEN, sizeof(AEN));
        assert_true(dispatch_all(f) > 0);
        assert_int_equal(f->seen.n_events, 0);
        assert_int_equal(f->seen.n_lost, 0);
}

static void test_one_dispatch_is_bounded(void **state)
{
        Fixture *f = *state;
        /* As many as fit in the smallest receive buffer. */
        for (unsigned i = 0; i < 300; i++)
                broadcast(f, BLOCK, sizeof(BLOCK));
        assert_int_equal(dispatch_all(f), 2);
        assert_int_equal(f->seen.n_lost, 0);
}

static void test_overflow_is_told(void **state)
{
        Fixture *f = *state;
        char filler[1000] = BLOCK;
        broadcast(f, AEN, sizeof(AEN));
        /* More than the buffer holds, each with its overhead in the kernel. */
        for (unsigned i = 0; i < 2 * 16 * 1024; i++)
                broadcast(f, filler, sizeof(filler));
        /* The loss is reported without draining the queue first. */
        assert_in_range(dispatch_all(f), 1, 2);
        assert_int_equal(f->seen.n_lost, 1);
        assert_int_equal(f->seen.n_events, 0);

        /* Reception continues afterwards. */
        broadcast(f, AEN, sizeof(AEN));
        (void) dispatch_all(f);
        assert_int_equal(f->seen.n_events, 1);
        assert_int_equal(f->seen.n_lost, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_event_arrives),           TEST(test_other_devices_are_passed_over),
                TEST(test_forged_event_is_ignored), TEST(test_one_dispatch_is_bounded),
                TEST(test_overflow_is_told),
        };
        if (!enter_namespace()) {
                (void) fprintf(stderr, "no network namespace may be made here\n");
                return 77; /* meson: skipped */
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/uevent_monitor.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/fd.h"

enum {
        UEVENT_GROUP_KERNEL = 1,
        /* The kernel's own message buffer is 2 KiB, plus its header. */
        UEVENT_SIZE = 8192,
        /* Per dispatch, so that a flood does not starve other event sources. */
        UEVENT_BATCH = 256,
        /* All devices of the machine report here. Holds several thousand messages; memory is used
         * only while they are queued. */
        UEVENT_RECEIVE_BUFFER = 16 * 1024 * 1024,
};

struct UeventMonitor {
        sd_event_source *source;
        UeventHandler handler;
        void *userdata;
};

static int set_option(int fd, int option, int value)
{
        return setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int uevent_monitor_open_socket(void)
{
        const struct sockaddr_nl address = {
                .nl_family = AF_NETLINK,
                .nl_groups = UEVENT_GROUP_KERNEL,
        };
        _cleanup_fd_ int fd =
                socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
        if (fd < 0)
                return -errno;

        /* Exceeding net.core.rmem_max requires a capability. Without it, the permitted size is
         * used: an overflow is detected and causes a scan. */
        if (set_option(fd, SO_RCVBUFFORCE, UEVENT_RECEIVE_BUFFER) < 0)
                (void) set_option(fd, SO_RCVBUF, UEVENT_RECEIVE_BUFFER);
        int r = set_option(fd, SO_PASSCRED, 1);
        if (r < 0)
                return r;
        if (bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return fd_take(&fd);
}

static bool is_from_root(struct msghdr *m)
{
        for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
                struct ucred credentials;
                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS ||
                    c->cmsg_len != CMSG_LEN(sizeof(credentials)))
                        continue;
                memcpy(&credentials, CMSG_DATA(c), sizeof(credentials));
                return credentials.uid == 0;
        }
        return false;
}

/* Other programs may send to this group or to our port; only the kernel has port 0. */
static bool is_from_kernel(struct msghdr *m)
{
        const struct sockaddr_nl *sender = m->msg_name;
        return m->msg_namelen == sizeof(*sender) && sender->nl_pid == 0 &&
               sender->nl_groups == UEVENT_GROUP_KERNEL && is_from_root(m);
}

/* Returns 1 if a message was received, valid or not, 0 if there was none, or a negative errno. */
static int uevent_monitor_receive(UeventMonitor *m, int fd)
{
        char data[UEVENT_SIZE];
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(struct ucred))];
        } control;
        struct sockaddr_nl sender = { 0 };
        struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
        struct msghdr message = {
                .msg_name = &sender,
                .msg_namelen = sizeof(sender),
                .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT);
        if (n < 0)
                return errno == EAGAIN ? 0 : errno == EINTR ? 1 : -errno;
        if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || !is_from_kernel(&message))
                return 1;

        Uevent uevent;
        if (uevent_decode(data, (size_t) n, &uevent) == 0)
                m->handler(&uevent, m->userdata);
        return 1;
}

static int uevent_monitor_on_readable(sd_event_source *source, int fd, uint32_t revents,
                                      void *userdata);

static int uevent_monitor_listen_to(UeventMonitor *m, sd_event *event)
{
        _cleanup_(sd_event_source_unrefp) sd_event_source *source = NULL;
        _cleanup_fd_ int fd = uevent_monitor_open_socket();
        if (fd < 0)
                return fd;

        int r = sd_event_add_io(event, &source, fd, EPOLLIN, uevent_monitor_on_readable, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_io_fd_own(source, 1);
        if (r < 0)
                return r;
        (void) fd_take(&fd);
        /* Before timers and requests, so that they see all changes the kernel has reported. */
        r = sd_event_source_set_priority(source, SD_EVENT_PRIORITY_IMPORTANT);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(source, "uevents");
        (void) sd_event_source_disable_unref(m->source);
        m->source = TAKE_PTR(source);
        return 0;
}

/* Queued messages are obsolete once everything is read again, and draining thousands of them would
 * only delay that: a new socket is empty. */
static void start_over(UeventMonitor *m)
{
        (void) uevent_monitor_listen_to(
                m, sd_event_source_get_event(m->source)); /* otherwise the old one remains in use */
        m->handler(NULL, m->userdata);
}

static int uevent_monitor_on_readable(sd_event_source *source, int fd, uint32_t revents,
                                      void *userdata)
{
        UeventMonitor *m = userdata;

        for (unsigned i = 0; i < UEVENT_BATCH; i++) {
                int r = uevent_monitor_receive(m, fd);
                if (r == 0)
                        break;
                if (r > 0)
                        continue;
                start_over(m);
                break;
        }
        return 0;
}

int uevent_monitor_new(sd_event *event, UeventHandler handler, void *userdata, UeventMonitor **ret)
{
        _cleanup_(uevent_monitor_freep) UeventMonitor *m = calloc(1, sizeof(*m));
        if (!m)
                return -ENOMEM;
        m->handler = handler;
        m->userdata = userdata;

        int r = uevent_monitor_listen_to(m, event);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(m);
        return 0;
}

UeventMonitor *uevent_monitor_free(UeventMonitor *m)
{
        if (m)
                (void) sd_event_source_disable_unref(m->source);
        free(m);
        return NULL;
}

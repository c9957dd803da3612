/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/route_dump.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "io/fd.h"

/* The kernel never sends more at once. */
#define DATAGRAM_SIZE 32768

typedef struct Question {
        struct nlmsghdr header;
        union {
                struct ifaddrmsg addresses;
                struct rtmsg routes;
        } body;
        struct rtattr attribute;
        uint32_t index;
} Question;

typedef struct Asker {
        int index; /* of the interface; 0: any */
        RouteHandler handler;
        void *userdata;
} Asker;

static int route_dump_open_socket(void)
{
        const struct timeval patience = { .tv_sec = 1 };
        int on = 1;
        _cleanup_fd_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
                return -errno;
        /* Before 4.20 all routes are returned regardless of the request. */
        (void) setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
        return fd_take(&fd);
}

/* Returns 1 if more follows, 0 at the end of the reply, or a negative errno. */
static int route_dump_take_datagram(const Asker *a, const uint8_t *data, size_t n)
{
        struct nlmsghdr header;
        RouteMessage message;
        size_t length;

        for (; n > 0; data += length, n -= length) {
                int r = route_message_decode(data, n, &message, &length);
                if (r < 0)
                        return r;
                memcpy(&header, data, sizeof(header));
                if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR)
                        return 0;
                if (r > 0 && (a->index == 0 || a->index == message.index))
                        a->handler(&message, a->userdata);
        }
        return 1;
}

static int route_dump_ask(const struct nlmsghdr *question, const Asker *a)
{
        uint8_t data[DATAGRAM_SIZE];
        _cleanup_fd_ int fd = route_dump_open_socket();

        if (fd < 0)
                return fd;
        if (send(fd, question, question->nlmsg_len, 0) < 0)
                return -errno;
        for (int r = 1; r > 0;) {
                ssize_t n = recv(fd, data, sizeof(data), 0);
                if (n < 0)
                        return -errno;
                r = route_dump_take_datagram(a, data, (size_t) n);
                if (r < 0)
                        return r;
        }
        return 0;
}

int route_dump_links(RouteHandler handler, void *userdata)
{
        const Asker a = { .handler = handler, .userdata = userdata };
        const struct {
                struct nlmsghdr header;
                struct ifinfomsg info;
        } q = {
                .header = { .nlmsg_len = sizeof(q),
                            .nlmsg_type = RTM_GETLINK,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
        };

        return route_dump_ask(&q.header, &a);
}

int route_dump_addresses(RouteHandler handler, void *userdata)
{
        const Asker a = { .handler = handler, .userdata = userdata };
        const Question q = {
                .header = { .nlmsg_len = NLMSG_LENGTH(sizeof(q.body.addresses)),
                            .nlmsg_type = RTM_GETADDR,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
        };

        return route_dump_ask(&q.header, &a);
}

int route_dump_routes(int index, RouteHandler handler, void *userdata)
{
        static const uint8_t families[] = { AF_INET, AF_INET6 };
        const Asker a = { .index = index, .handler = handler, .userdata = userdata };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(families); i++) {
                const Question q = {
                        .header = { .nlmsg_len = sizeof(q),
                                    .nlmsg_type = RTM_GETROUTE,
                                    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
                        .body.routes.rtm_family = families[i],
                        .attribute = { .rta_len = RTA_LENGTH(sizeof(q.index)),
                                       .rta_type = RTA_OIF },
                        .index = (uint32_t) index,
                };
                r = route_dump_ask(&q.header, &a);
        }
        return r;
}

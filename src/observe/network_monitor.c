/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/network_monitor.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/text.h"
#include "codec/route_message.h"
#include "io/fd.h"
#include "observe/route_dump.h"

enum {
        /* The kernel never sends more at once. */
        DATAGRAM_SIZE = 32768,
        /* Per dispatch, so that a flood does not starve other event sources. */
        DATAGRAM_BATCH = 64,
        /* If there are more changes in one batch, a single change of everything is reported. */
        CHANGES_MAX = 64,
        /* Beyond this number of addresses and routes each message is reported as a change. */
        KNOWN_MAX = 1024,
};

typedef struct Link {
        int index, master; /* master: 0: none */
        char name[ADDRESS_SCOPE_SIZE];
        char others[ROUTE_OTHER_NAMES_MAX][ADDRESS_SCOPE_SIZE];
        bool is_running;
} Link;

typedef struct Known { /* an address of an interface, or a route through it */
        RouteMessageKind kind;
        int index;
        Address address;
        unsigned n_bits;
} Known;

struct NetworkMonitor {
        sd_event_source *source;
        NetworkHandler handler;
        void *userdata;
        Link *links; /* seen so far */
        size_t n_links, n_links_allocated;
        Known *known; /* currently present, as far as reported */
        size_t n_known, n_known_allocated;
        Reachability changes[CHANGES_MAX]; /* in this batch */
        size_t n_changes;
        bool addresses_changed;
};

static int network_monitor_open_socket(void)
{
        const struct sockaddr_nl address = {
                .nl_family = AF_NETLINK,
                .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
                             RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
        };
        _cleanup_fd_ int fd =
                socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

        if (fd < 0 || bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return fd_take(&fd);
}

/* Requests the existing links; the replies are handled like any other message. On failure, a link
 * becomes known with its first message. */
static void ask_links(int fd)
{
        const struct {
                struct nlmsghdr header;
                struct ifinfomsg info;
        } question = {
                .header = { .nlmsg_len = sizeof(question),
                            .nlmsg_type = RTM_GETLINK,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
        };

        (void) send(fd, &question, sizeof(question), MSG_DONTWAIT);
}

static void add_change(NetworkMonitor *m, const Reachability *change)
{
        if (m->n_changes == CHANGES_MAX) {
                m->changes[0] = (Reachability) { 0 };
                m->n_changes = 1;
                return;
        }
        m->changes[m->n_changes++] = *change;
}

static Link *find_link(NetworkMonitor *m, int index)
{
        for (size_t i = 0; i < m->n_links; i++)
                if (m->links[i].index == index)
                        return &m->links[i];
        return NULL;
}

/* interface: "" if it has been removed again, or there are several. */
static void network_monitor_find_name(NetworkMonitor *m, int index,
                                      char interface[static IF_NAMESIZE])
{
        const Link *l = find_link(m, index);

        if (l)
                memcpy(interface, l->name, sizeof(l->name));
        else if (index <= 0 || !if_indextoname((unsigned) index, interface))
                interface[0] = '\0';
}

/* Users of a bond, a bridge or a VRF also wait for changes of its members. */
static void add_change_of(NetworkMonitor *m, int index, Reachability *change)
{
        const Link *l;

        for (size_t depth = 0; depth <= m->n_links; depth++) {
                network_monitor_find_name(m, index, change->interface);
                add_change(m, change);
                l = find_link(m, index);
                if (!l || l->master == 0)
                        break;
                index = l->master;
        }
}

static Known *find_known(NetworkMonitor *m, RouteMessageKind kind, const RouteMessage *r)
{
        for (size_t i = 0; i < m->n_known; i++) {
                Known *k = &m->known[i];
                if (k->kind == kind && k->index == r->index && k->n_bits == r->n_bits &&
                    address_compare(&k->address, &r->address) == 0)
                        return k;
        }
        return NULL;
}

/* Returns true if it is new. Addresses and routes renewed by router advertisements or DHCP are
 * reported again and again. */
static bool learn(NetworkMonitor *m, const RouteMessage *r)
{
        if (find_known(m, r->kind, r))
                return false;
        if (m->n_known < KNOWN_MAX &&
            ARRAY_RESERVE(m->known, m->n_known_allocated, m->n_known + 1) == 0)
                m->known[m->n_known++] = (Known) { r->kind, r->index, r->address, r->n_bits };
        return true;
}

static void forget(NetworkMonitor *m, RouteMessageKind kind, const RouteMessage *r)
{
        Known *k = find_known(m, kind, r);

        if (k)
                *k = m->known[--m->n_known];
}

/* The kernel does not report each route that is removed with its link. */
static void forget_link(NetworkMonitor *m, int index, bool addresses_too)
{
        for (size_t i = m->n_known; i-- > 0;)
                if (m->known[i].index == index &&
                    (addresses_too || m->known[i].kind == ROUTE_ROUTE))
                        m->known[i] = m->known[--m->n_known];
}

static void on_known(const RouteMessage *r, void *userdata)
{
        (void) learn(userdata, r);
}

static void on_reachable(NetworkMonitor *m, const RouteMessage *r)
{
        Reachability change = { .prefix = r->address, .n_bits = r->n_bits };

        if (!learn(m, r))
                return;
        if (r->kind == ROUTE_ADDRESS) {
                change.own = r->address;
                m->addresses_changed = true;
        }
        add_change_of(m, r->index, &change);
}

static void on_route(const RouteMessage *r, void *userdata)
{
        on_reachable(userdata, r);
}

/* The kernel reports a link whenever any property changes. The first message about an unknown link
 * is treated as a change. */
static void on_link(NetworkMonitor *m, const RouteMessage *r)
{
        Link *l = find_link(m, r->index);
        bool is_renamed = !l || !streq(l->name, r->name) ||
                          memcmp(l->others, r->others, sizeof(l->others)) != 0,
             is_moved = !l || l->master != r->master;
        bool is_news = r->is_running && (is_renamed || is_moved || !l->is_running);

        if (is_news || !r->is_running)
                forget_link(m, r->index, false);

        if (!l && ARRAY_RESERVE(m->links, m->n_links_allocated, m->n_links + 1) == 0)
                l = &m->links[m->n_links++];
        if (l) {
                *l = (Link) { r->index, r->master, .is_running = r->is_running };
                memcpy(l->name, r->name, sizeof(l->name));
                memcpy(l->others, r->others, sizeof(l->others));
        }
        if (r->is_answer)
                return;
        m->addresses_changed = m->addresses_changed || is_renamed || is_moved;
        if (!is_news)
                return;
        add_change_of(m, r->index, &(Reachability) { 0 });
        (void) route_dump_routes(r->index, on_route, m); /* added along with the link */
}

static void on_link_gone(NetworkMonitor *m, int index)
{
        Link *l = find_link(m, index);

        forget_link(m, index, true);
        m->addresses_changed = true;
        if (l)
                *l = m->links[--m->n_links];
}

static void take_message(NetworkMonitor *m, const RouteMessage *r)
{
        switch (r->kind) {
        case ROUTE_LINK:
                on_link(m, r);
                return;
        case ROUTE_LINK_GONE:
                on_link_gone(m, r->index);
                return;
        case ROUTE_ADDRESS_GONE:
                m->addresses_changed = true;
                forget(m, ROUTE_ADDRESS, r);
                return;
        case ROUTE_ROUTE_GONE:
                forget(m, ROUTE_ROUTE, r);
                return;
        case ROUTE_ADDRESS:
        case ROUTE_ROUTE:
                on_reachable(m, r);
                return;
        }
}

static void network_monitor_take_datagram(NetworkMonitor *m, const uint8_t *data, size_t n)
{
        RouteMessage message;
        size_t length;

        for (int r; n > 0; data += length, n -= length) {
                r = route_message_decode(data, n, &message, &length);
                if (r < 0)
                        return;
                if (r > 0)
                        take_message(m, &message);
        }
}

/* Returns 1 if there may be more, 0 if nothing is pending, or a negative errno. */
static int network_monitor_receive(NetworkMonitor *m, int fd)
{
        uint8_t data[DATAGRAM_SIZE];
        struct sockaddr_nl sender = { 0 };
        socklen_t size = sizeof(sender);
        ssize_t n =
                recvfrom(fd, data, sizeof(data), MSG_DONTWAIT, (struct sockaddr *) &sender, &size);

        if (n < 0)
                return errno == EAGAIN ? 0 : errno == EINTR ? 1 : -errno;
        if (sender.nl_pid == 0) /* from the kernel */
                network_monitor_take_datagram(m, data, (size_t) n);
        return 1;
}

static void network_monitor_tell(NetworkMonitor *m)
{
        if (m->addresses_changed)
                m->handler(NULL, m->userdata);
        for (size_t i = 0; i < m->n_changes; i++)
                m->handler(&m->changes[i], m->userdata);
        m->n_changes = 0;
        m->addresses_changed = false;
}

static int network_monitor_on_readable(sd_event_source *source, int fd, uint32_t revents,
                                       void *userdata)
{
        NetworkMonitor *m = userdata;

        for (unsigned i = 0; i < DATAGRAM_BATCH; i++) {
                int r = network_monitor_receive(m, fd);
                if (r == 0)
                        break;
                if (r > 0)
                        continue;
                /* Messages were lost: anything may have changed. */
                m->addresses_changed = true;
                add_change(m, &(Reachability) { 0 });
                if (r != -ENOBUFS)
                        break;
                ask_links(fd);
        }
        network_monitor_tell(m);
        return 0;
}

int network_monitor_new(sd_event *event, NetworkHandler handler, void *userdata,
                        NetworkMonitor **ret)
{
        _cleanup_(network_monitor_freep) NetworkMonitor *m = calloc(1, sizeof(*m));
        if (!m)
                return -ENOMEM;
        m->handler = handler;
        m->userdata = userdata;

        _cleanup_fd_ int fd = network_monitor_open_socket();
        if (fd < 0)
                return fd;
        ask_links(fd);
        int r = sd_event_add_io(event, &m->source, fd, EPOLLIN, network_monitor_on_readable, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_io_fd_own(m->source, 1);
        if (r < 0)
                return r;
        (void) fd_take(&fd);
        (void) sd_event_source_set_description(m->source, "network");
        (void) route_dump_addresses(on_known, m);
        *ret = TAKE_PTR(m);
        return 0;
}

NetworkMonitor *network_monitor_free(NetworkMonitor *m)
{
        if (!m)
                return NULL;
        (void) sd_event_source_disable_unref(m->source);
        free(m->links);
        free(m->known);
        free(m);
        return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/route_message.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

/* From <linux/if.h>, which conflicts with <net/if.h>. */
#define FLAG_LOWER_UP (1U << 16)

typedef struct Attribute {
        const uint8_t *data; /* NULL if missing */
        size_t n;
} Attribute;

typedef struct Body { /* of a message, after the netlink header */
        const uint8_t *data;
        size_t n;
} Body;

static Attribute find_attribute(const Body *b, size_t offset, unsigned type)
{
        struct rtattr a;

        while (offset < b->n && b->n - offset >= sizeof(a)) {
                memcpy(&a, b->data + offset, sizeof(a));
                if (a.rta_len < sizeof(a) || a.rta_len > b->n - offset)
                        break;
                if ((a.rta_type & NLA_TYPE_MASK) == type)
                        return (Attribute) { b->data + offset + RTA_LENGTH(0),
                                             a.rta_len - RTA_LENGTH(0) };
                offset += RTA_ALIGN(a.rta_len);
        }
        return (Attribute) { 0 };
}

static void copy_name(Attribute a, char ret[static ADDRESS_SCOPE_SIZE])
{
        size_t length = strnlen((const char *) a.data, a.n);

        if (length < ADDRESS_SCOPE_SIZE)
                memcpy(ret, a.data, length);
}

/* Longer ones cannot be passed to the kernel as the interface of a connection. */
static void find_other_names(Attribute list, RouteMessage *m)
{
        struct rtattr a;
        size_t n = 0;

        for (size_t i = 0; n < ROUTE_OTHER_NAMES_MAX && i < list.n && list.n - i >= sizeof(a);) {
                memcpy(&a, list.data + i, sizeof(a));
                if (a.rta_len < sizeof(a) || a.rta_len > list.n - i)
                        return;
                if ((a.rta_type & NLA_TYPE_MASK) == IFLA_ALT_IFNAME)
                        copy_name((Attribute) { list.data + i + RTA_LENGTH(0),
                                                a.rta_len - RTA_LENGTH(0) },
                                  m->others[n]);
                n += *m->others[n] != '\0';
                i += RTA_ALIGN(a.rta_len);
        }
}

static uint32_t get_u32(Attribute a, uint32_t otherwise)
{
        uint32_t value;

        if (a.n != sizeof(value))
                return otherwise;
        memcpy(&value, a.data, sizeof(value));
        return value;
}

/* Converted via text like everywhere else, so that IPv4-mapped addresses are handled in one
 * place. */
static Address make_address(int family, Attribute a)
{
        char text[INET6_ADDRSTRLEN];

        if (a.n != (family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr)) ||
            !inet_ntop(family, a.data, text, sizeof(text)))
                return (Address) { .family = ADDRESS_NONE };
        return address_parse(TRANSPORT_TCP, text);
}

static int decode_link(const Body *b, bool is_new, RouteMessage *m)
{
        struct ifinfomsg info;

        if (b->n < sizeof(info))
                return -EBADMSG;
        memcpy(&info, b->data, sizeof(info));
        if (info.ifi_family != AF_UNSPEC)
                return 0; /* a port as seen by its bridge */
        Attribute name = find_attribute(b, NLMSG_ALIGN(sizeof(info)), IFLA_IFNAME);
        size_t length = name.data ? strnlen((const char *) name.data, name.n) : 0;
        if (length == 0 || length >= sizeof(m->name))
                return -EBADMSG;

        m->kind = is_new ? ROUTE_LINK : ROUTE_LINK_GONE;
        m->index = info.ifi_index;
        m->is_running = info.ifi_flags & IFF_UP && info.ifi_flags & FLAG_LOWER_UP;
        m->master = (int) get_u32(find_attribute(b, NLMSG_ALIGN(sizeof(info)), IFLA_MASTER), 0);
        memcpy(m->name, name.data, length);
        find_other_names(find_attribute(b, NLMSG_ALIGN(sizeof(info)), IFLA_PROP_LIST), m);
        return 1;
}

static int decode_address(const Body *b, bool is_new, RouteMessage *m)
{
        struct ifaddrmsg info;

        if (b->n < sizeof(info))
                return -EBADMSG;
        memcpy(&info, b->data, sizeof(info));
        if (info.ifa_family != AF_INET && info.ifa_family != AF_INET6)
                return 0;
        size_t offset = NLMSG_ALIGN(sizeof(info));
        uint32_t flags = get_u32(find_attribute(b, offset, IFA_FLAGS), info.ifa_flags);
        if (is_new && flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED))
                return 0;

        /* On a point-to-point link IFA_ADDRESS is the address of the peer. */
        Attribute own = find_attribute(b, offset, IFA_LOCAL);
        m->kind = is_new ? ROUTE_ADDRESS : ROUTE_ADDRESS_GONE;
        m->index = (int) info.ifa_index;
        m->address = make_address(info.ifa_family,
                                  own.data ? own : find_attribute(b, offset, IFA_ADDRESS));
        m->n_bits = info.ifa_prefixlen;
        return m->address.family != ADDRESS_NONE ? 1 : -EBADMSG;
}

static int decode_route(const Body *b, bool is_new, RouteMessage *m)
{
        static const uint8_t everywhere[sizeof(struct in6_addr)];
        struct rtmsg info;

        if (b->n < sizeof(info))
                return -EBADMSG;
        memcpy(&info, b->data, sizeof(info));
        if ((info.rtm_family != AF_INET && info.rtm_family != AF_INET6) ||
            info.rtm_type != RTN_UNICAST || info.rtm_flags & RTM_F_CLONED)
                return 0;

        bool is_v4 = info.rtm_family == AF_INET;
        size_t offset = NLMSG_ALIGN(sizeof(info));
        Attribute to = find_attribute(b, offset, RTA_DST);
        if (!to.data)
                to = (Attribute) { everywhere,
                                   is_v4 ? sizeof(struct in_addr) : sizeof(everywhere) };
        m->kind = is_new ? ROUTE_ROUTE : ROUTE_ROUTE_GONE;
        m->index = (int) get_u32(find_attribute(b, offset, RTA_OIF), 0);
        m->address = make_address(info.rtm_family, to);
        m->n_bits = info.rtm_dst_len;
        return m->address.family != ADDRESS_NONE ? 1 : -EBADMSG;
}

static int decode_body(unsigned type, const Body *b, RouteMessage *m)
{
        switch (type) {
        case RTM_NEWLINK:
        case RTM_DELLINK:
                return decode_link(b, type == RTM_NEWLINK, m);
        case RTM_NEWADDR:
        case RTM_DELADDR:
                return decode_address(b, type == RTM_NEWADDR, m);
        case RTM_NEWROUTE:
        case RTM_DELROUTE:
                return decode_route(b, type == RTM_NEWROUTE, m);
        default:
                return 0;
        }
}

int route_message_decode(const uint8_t *data, size_t n, RouteMessage *ret, size_t *ret_length)
{
        struct nlmsghdr header;
        RouteMessage m = { 0 };

        if (n < sizeof(header))
                return -EBADMSG;
        memcpy(&header, data, sizeof(header));
        if (header.nlmsg_len < NLMSG_LENGTH(0) || header.nlmsg_len > n)
                return -EBADMSG;

        m.is_answer = header.nlmsg_flags & NLM_F_MULTI;
        Body body = { data + NLMSG_LENGTH(0), header.nlmsg_len - NLMSG_LENGTH(0) };
        int r = decode_body(header.nlmsg_type, &body, &m);
        if (r < 0)
                return r;
        if (r > 0)
                *ret = m;
        *ret_length = MIN((size_t) NLMSG_ALIGN(header.nlmsg_len), n);
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/interfaces.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

/* By its text, so that there is one place that knows an IPv4-mapped address from an IPv6 one. */
static Address address_from_sockaddr(const struct sockaddr *sa)
{
        char text[INET6_ADDRSTRLEN] = "";

        if (sa->sa_family == AF_INET) {
                struct sockaddr_in in;
                memcpy(&in, sa, sizeof(in));
                (void) inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
        } else if (sa->sa_family == AF_INET6) {
                struct sockaddr_in6 in6;
                memcpy(&in6, sa, sizeof(in6));
                (void) inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof(text));
        }
        return address_parse(TRANSPORT_TCP, text);
}

static int add_all(const struct ifaddrs *list, Network *n)
{
        /* The kernel lists an interface's primary address before its secondary ones. */
        for (const struct ifaddrs *i = list; i; i = i->ifa_next) {
                if (!i->ifa_addr)
                        continue;
                Address a = address_from_sockaddr(i->ifa_addr);
                if (!address_is_ip(&a))
                        continue;
                if (address_is_link_local(&a))
                        (void) strncpy(a.scope, i->ifa_name, sizeof(a.scope) - 1);
                int r = network_add(n, i->ifa_name, &a);
                if (r < 0)
                        return r;
        }
        return 0;
}

int interfaces_read(Network *ret)
{
        struct ifaddrs *list;
        Network n = { 0 };

        if (getifaddrs(&list) < 0)
                return -errno;
        int r = add_all(list, &n);
        freeifaddrs(list);
        if (r < 0) {
                network_done(&n);
                return r;
        }
        *ret = n;
        return 0;
}

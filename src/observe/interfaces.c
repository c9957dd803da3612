/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/interfaces.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "observe/route_dump.h"

/* Maximum nesting of interfaces: the kernel's limit. */
#define WHOLES_MAX 8

/* Converts via text, so that IPv4-mapped addresses are recognized in one place only. */
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

/* Finds the name of the master interface. */
static bool find_whole(char interface[static ADDRESS_SCOPE_SIZE])
{
        char link[64], target[256];

        (void) snprintf(link, sizeof(link), "/sys/class/net/%s/master", interface);
        ssize_t n = readlink(link, target, sizeof(target) - 1);
        if (n < 0)
                return false;
        target[n] = '\0';
        const char *slash = strrchr(target, '/'), *name = slash ? slash + 1 : target;
        if (strlen(name) >= ADDRESS_SCOPE_SIZE)
                return false;
        memcpy(interface, name, strlen(name) + 1);
        return true;
}

static int interfaces_add(Network *n, const char *name, const Address *a)
{
        char interface[ADDRESS_SCOPE_SIZE] = "";
        int r = network_add(n, name, a);

        (void) strncpy(interface, name, sizeof(interface) - 1);
        /* For example, a bridge in a VRF. Cycles do not exist, but may be observed while the
         * hierarchy changes. */
        for (unsigned i = 0; r >= 0 && i < WHOLES_MAX && find_whole(interface); i++)
                r = network_add_to_whole(n, interface, a);
        return r;
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
                int r = interfaces_add(n, i->ifa_name, &a);
                if (r < 0)
                        return r;
        }
        return 0;
}

typedef struct Aliases {
        Network *n;
        int error;
} Aliases;

static void add_aliases(const RouteMessage *link, void *userdata)
{
        char index[16];
        Aliases *a = userdata;

        if (link->kind != ROUTE_LINK || a->error < 0)
                return;
        (void) snprintf(index, sizeof(index), "%i", link->index);
        a->error = network_add_alias(a->n, index, link->name);
        for (size_t i = 0; a->error >= 0 && i < ROUTE_OTHER_NAMES_MAX && *link->others[i]; i++)
                a->error = network_add_alias(a->n, link->others[i], link->name);
}

int interfaces_read(Network *ret)
{
        struct ifaddrs *list;
        Network n = { 0 };

        if (getifaddrs(&list) < 0)
                return -errno;
        int r = add_all(list, &n);
        freeifaddrs(list);
        if (r >= 0) {
                Aliases a = { .n = &n };
                (void) route_dump_links(add_aliases, &a); /* if it fails, names are as written */
                r = a.error;
        }
        if (r < 0) {
                network_done(&n);
                return r;
        }
        *ret = n;
        return 0;
}

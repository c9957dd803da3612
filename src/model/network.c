/* SPDX-License-Identifier: Apache-2.0 */

#include "model/network.h"

#include "base/array.h"
#include "base/text.h"

static int network_put(Network *n, const char *interface, const Address *address, bool of_part)
{
        size_t length = strlen(interface);
        if (length >= ADDRESS_SCOPE_SIZE)
                return -EINVAL;
        if (ARRAY_RESERVE(n->addresses, n->n_allocated, n->n_addresses + 1) < 0)
                return -ENOMEM;

        NetworkAddress *a = &n->addresses[n->n_addresses++];
        *a = (NetworkAddress) { .address = *address, .of_part = of_part };
        memcpy(a->interface, interface, length + 1);
        return 0;
}

int network_add(Network *n, const char *interface, const Address *address)
{
        return network_put(n, interface, address, false);
}

int network_add_to_whole(Network *n, const char *whole, const Address *address)
{
        return network_put(n, whole, address, true);
}

int network_add_alias(Network *n, const char *alias, const char *interface)
{
        InterfaceAlias a = { 0 };

        if (strlen(alias) >= sizeof(a.alias) || strlen(interface) >= sizeof(a.interface))
                return -EINVAL;
        if (ARRAY_RESERVE(n->aliases, n->n_aliases_allocated, n->n_aliases + 1) < 0)
                return -ENOMEM;
        memcpy(a.alias, alias, strlen(alias));
        memcpy(a.interface, interface, strlen(interface));
        n->aliases[n->n_aliases++] = a;
        return 0;
}

/* The name of an interface takes precedence, even if it is a number. */
const char *network_interface(const Network *n, const char *name)
{
        const char *found = name;

        for (size_t i = 0; i < n->n_aliases; i++) {
                if (streq(n->aliases[i].interface, name))
                        return name;
                if (streq(n->aliases[i].alias, name))
                        found = n->aliases[i].interface;
        }
        return found;
}

bool network_is_same_interface(const Network *n, const char *a, const char *b)
{
        return streq(a, b) || streq(network_interface(n, a), network_interface(n, b));
}

bool network_interface_has_address(const Network *n, const char *interface, const Address *a)
{
        interface = network_interface(n, interface);
        for (size_t i = 0; i < n->n_addresses; i++)
                if (streq(n->addresses[i].interface, interface) &&
                    address_compare(&n->addresses[i].address, a) == 0)
                        return true;
        return false;
}

const Address *network_primary_address(const Network *n, const char *interface, AddressFamily f)
{
        interface = network_interface(n, interface);
        for (size_t i = 0; i < n->n_addresses; i++)
                if (n->addresses[i].address.family == f && !n->addresses[i].of_part &&
                    streq(n->addresses[i].interface, interface))
                        return &n->addresses[i].address;
        return NULL;
}

static bool has_prefix(const Address *a, const Address *prefix, unsigned n_bits)
{
        unsigned size = prefix->family == ADDRESS_IPV4 ? 4 : 16;
        unsigned n_bytes = MIN(n_bits / 8, size), n_left = n_bytes < size ? n_bits % 8 : 0;

        if (a->family != prefix->family || memcmp(a->bytes, prefix->bytes, n_bytes) != 0)
                return false;
        return n_left == 0 || (a->bytes[n_bytes] ^ prefix->bytes[n_bytes]) >> (8 - n_left) == 0;
}

static bool is_bound_to(const Tid *t, const char *link, const Network *network)
{
        return network_is_same_interface(network, tid_interface(t), link) ||
               (t->host_address.family != ADDRESS_NONE &&
                network_interface_has_address(network, link, &t->host_address));
}

/* A connection bound to the interface needs any address of its family, one bound to an address
 * needs that address, and all others need a matching prefix. */
bool reachability_concerns(const Reachability *reachability, const Tid *t, const Network *network)
{
        const char *interface = tid_interface(t);
        bool is_bound = *interface || t->host_address.family != ADDRESS_NONE;

        if (t->transport != TRANSPORT_TCP && t->transport != TRANSPORT_RDMA)
                return false;
        if (*reachability->interface && *interface &&
            !network_is_same_interface(network, reachability->interface, interface))
                return false;
        if (reachability->prefix.family == ADDRESS_NONE)
                return !*reachability->interface ||
                       is_bound_to(t, reachability->interface, network);
        if (reachability->prefix.family != t->address.family)
                return false;
        if (is_bound && reachability->own.family != ADDRESS_NONE)
                return t->host_address.family == ADDRESS_NONE ||
                       address_compare(&reachability->own, &t->host_address) == 0;
        return has_prefix(&t->address, &reachability->prefix, reachability->n_bits);
}

size_t network_count_ipv4_interfaces(const Network *n)
{
        size_t count = 0;

        for (size_t i = 0; i < n->n_addresses; i++) {
                const NetworkAddress *a = &n->addresses[i];
                if (a->address.family == ADDRESS_IPV4 && a->address.bytes[0] != 127 &&
                    network_primary_address(n, a->interface, ADDRESS_IPV4) == &a->address)
                        count++;
        }
        return count;
}

void network_done(Network *n)
{
        free(n->addresses);
        free(n->aliases);
        *n = (Network) { 0 };
}

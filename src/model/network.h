/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The host's interfaces and their addresses: what matching needs to know of the network. */

#include "base/macro.h"
#include "model/address.h"
#include "model/tid.h"

typedef struct NetworkAddress {
        char interface[ADDRESS_SCOPE_SIZE];
        Address address;
        bool of_part; /* it is that of an interface which is a part of this one */
} NetworkAddress;

typedef struct Network {
        NetworkAddress *addresses; /* an interface's primary address stands before its others */
        size_t n_addresses, n_allocated;
} Network;

/* Something has come up: what goes by the interface to an address with that prefix may be reachable
 * now. */
typedef struct Reachability {
        char interface[ADDRESS_SCOPE_SIZE]; /* "": any */
        Address prefix;                     /* ADDRESS_NONE: any */
        unsigned n_bits;                    /* of it that count */
        Address own; /* the news is that this is an address of the interface; ADDRESS_NONE: not */
} Reachability;

/* May a connection from and to where the TID says be possible because of it? A link that came up
 * concerns what is bound to it, or to an address of it; what else goes by it is told as news of its
 * routes. */
bool reachability_concerns(const Reachability *reachability, const Tid *t, const Network *network);

/* 0, -EINVAL (no interface has so long a name) or -ENOMEM. */
int network_add(Network *n, const char *interface, const Address *address);
/* Likewise, for the bond, bridge or VRF that the address's interface is a part of. */
int network_add_to_whole(Network *n, const char *whole, const Address *address);
/* Its own or that of a part of it. */
bool network_interface_has_address(const Network *n, const char *interface, const Address *a);
/* The interface's own first address of the family, or NULL. */
const Address *network_primary_address(const Network *n, const char *interface, AddressFamily f);
/* How many interfaces have an IPv4 address that others can reach. */
size_t network_count_ipv4_interfaces(const Network *n);
void network_done(Network *n);

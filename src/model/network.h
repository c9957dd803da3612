/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The interfaces of the host and their addresses, as far as matching needs them. */

#include "base/macro.h"
#include "model/address.h"
#include "model/tid.h"

typedef struct NetworkAddress {
        char interface[ADDRESS_SCOPE_SIZE];
        Address address;
        bool of_part; /* address of an interface that is part of this one */
} NetworkAddress;

typedef struct Network {
        NetworkAddress *addresses; /* the primary address of an interface precedes its other ones */
        size_t n_addresses, n_allocated;
} Network;

/* Something has come up: addresses with this prefix may now be reachable through the interface. */
typedef struct Reachability {
        char interface[ADDRESS_SCOPE_SIZE]; /* "": any */
        Address prefix;                     /* ADDRESS_NONE: any */
        unsigned n_bits;                    /* prefix length */
        Address own; /* the event is the addition of this address to the interface; ADDRESS_NONE if
                        not */
} Reachability;

/* Returns true if the event may make possible a connection between the addresses in the TID. A link
 * that came up concerns connections bound to it or to one of its addresses; any others that use it
 * are covered by the events of its routes. */
bool reachability_concerns(const Reachability *reachability, const Tid *t, const Network *network);

/* Returns 0, -EINVAL (longer than any interface name) or -ENOMEM. */
int network_add(Network *n, const char *interface, const Address *address);
/* The same, for the bond, bridge or VRF that contains the interface of the address. */
int network_add_to_whole(Network *n, const char *whole, const Address *address);
/* Returns true for its own addresses and those of its parts. */
bool network_interface_has_address(const Network *n, const char *interface, const Address *a);
/* Returns the interface's own first address of the family, or NULL. */
const Address *network_primary_address(const Network *n, const char *interface, AddressFamily f);
/* Returns the number of interfaces with an IPv4 address that is reachable from other hosts. */
size_t network_count_ipv4_interfaces(const Network *n);
void network_done(Network *n);

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

/* Another name of an interface: an alternative one, or its index as a number. The kernel accepts
 * both as the scope of an address, and an alternative name wherever it accepts the name. */
typedef struct InterfaceAlias {
        char alias[ADDRESS_SCOPE_SIZE], interface[ADDRESS_SCOPE_SIZE];
} InterfaceAlias;

typedef struct Network {
        NetworkAddress *addresses; /* the primary address of an interface precedes its other ones */
        size_t n_addresses, n_allocated;
        InterfaceAlias *aliases;
        size_t n_aliases, n_aliases_allocated;
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
/* Returns 0, -EINVAL (one of them is longer than any interface name) or -ENOMEM. */
int network_add_alias(Network *n, const char *alias, const char *interface);
/* Returns the name of the interface with this name or alias; the argument itself if there is none.
 * The functions that take an interface accept either. */
const char *network_interface(const Network *n, const char *name);
bool network_is_same_interface(const Network *n, const char *a, const char *b);
/* Returns true for its own addresses and those of its parts. */
bool network_interface_has_address(const Network *n, const char *interface, const Address *a);
/* Returns the interface's own first address of the family, or NULL. */
const Address *network_primary_address(const Network *n, const char *interface, AddressFamily f);
/* Returns the number of interfaces with an IPv4 address that is reachable from other hosts. */
size_t network_count_ipv4_interfaces(const Network *n);
void network_done(Network *n);

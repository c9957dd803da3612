/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Tid: the seven parts that identify a controller (docs/SPECIFICATION.md §2.1). Immutable, one
 * allocation. */

#include "base/macro.h"
#include "model/address.h"
#include "model/transport.h"

/* The parts as text, as configuration, D-Bus or a log page give them. NULL or "": not given. */
typedef struct TidFields {
        const char *transport, *traddr, *trsvcid, *subsysnqn, *host_traddr, *host_iface, *host_nqn;
} TidFields;

/* No string member is ever NULL: what is not given is "". All are printable, see text.h: of a name
 * that is not, each byte in question is '?', and the whole is garbled. The addresses of tcp and
 * rdma have their canonical spelling, see address.h. */
typedef struct Tid {
        Transport transport;
        bool garbled; /* a name in it is not the one that was given: the kernel must not get it */
        Address address, host_address;
        const char *traddr, *trsvcid, *subsysnqn, *host_traddr, *host_iface, *host_nqn;
        char text[];
} Tid;

/* Builds a Tid: white space at both ends goes, defaults of trsvcid and (for a discovery controller)
 * subsysnqn are filled in; "[v6]" brackets go; tcp and rdma addresses are read as the kernel reads
 * them and become canonical, and so do numbers in trsvcid;
 * fc and loop have no trsvcid, one that is given is dropped.
 * -EINVAL: transport unknown, NQN too long or missing for I/O, interface name too long, trsvcid not
 * 1..65535; -EADDRNOTAVAIL: the address is missing or unspecified (not for loop); -ENOMEM. */
int tid_new(const TidFields *fields, ControllerKind kind, Tid **ret);
Tid *tid_free(Tid *t);
DEFINE_CLEANUP(Tid, tid_free)
#define _cleanup_tid_ _cleanup_(tid_freep)

int tid_dup(const Tid *t, Tid **ret);
/* The same with host_iface dropped (ignore-iface=true). A link-local scope stays. */
int tid_dup_without_interface(const Tid *t, Tid **ret);

void tid_fields(const Tid *t, TidFields *ret);

/* The interface that is asked for: host_iface, else the scope of a link-local address, else "". */
const char *tid_interface(const Tid *t);

/* Total order by value, 0 for the same identity. Sorts by transport, address, trsvcid, subsysnqn
 * first, so that all controllers of one portal and subsystem stand together; then host NQN, host
 * address, interface. */
int tid_compare(const Tid *a, const Tid *b);
/* The same on the first three parts alone. */
int tid_compare_portal(const Tid *a, const Tid *b);
/* On those, the host address and the interface: all but the NQNs. */
int tid_compare_path(const Tid *a, const Tid *b);

/* The same for copies of one Tid, hardly ever for another one, and never 0. */
uint64_t tid_hash(const Tid *t);

/* "(tcp, 192.0.2.1, 8009, nqn…, host-traddr, host-iface)" without the empty parts: for messages. */
char *tid_to_string(const Tid *t);

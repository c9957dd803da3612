/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Tid: the seven parts that identify a controller (docs/SPECIFICATION.md §2.1). Immutable, one
 * allocation. */

#include "base/macro.h"
#include "model/address.h"
#include "model/transport.h"

/* The parts as text, from the configuration, D-Bus or a log page. NULL or "" if unset. */
typedef struct TidFields {
        const char *transport, *traddr, *trsvcid, *subsysnqn, *host_traddr, *host_iface, *host_nqn;
} TidFields;

/* Strings are never NULL; unset ones are "". All are printable (see text.h): in those that were
 * not, the offending bytes are replaced with '?', and the Tid is marked as garbled. Addresses of
 * tcp and rdma are in canonical form (see address.h). */
typedef struct Tid {
        Transport transport;
        bool garbled; /* a name in it is not the one that was given: never pass it to the kernel */
        Address address, host_address;
        const char *traddr, *trsvcid, *subsysnqn, *host_traddr, *host_iface, *host_nqn;
        char text[];
} Tid;

/* Builds a Tid. White space at both ends is stripped; defaults for trsvcid and (for a discovery
 * controller) subsysnqn are filled in; the brackets of "[v6]" are removed; tcp and rdma addresses
 * are read like the kernel reads them and converted to canonical form, and so are numbers in
 * trsvcid; a comma in an fc address becomes a colon. fc and loop have no trsvcid; if set, it is
 * dropped. Returns 0, -EINVAL (unknown transport, NQN too long or missing for I/O, interface name
 * too long, trsvcid not in 1..65535), -EADDRNOTAVAIL (address missing or unspecified, except for
 * loop) or -ENOMEM. */
int tid_new(const TidFields *fields, ControllerKind kind, Tid **ret);
Tid *tid_free(Tid *t);
DEFINE_CLEANUP(Tid, tid_free)
#define _cleanup_tid_ _cleanup_(tid_freep)

int tid_dup(const Tid *t, Tid **ret);
/* The same without host_iface (ignore-iface=true). A link-local scope is kept. */
int tid_dup_without_interface(const Tid *t, Tid **ret);

void tid_fields(const Tid *t, TidFields *ret);

/* Returns the requested interface: host_iface, else the scope of a link-local address, else "". */
const char *tid_interface(const Tid *t);

/* Total order by value, 0 if identical. Sorts by transport, address, trsvcid, subsysnqn first, so
 * that all controllers of a portal and subsystem are adjacent; then by host NQN, host address,
 * interface. */
int tid_compare(const Tid *a, const Tid *b);
/* The same for the first three parts only. */
int tid_compare_portal(const Tid *a, const Tid *b);
/* The same for these, the host address and the interface: everything except the NQNs. */
int tid_compare_path(const Tid *a, const Tid *b);

/* Equal for copies of a Tid, almost certainly different for others, never 0. */
uint64_t tid_hash(const Tid *t);

/* "(tcp, 192.0.2.1, 8009, nqn…, host-traddr, host-iface)" without the empty parts, for messages. */
char *tid_to_string(const Tid *t);

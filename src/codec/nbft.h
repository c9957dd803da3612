/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Verifies the NVMe Boot Firmware Table (NVMe Boot Specification 1.0). libnvme, which interprets
 * the table, follows most of its offsets unchecked, so call this first. */

#include "base/macro.h"

/* Actual tables have two or three thousand bytes. */
#define NBFT_SIZE_MAX ((size_t) 256 * 1024)

typedef struct NbftSummary { /* descriptors that are marked valid */
        size_t size;         /* of the table, may be less than n */
        unsigned n_hfis, n_discoveries, n_subsystems;
} NbftSummary;

/* Checks the signature, the major revision, the checksum, and that all descriptors and heap objects
 * that are used lie within the table, strings including their NUL. Returns 0, or -EBADMSG with
 * *ret_reason (static). */
int nbft_check(const uint8_t *data, size_t n, NbftSummary *ret, const char **ret_reason);

typedef struct NbftDiscoveryEntry {
        unsigned index, hfi, security; /* of hfi and security 0: none is named */
        const char *uri, *nqn;         /* within the table; nqn: "" for the well-known one */
} NbftDiscoveryEntry;

/* Gets the next valid descriptor of a discovery controller of a table that nbft_check() accepts.
 * *position is 0 for the first one. Returns false if there is none. libnvme has these descriptors,
 * too, but skips those without an NQN and drops numbers that refer to nothing. */
bool nbft_next_discovery(const uint8_t *data, unsigned *position, NbftDiscoveryEntry *ret);

/* Splits "nvme+tcp://ADDRESS[:PORT][/]", with IPv6 addresses in brackets, in place. *ret_port is ""
 * if there is none. Returns 0, -EINVAL (other form) or -EPROTONOSUPPORT (other scheme). */
int nbft_uri_split(char *uri, const char **ret_transport, const char **ret_address,
                   const char **ret_port);

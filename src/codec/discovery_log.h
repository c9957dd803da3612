/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Discovery log page 70h: bytes to DiscoveryLog (NVMe Base 2.x, 5.1.12.3.1). The peer is not
 * trusted: all sizes are checked against the actual number of bytes. */

#include "model/dlp.h"

enum {
        DISCOVERY_LOG_HEADER_SIZE = 1024,
        DISCOVERY_LOG_ENTRY_SIZE = 1024,
        /* Limit for one log, regardless of NUMREC. */
        DISCOVERY_LOG_ENTRIES_MAX = 16384,
};

typedef struct DiscoveryLogHeader {
        uint64_t genctr, numrec;
        uint16_t recfmt;
} DiscoveryLogHeader;

/* Returns 0 or -EBADMSG (less than the first 18 bytes of the header). */
int discovery_log_decode_header(const uint8_t *data, size_t n, DiscoveryLogHeader *ret);

/* Decodes n bytes of entries, ignoring an incomplete one at the end and those that consist of
 * zeros. Strings are cleaned up as described in dlp.h. Whether an entry is used is not decided here,
 * see dlpe_tid.h. Returns 0 or -ENOMEM. */
int discovery_log_decode(const DiscoveryLogHeader *header, const uint8_t *entries, size_t n,
                         DiscoveryLog **ret);

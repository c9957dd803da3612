/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Discovery log page 70h: bytes to DiscoveryLog (NVMe Base 2.x, 5.1.12.3.1). The peer is not
 * trusted: every size is checked against the bytes there really are. */

#include "model/dlp.h"

enum {
        DISCOVERY_LOG_HEADER_SIZE = 1024,
        DISCOVERY_LOG_ENTRY_SIZE = 1024,
        /* What we hold of one log, whatever NUMREC says. */
        DISCOVERY_LOG_ENTRIES_MAX = 16384,
};

typedef struct DiscoveryLogHeader {
        uint64_t genctr, numrec;
        uint16_t recfmt;
} DiscoveryLogHeader;

/* 0 or -EBADMSG (fewer than the header's first 18 bytes). */
int discovery_log_decode_header(const uint8_t *data, size_t n, DiscoveryLogHeader *ret);

/* Decodes n bytes of entries (whole entries only; a rest is ignored). Entries are cleaned as dlp.h
 * says; one with an empty traddr (but loop) or an empty subnqn is dropped. 0 or -ENOMEM. */
int discovery_log_decode(const DiscoveryLogHeader *header, const uint8_t *entries, size_t n,
                         DiscoveryLog **ret);

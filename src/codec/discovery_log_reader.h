/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reads a whole discovery log consistently without doing any I/O: it says which bytes it wants
 * next, the caller fetches them. Header, entries, header again; while GENCTR or NUMREC moved in
 * between, anew (NVMe Base 2.x, 5.1.12.3.1). All reads but the header's second one retain the
 * asynchronous event (RAE), so that a change during the read is neither lost nor announced twice;
 * the second one re-arms it. */

#include "codec/discovery_log.h"

enum {
        DISCOVERY_LOG_ATTEMPTS = 10,
        /* Of one read. Every controller takes 4 KiB; MDTS or the transport may forbid more. */
        DISCOVERY_LOG_CHUNK_SAFE = 4096,
        DISCOVERY_LOG_CHUNK_MAX = 16384,
        /* What the bytes must be before they are fetched: a transfer that ends early is a success
         * to the kernel, and nothing but what was there before tells. Every record ends with
         * reserved bytes, which no controller fills with that. */
        DISCOVERY_LOG_FILL = 0xff,
};

typedef struct DiscoveryLogRequest {
        uint64_t offset; /* in the log page, in bytes; both are multiples of 4 */
        uint32_t length; /* at most DISCOVERY_LOG_CHUNK_MAX */
        bool rae;
} DiscoveryLogRequest;

typedef struct DiscoveryLogReader DiscoveryLogReader;

int discovery_log_reader_new(DiscoveryLogReader **ret);
DiscoveryLogReader *discovery_log_reader_free(DiscoveryLogReader *r);
DEFINE_CLEANUP(DiscoveryLogReader, discovery_log_reader_free)

/* What to read next; the same until it is answered. Not to be called when the log is complete. */
void discovery_log_reader_request(const DiscoveryLogReader *r, DiscoveryLogRequest *ret);

/* The n bytes asked for. 1: ask for the next request; 0: the log is complete; -EBADMSG: fewer bytes
 * than asked for, a header that did not come whole, or an unknown record format; -EAGAIN: the log
 * kept changing; -ENOMEM. After a failure only free() is allowed. */
int discovery_log_reader_feed(DiscoveryLogReader *r, const uint8_t *data, size_t n);

/* The controller or the kernel refused the request. True: it was a large one, and a smaller one
 * takes its place; false: there is none, give up. */
bool discovery_log_reader_refuse(DiscoveryLogReader *r);

/* Of a complete log. ret_partial: NUMREC promised more than there was (all zero entries, or
 * such that did not come whole) or more than DISCOVERY_LOG_ENTRIES_MAX: what is missing must not be
 * taken for gone. 0 or -ENOMEM. */
int discovery_log_reader_take(DiscoveryLogReader *r, DiscoveryLog **ret, bool *ret_partial);

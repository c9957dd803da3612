/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reads a whole discovery log consistently without doing any I/O: the reader requests bytes and the
 * caller fetches them (NVMe Base 2.x, 5.1.12.3.1).
 *
 * GENCTR and NUMREC are read first, then header and entries by one command from offset 0 that ends
 * with the log, and that is judged by the header within it. So the result does not depend on
 * whether the controller makes its log anew for each command, or once for as long as it takes to
 * hand out all of it. Where the transfer limit forbids one command, several follow in order, no
 * byte twice, and GENCTR and NUMREC are read again: if they changed, the reader starts over.
 *
 * All commands but the last retain the asynchronous event (RAE), so that a change during the read
 * is neither lost nor reported twice; the last one re-arms it. */

#include "codec/discovery_log.h"

enum {
        DISCOVERY_LOG_ATTEMPTS = 10,
        /* Of the first read: GENCTR and NUMREC. The whole header if a controller rejects that. */
        DISCOVERY_LOG_PEEK_SIZE = 16,
        /* Bytes per read. All controllers accept 4 KiB; MDTS or the transport may forbid more. */
        DISCOVERY_LOG_CHUNK_SAFE = 4096,
        DISCOVERY_LOG_CHUNK_MAX = 1024 * 1024,
        /* The buffer must be filled with this before each read: the kernel reports short transfers
         * as success, so only the previous contents reveal them. Each record ends with reserved
         * bytes, which no controller sets to this value. */
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

/* Returns the next read, the same one until it is answered. Must not be called once the log is
 * complete. */
void discovery_log_reader_request(const DiscoveryLogReader *r, DiscoveryLogRequest *ret);

/* Processes the n bytes that were requested. Returns 1 if there is another request, 0 if the log is
 * complete, -EBADMSG (fewer bytes than requested, incomplete header or unknown record format),
 * -EBUSY (the log kept changing), -EIO (a request that was rejected would be the next one again)
 * or -ENOMEM. After a failure only discovery_log_reader_free() is allowed. */
int discovery_log_reader_feed(DiscoveryLogReader *r, const uint8_t *data, size_t n);

/* To be called if the request is rejected, by_kernel or by the controller. The kernel rejects what
 * is too long; a controller also what lies behind the end of a log that has become shorter, so
 * NUMREC is read again first. Returns true if another request replaces it, false: give up. */
bool discovery_log_reader_refuse(DiscoveryLogReader *r, bool by_kernel);

/* Returns the log once it is complete. It is partial if NUMREC promised more than was received
 * (entries of zeros only, or incomplete ones) or more than DISCOVERY_LOG_ENTRIES_MAX, it
 * contradicts itself with GENCTR unchanged, or the controller ignores offsets. Returns 0 or
 * -ENOMEM. */
int discovery_log_reader_take(DiscoveryLogReader *r, DiscoveryLog **ret);

/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/discovery_log_reader.h"

#include <string.h>

#include "base/array.h"

/* Never read past the end of the log, although this would save a round trip for small logs: the
 * contents are undefined (NVMe Base 2.x, Get Log Page), and Linux targets from 5.2 up to the fix of
 * CVE-2026-64320 return their own heap. Chunks of 16 KiB read 4,096 entries with 256 commands
 * instead of 1,024; larger ones would exceed the MDTS of more controllers and gain little. */

typedef enum ReaderState {
        READER_HEADER,
        READER_ENTRIES,
        READER_CHECK, /* the header again */
        READER_COMPLETE,
} ReaderState;

struct DiscoveryLogReader {
        ReaderState state;
        DiscoveryLogHeader header;
        unsigned n_attempts;
        uint32_t chunk;
        uint8_t *entries;
        size_t n_bytes, n_allocated, n_wanted;
        bool partial;
};

int discovery_log_reader_new(DiscoveryLogReader **ret)
{
        DiscoveryLogReader *r = calloc(1, sizeof(*r));
        if (!r)
                return -ENOMEM;
        r->state = READER_HEADER;
        r->chunk = DISCOVERY_LOG_CHUNK_MAX;
        *ret = r;
        return 0;
}

DiscoveryLogReader *discovery_log_reader_free(DiscoveryLogReader *r)
{
        if (r)
                free(r->entries);
        free(r);
        return NULL;
}

void discovery_log_reader_request(const DiscoveryLogReader *r, DiscoveryLogRequest *ret)
{
        if (r->state == READER_ENTRIES) {
                *ret = (DiscoveryLogRequest) {
                        .offset = DISCOVERY_LOG_HEADER_SIZE + r->n_bytes,
                        .length = (uint32_t) MIN((size_t) r->chunk, r->n_wanted - r->n_bytes),
                        .rae = true,
                };
                return;
        }
        *ret = (DiscoveryLogRequest) {
                .length = DISCOVERY_LOG_HEADER_SIZE,
                .rae = r->state == READER_HEADER,
        };
}

static void reader_enter_check(DiscoveryLogReader *r)
{
        r->state = READER_CHECK;
}

static void reader_enter_entries(DiscoveryLogReader *r, const DiscoveryLogHeader *header)
{
        uint64_t n = MIN(header->numrec, (uint64_t) DISCOVERY_LOG_ENTRIES_MAX);
        r->header = *header;
        r->partial = n < header->numrec;
        r->n_bytes = 0;
        r->n_wanted = (size_t) n * DISCOVERY_LOG_ENTRY_SIZE;
        r->n_attempts++;
        r->state = READER_ENTRIES;
        if (r->n_wanted == 0)
                reader_enter_check(r);
}

/* Returns true if the transfer ended within this record. */
static bool is_cut(const uint8_t *record)
{
        enum {
                TAIL = 4 /* transfers consist of whole dwords */
        };
        for (size_t i = DISCOVERY_LOG_ENTRY_SIZE - TAIL; i < DISCOVERY_LOG_ENTRY_SIZE; i++)
                if (record[i] != DISCOVERY_LOG_FILL)
                        return false;
        return true;
}

static int reader_feed_header(DiscoveryLogReader *r, const uint8_t *data, size_t n)
{
        DiscoveryLogHeader header;
        int q = discovery_log_decode_header(data, n, &header);
        if (q < 0)
                return q;
        if (header.recfmt != 0 || is_cut(data))
                return -EBADMSG;

        if (r->state == READER_CHECK && header.genctr == r->header.genctr &&
            header.numrec == r->header.numrec) {
                r->state = READER_COMPLETE;
                return 0;
        }
        if (r->n_attempts >= DISCOVERY_LOG_ATTEMPTS)
                return -EAGAIN;
        /* If the check fails, this is the header of the next attempt. */
        reader_enter_entries(r, &header);
        return 1;
}

static bool is_zero(const uint8_t *data, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (data[i] != 0)
                        return false;
        return true;
}

static int reader_feed_entries(DiscoveryLogReader *r, const uint8_t *data, size_t n)
{
        /* Allocate for the bytes received, not for the claimed number. */
        if (ARRAY_RESERVE(r->entries, r->n_allocated, r->n_bytes + n) < 0)
                return -ENOMEM;
        uint8_t *entries = r->entries + r->n_bytes;
        memcpy(entries, data, n);
        r->n_bytes += n;

        size_t n_zero = 0;
        for (size_t i = 0; i < n; i += DISCOVERY_LOG_ENTRY_SIZE) {
                if (is_cut(entries + i))
                        memset(entries + i, 0, DISCOVERY_LOG_ENTRY_SIZE);
                n_zero += is_zero(entries + i, DISCOVERY_LOG_ENTRY_SIZE);
        }
        if (n_zero > 0)
                r->partial = true;
        /* Only zeros: this is past the end, regardless of NUMREC. */
        if (n_zero == n / DISCOVERY_LOG_ENTRY_SIZE || r->n_bytes == r->n_wanted)
                reader_enter_check(r);
        return 1;
}

int discovery_log_reader_feed(DiscoveryLogReader *r, const uint8_t *data, size_t n)
{
        DiscoveryLogRequest request;
        discovery_log_reader_request(r, &request);
        if (n != request.length)
                return -EBADMSG;

        switch (r->state) {
        case READER_HEADER:
        case READER_CHECK:
                return reader_feed_header(r, data, n);
        case READER_ENTRIES:
                return reader_feed_entries(r, data, n);
        case READER_COMPLETE:
                break;
        }
        return -EBADMSG;
}

bool discovery_log_reader_refuse(DiscoveryLogReader *r)
{
        DiscoveryLogRequest request;
        discovery_log_reader_request(r, &request);
        if (request.length <= DISCOVERY_LOG_CHUNK_SAFE)
                return false;
        r->chunk = DISCOVERY_LOG_CHUNK_SAFE;
        return true;
}

int discovery_log_reader_take(DiscoveryLogReader *r, DiscoveryLog **ret, bool *ret_partial)
{
        int q = discovery_log_decode(&r->header, r->entries, r->n_bytes, ret);
        if (q < 0)
                return q;
        *ret_partial = r->partial;
        return 0;
}

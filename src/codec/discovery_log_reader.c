/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/discovery_log_reader.h"

#include <string.h>

#include "base/array.h"

/* Never read past the end of the log, although this would save a round trip: the contents are
 * undefined (NVMe Base 2.x, Get Log Page), and Linux targets from 5.2 up to the fix of
 * CVE-2026-64320 return their own heap. */

typedef enum ReaderState {
        READER_PEEK,  /* GENCTR and NUMREC */
        READER_LOG,   /* header and entries */
        READER_CHECK, /* GENCTR and NUMREC again */
        READER_COMPLETE,
} ReaderState;

struct DiscoveryLogReader {
        ReaderState state;
        DiscoveryLogHeader expected; /* by which the length of this attempt was chosen */
        DiscoveryLogHeader header;   /* within it */
        uint8_t record[DISCOVERY_LOG_HEADER_SIZE]; /* the same, as received */
        unsigned n_attempts;
        bool changed;             /* GENCTR, since the first attempt */
        bool refused;             /* by the controller: the log may have become shorter */
        uint32_t peek, chunk;     /* bytes per command, for the counters and for the log */
        size_t n_bytes, n_wanted; /* of header and entries */
        uint8_t *entries;
        size_t n_entry_bytes, n_allocated;
        bool partial;
};

int discovery_log_reader_new(DiscoveryLogReader **ret)
{
        DiscoveryLogReader *r = calloc(1, sizeof(*r));
        if (!r)
                return -ENOMEM;
        r->state = READER_PEEK;
        r->peek = DISCOVERY_LOG_PEEK_SIZE;
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

static bool needs_one_command(const DiscoveryLogReader *r)
{
        return r->n_wanted <= r->chunk;
}

void discovery_log_reader_request(const DiscoveryLogReader *r, DiscoveryLogRequest *ret)
{
        if (r->state == READER_LOG)
                *ret = (DiscoveryLogRequest) {
                        .offset = r->n_bytes,
                        .length = (uint32_t) MIN((size_t) r->chunk, r->n_wanted - r->n_bytes),
                        .rae = !needs_one_command(r),
                };
        else
                *ret = (DiscoveryLogRequest) {
                        .length = r->peek,
                        .rae = r->state == READER_PEEK,
                };
}

static size_t count_entries(const DiscoveryLogHeader *header)
{
        return (size_t) MIN(header->numrec, (uint64_t) DISCOVERY_LOG_ENTRIES_MAX);
}

static void reader_enter_log(DiscoveryLogReader *r, const DiscoveryLogHeader *expected)
{
        r->expected = *expected;
        r->n_bytes = r->n_entry_bytes = 0;
        r->n_wanted =
                DISCOVERY_LOG_HEADER_SIZE + count_entries(expected) * DISCOVERY_LOG_ENTRY_SIZE;
        r->partial = false;
        r->n_attempts++;
        r->state = READER_LOG;
}

/* The log ends here. The last of several commands is the one that checks it. */
static int reader_end_log(DiscoveryLogReader *r)
{
        bool is_over = r->state == READER_CHECK || needs_one_command(r);

        r->state = is_over ? READER_COMPLETE : READER_CHECK;
        return !is_over;
}

/* What was read does not agree with this header. */
static int reader_start_over(DiscoveryLogReader *r, const DiscoveryLogHeader *header)
{
        r->changed = r->changed || header->genctr != r->expected.genctr;
        if (r->n_attempts < DISCOVERY_LOG_ATTEMPTS) {
                reader_enter_log(r, header);
                return 1;
        }
        if (r->changed)
                return -EBUSY;
        /* It contradicts itself although it did not change: no further attempt would help. */
        r->partial = true;
        return reader_end_log(r);
}

/* False: the command was not a long one. */
static bool reader_halve(DiscoveryLogReader *r)
{
        size_t length = MIN((size_t) r->chunk, r->n_wanted);

        if (length <= DISCOVERY_LOG_CHUNK_SAFE)
                return false;
        length = length / 2 / DISCOVERY_LOG_ENTRY_SIZE * DISCOVERY_LOG_ENTRY_SIZE;
        r->chunk = MAX((uint32_t) length, (uint32_t) DISCOVERY_LOG_CHUNK_SAFE);
        r->n_attempts--;
        reader_enter_log(r, &r->expected);
        return true;
}

static bool counters_agree(const DiscoveryLogHeader *a, const DiscoveryLogHeader *b)
{
        return a->genctr == b->genctr && a->numrec == b->numrec;
}

static bool is_filled(const uint8_t *data, size_t n, uint8_t with)
{
        for (size_t i = 0; i < n; i++)
                if (data[i] != with)
                        return false;
        return true;
}

/* Returns true if the transfer ended within this record. Transfers consist of whole dwords. */
static bool is_cut(const uint8_t *record)
{
        return is_filled(record + DISCOVERY_LOG_ENTRY_SIZE - 4, 4, DISCOVERY_LOG_FILL);
}

static int reader_feed_peek(DiscoveryLogReader *r, const uint8_t *data, size_t n)
{
        DiscoveryLogHeader header;

        if (is_filled(data, n, DISCOVERY_LOG_FILL))
                return -EBADMSG;
        int q = discovery_log_decode_counters(data, n, &header);
        if (q < 0)
                return q;
        if (r->state == READER_CHECK) {
                if (!counters_agree(&header, &r->header))
                        return reader_start_over(r, &header);
                r->state = READER_COMPLETE;
                return 0;
        }
        bool refused = r->refused;
        r->refused = false;
        if (refused && counters_agree(&header, &r->expected))
                return reader_halve(r) ? 1 : -EIO;
        if (refused)
                return reader_start_over(r, &header);
        reader_enter_log(r, &header);
        return 1;
}

static int reader_take_entries(DiscoveryLogReader *r, const uint8_t *data, size_t n)
{
        /* Allocate for the bytes received, not for the claimed number. */
        if (ARRAY_RESERVE(r->entries, r->n_allocated, r->n_entry_bytes + n) < 0)
                return -ENOMEM;
        uint8_t *entries = r->entries + r->n_entry_bytes;
        memcpy(entries, data, n);
        r->n_entry_bytes += n;

        size_t n_zero = 0;
        for (size_t i = 0; i < n; i += DISCOVERY_LOG_ENTRY_SIZE) {
                if (is_cut(entries + i))
                        memset(entries + i, 0, DISCOVERY_LOG_ENTRY_SIZE);
                n_zero += is_filled(entries + i, DISCOVERY_LOG_ENTRY_SIZE, 0);
        }
        if (n_zero > 0)
                r->partial = true;
        /* Only zeros: this is past the end, regardless of NUMREC. */
        return n > 0 && n_zero == n / DISCOVERY_LOG_ENTRY_SIZE;
}

/* The header within the log, and with it what follows. Returns 1 if all is well so far. */
static int reader_judge_header(DiscoveryLogReader *r, const uint8_t *data)
{
        int q = discovery_log_decode_header(data, DISCOVERY_LOG_HEADER_SIZE, &r->header);
        if (q < 0)
                return q;
        if (r->header.recfmt != 0 || is_cut(data))
                return -EBADMSG;
        memcpy(r->record, data, sizeof(r->record));
        r->partial = r->header.numrec > DISCOVERY_LOG_ENTRIES_MAX;
        return 1;
}

static bool is_contradictory(const DiscoveryLogReader *r)
{
        return count_entries(&r->header) > count_entries(&r->expected) ||
               (r->header.genctr == r->expected.genctr && r->header.numrec != r->expected.numrec);
}

static int reader_feed_log(DiscoveryLogReader *r, const uint8_t *data, size_t n)
{
        bool is_first = r->n_bytes == 0;

        r->n_bytes += n;
        if (is_first) {
                int q = reader_judge_header(r, data);
                if (q < 0)
                        return q;
                data += DISCOVERY_LOG_HEADER_SIZE;
                n -= DISCOVERY_LOG_HEADER_SIZE;
        } else if (memcmp(data, r->record, sizeof(r->record)) == 0) {
                r->partial = true; /* the controller ignores offsets */
                return reader_end_log(r);
        }

        size_t n_left = MIN(count_entries(&r->header), count_entries(&r->expected)) *
                                DISCOVERY_LOG_ENTRY_SIZE -
                        r->n_entry_bytes;
        int q = reader_take_entries(r, data, MIN(n, n_left));
        if (q < 0)
                return q;
        if (is_first && is_contradictory(r))
                return reader_start_over(r, &r->header);
        return q > 0 || n >= n_left || r->n_bytes == r->n_wanted ? reader_end_log(r) : 1;
}

int discovery_log_reader_feed(DiscoveryLogReader *r, const uint8_t *data, size_t n)
{
        DiscoveryLogRequest request;
        discovery_log_reader_request(r, &request);
        if (n != request.length)
                return -EBADMSG;

        switch (r->state) {
        case READER_PEEK:
        case READER_CHECK:
                return reader_feed_peek(r, data, n);
        case READER_LOG:
                return reader_feed_log(r, data, n);
        case READER_COMPLETE:
                break;
        }
        return -EBADMSG;
}

bool discovery_log_reader_refuse(DiscoveryLogReader *r, bool by_kernel)
{
        if (r->state != READER_LOG) {
                bool was_short = r->peek < DISCOVERY_LOG_HEADER_SIZE;
                r->peek = DISCOVERY_LOG_HEADER_SIZE;
                return was_short;
        }
        if (by_kernel)
                return reader_halve(r);
        r->refused = true;
        r->state = READER_PEEK;
        return true;
}

int discovery_log_reader_take(DiscoveryLogReader *r, DiscoveryLog **ret)
{
        int q = discovery_log_decode(&r->header, r->entries, r->n_entry_bytes, ret);
        if (q < 0)
                return q;
        (*ret)->partial = r->partial;
        return 0;
}

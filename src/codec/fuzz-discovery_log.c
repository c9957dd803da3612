/* SPDX-License-Identifier: Apache-2.0 */

/* A controller that answers each read with the next bytes of the input, followed by zeros. Byte 0
 * selects the reads to refuse. The reader must finish after a limited number of reads, request
 * nothing that is too long or unaligned, and return clean strings. */

#include <assert.h>
#include <string.h>

#include "codec/discovery_log_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
        READS_MAX = DISCOVERY_LOG_ATTEMPTS * (DISCOVERY_LOG_ENTRIES_MAX * DISCOVERY_LOG_ENTRY_SIZE /
                                                      DISCOVERY_LOG_CHUNK_SAFE +
                                              2),
};

typedef struct Input {
        const uint8_t *data;
        size_t size;
        uint8_t refusals;
} Input;

static void input_read(Input *in, uint8_t *buf, size_t n)
{
        size_t n_there = MIN(n, in->size);
        memset(buf, 0, n);
        if (n_there > 0)
                memcpy(buf, in->data, n_there);
        in->data += n_there;
        in->size -= n_there;
}

static void check_text(const char *s, size_t max)
{
        size_t n = strlen(s);
        assert(n <= max);
        for (size_t i = 0; i < n; i++)
                assert((unsigned char) s[i] >= ' ' && s[i] != 0x7f);
        assert(n == 0 || (s[n - 1] != ' ' && s[0] != ' '));
}

static void check_log(const DiscoveryLog *log)
{
        assert(log->n_entries <= DISCOVERY_LOG_ENTRIES_MAX);
        for (size_t i = 0; i < log->n_entries; i++) {
                const DlpEntry *e = &log->entries[i];
                check_text(e->subnqn, DLPE_SUBNQN_SIZE);
                check_text(e->traddr, DLPE_TRADDR_SIZE);
                check_text(e->trsvcid, DLPE_TRSVCID_SIZE);
        }
}

static void read_all(DiscoveryLogReader *r, Input *in)
{
        for (unsigned n_reads = 0;; n_reads++) {
                uint8_t buf[DISCOVERY_LOG_CHUNK_MAX];
                DiscoveryLogRequest request;

                assert(n_reads <= READS_MAX);
                discovery_log_reader_request(r, &request);
                assert(request.length > 0 && request.length <= sizeof(buf));
                assert(request.offset % 4 == 0 && request.length % 4 == 0);
                assert(request.rae || request.offset == 0);
                if (in->refusals & 1U << (n_reads % 8)) {
                        if (discovery_log_reader_refuse(r))
                                continue;
                        return;
                }
                input_read(in, buf, request.length);
                int q = discovery_log_reader_feed(r, buf, request.length);
                if (q < 0)
                        return;
                if (q > 0)
                        continue;

                DiscoveryLog *log;
                bool partial;
                assert(discovery_log_reader_take(r, &log, &partial) == 0);
                check_log(log);
                (void) discovery_log_free(log);
                return;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size == 0)
                return 0;
        Input in = { .data = data + 1, .size = size - 1, .refusals = data[0] };
        DiscoveryLogReader *r;
        assert(discovery_log_reader_new(&r) == 0);
        read_all(r, &in);
        (void) discovery_log_reader_free(r);

        /* The same bytes as a plain log with an untrusted header. */
        DiscoveryLogHeader header;
        if (discovery_log_decode_header(data + 1, size - 1, &header) == 0) {
                DiscoveryLog *log;
                assert(discovery_log_decode(&header, data + 1, size - 1, &log) == 0);
                assert(log->n_entries <= (size - 1) / DISCOVERY_LOG_ENTRY_SIZE);
                check_log(log);
                (void) discovery_log_free(log);
        }
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/discovery_log.h"

#include "base/text.h"
#include "codec/little_endian.h"
#include "model/transport.h"

/* Offsets in an entry (NVMe Base 2.x, Discovery Log Page Entry). */
enum {
        ENTRY_TRTYPE = 0,
        ENTRY_ADRFAM = 1,
        ENTRY_SUBTYPE = 2,
        ENTRY_TREQ = 3,
        ENTRY_PORTID = 4,
        ENTRY_CNTLID = 6,
        ENTRY_ASQSZ = 8,
        ENTRY_EFLAGS = 10,
        ENTRY_TRSVCID = 32,
        ENTRY_SUBNQN = 256,
        ENTRY_TRADDR = 512,
        ENTRY_TSAS = 768, /* of tcp: SECTYPE */
};

enum {
        HEADER_GENCTR = 0,
        HEADER_NUMREC = 8,
        HEADER_RECFMT = 16,
        HEADER_USED = 18,
};

int discovery_log_decode_header(const uint8_t *data, size_t n, DiscoveryLogHeader *ret)
{
        if (n < HEADER_USED)
                return -EBADMSG;
        *ret = (DiscoveryLogHeader) {
                .genctr = get_le64(data + HEADER_GENCTR),
                .numrec = get_le64(data + HEADER_NUMREC),
                .recfmt = get_le16(data + HEADER_RECFMT),
        };
        return 0;
}

/* Reads a field that may lack a terminator. buf has size + 1 bytes; the result points into it. */
static char *discovery_log_read_text(const uint8_t *field, size_t size, char *buf)
{
        memcpy(buf, field, size);
        buf[size] = '\0';
        return text_trim(buf);
}

static const char *clean_text(const uint8_t *field, size_t size, char *buf)
{
        char *text = discovery_log_read_text(field, size, buf);

        text_make_printable(text);
        return text;
}

static int discovery_log_decode_entry(const uint8_t *data, DlpEntry *ret)
{
        char subnqn[DLPE_SUBNQN_SIZE + 1], traddr[DLPE_TRADDR_SIZE + 1];
        char trsvcid[DLPE_TRSVCID_SIZE + 1];
        DlpEntry e = {
                .trtype = data[ENTRY_TRTYPE],
                .adrfam = data[ENTRY_ADRFAM],
                .subtype = data[ENTRY_SUBTYPE],
                .treq = data[ENTRY_TREQ],
                .portid = get_le16(data + ENTRY_PORTID),
                .cntlid = get_le16(data + ENTRY_CNTLID),
                .asqsz = get_le16(data + ENTRY_ASQSZ),
                .eflags = get_le16(data + ENTRY_EFLAGS),
        };
        if (e.trtype == DLPE_TRTYPE_TCP)
                e.sectype = data[ENTRY_TSAS];
        const char *text = clean_text(data + ENTRY_TRSVCID, DLPE_TRSVCID_SIZE, trsvcid);
        memcpy(e.trsvcid, text, strlen(text) + 1);
        char *nqn = discovery_log_read_text(data + ENTRY_SUBNQN, DLPE_SUBNQN_SIZE, subnqn);
        e.bad_nqn = !nqn_is_usable(nqn);
        text_make_printable(nqn);
        e.subnqn = strdup(nqn);
        e.traddr = strdup(clean_text(data + ENTRY_TRADDR, DLPE_TRADDR_SIZE, traddr));
        if (!e.subnqn || !e.traddr) {
                dlpe_done(&e);
                return -ENOMEM;
        }
        *ret = e;
        return 0;
}

/* What is behind the end of a transfer that was shorter than NUMREC promises. */
static bool discovery_log_is_blank(const DlpEntry *e)
{
        return e->subtype == 0 && !*e->subnqn && !*e->traddr;
}

int discovery_log_decode(const DiscoveryLogHeader *header, const uint8_t *entries, size_t n,
                         DiscoveryLog **ret)
{
        uint64_t n_entries = MIN((uint64_t) (n / DISCOVERY_LOG_ENTRY_SIZE), header->numrec);
        n_entries = MIN(n_entries, (uint64_t) DISCOVERY_LOG_ENTRIES_MAX);

        _cleanup_(discovery_log_freep) DiscoveryLog *log = calloc(1, sizeof(*log));
        if (!log)
                return -ENOMEM;
        log->genctr = header->genctr;
        log->entries = calloc(MAX(n_entries, (uint64_t) 1), sizeof(*log->entries));
        if (!log->entries)
                return -ENOMEM;

        for (uint64_t i = 0; i < n_entries; i++) {
                DlpEntry *e = &log->entries[log->n_entries];
                int r = discovery_log_decode_entry(entries + i * DISCOVERY_LOG_ENTRY_SIZE, e);
                if (r < 0)
                        return r;
                if (discovery_log_is_blank(e))
                        dlpe_done(e);
                else
                        log->n_entries++;
        }
        *ret = TAKE_PTR(log);
        return 0;
}

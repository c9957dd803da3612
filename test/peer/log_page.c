/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/log_page.h"

#include <string.h>

static void put_text(uint8_t *field, size_t size, const char *text)
{
        memcpy(field, text, strnlen(text, size));
}

static void put_log_header(const Model *m, uint8_t *p)
{
        memset(p, 0, LOG_PAGE_HEADER_SIZE);
        put_le64(p + LOG_GENCTR, m->genctr);
        put_le64(p + LOG_NUMREC, m->n_entries);
        put_le16(p + LOG_RECFMT, 0);
}

static void put_entry(const Entry *e, uint8_t *p)
{
        memset(p, 0, LOG_PAGE_ENTRY_SIZE);
        p[ENTRY_TRTYPE] = e->trtype;
        p[ENTRY_ADRFAM] = e->adrfam;
        p[ENTRY_SUBTYPE] = e->subtype;
        p[ENTRY_TREQ] = e->treq;
        put_le16(p + ENTRY_PORTID, e->portid);
        put_le16(p + ENTRY_CNTLID, e->cntlid);
        put_le16(p + ENTRY_ASQSZ, e->asqsz);
        put_le16(p + ENTRY_EFLAGS, e->eflags);
        put_text(p + ENTRY_TRSVCID, TRSVCID_SIZE, e->trsvcid);
        put_text(p + ENTRY_SUBNQN, NQN_SIZE, e->subnqn);
        put_text(p + ENTRY_TRADDR, TRADDR_SIZE, e->traddr);
}

uint64_t log_page_size(const Model *m)
{
        return LOG_PAGE_HEADER_SIZE + (uint64_t) m->n_entries * LOG_PAGE_ENTRY_SIZE;
}

int log_page_read(const Model *m, uint64_t offset, size_t n, Bytes *b)
{
        enum {
                RECORD = LOG_PAGE_ENTRY_SIZE
        };
        _Static_assert((int) LOG_PAGE_HEADER_SIZE == (int) LOG_PAGE_ENTRY_SIZE,
                       "the page is records of one size, the header being the first");
        uint64_t size = log_page_size(m);
        if (offset > size)
                return -ERANGE;
        uint8_t *out = bytes_extend(b, n);
        if (!out)
                return -ENOMEM;

        n = MIN((uint64_t) n, size - offset);
        while (n > 0) {
                uint8_t record[RECORD];
                size_t at = offset % RECORD, n_part = MIN(n, RECORD - at);
                if (offset < RECORD)
                        put_log_header(m, record);
                else
                        put_entry(&m->entries[offset / RECORD - 1], record);
                memcpy(out, record + at, n_part);
                out += n_part;
                offset += n_part;
                n -= n_part;
        }
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/log_page.h"

#include <string.h>

#include "base/text.h"

static void put_text(uint8_t *field, size_t size, const char *text)
{
        memcpy(field, text, strnlen(text, size));
}

static bool is_in_page(const Entry *e, unsigned options)
{
        return !(options & LOG_PORT_LOCAL) || !e->is_elsewhere;
}

static size_t count_entries(const Model *m, unsigned options)
{
        size_t n = 0;
        for (size_t i = 0; i < m->n_entries; i++)
                n += is_in_page(&m->entries[i], options);
        return n;
}

static size_t entry_size(unsigned options)
{
        return options & LOG_EXTENDED ? LOG_PAGE_EXTENDED_SIZE : LOG_PAGE_ENTRY_SIZE;
}

static void put_log_header(const Model *m, unsigned options, uint8_t *p)
{
        put_le64(p + LOG_GENCTR, m->genctr);
        put_le64(p + LOG_NUMREC, m->lies_numrec ? m->numrec : count_entries(m, options));
        put_le16(p + LOG_RECFMT, 0);
        p[LOG_FLAGS] = (uint8_t) options;
        if (options & LOG_EXTENDED)
                put_le32(p + LOG_LENGTH, (uint32_t) log_page_size(m, options));
}

static void put_entry(const Entry *e, const LogView *view, uint8_t *p)
{
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
        put_text(p + ENTRY_TRADDR, TRADDR_SIZE,
                 view->next && streq(e->traddr, "next") ? view->next : e->traddr);
        p[ENTRY_TSAS] = e->sectype;
        if (view->options & LOG_EXTENDED)
                put_le32(p + ENTRY_TEL, LOG_PAGE_EXTENDED_SIZE);
}

uint64_t log_page_size(const Model *m, unsigned options)
{
        return LOG_PAGE_HEADER_SIZE + (uint64_t) count_entries(m, options) * entry_size(options);
}

/* Copies the part of the record at `at` in the page that is within the n bytes from offset on. */
static void copy_part(const uint8_t *record, size_t size, uint64_t at, uint64_t offset, size_t n,
                      uint8_t *out)
{
        uint64_t from = MAX(at, offset), to = MIN(at + size, offset + n);
        if (from < to)
                memcpy(out + (from - offset), record + (from - at), to - from);
}

int log_page_read(const Model *m, const LogView *view, uint64_t offset, size_t n, Bytes *b)
{
        unsigned options = view->options;
        if (offset > log_page_size(m, options))
                return -ERANGE;
        uint8_t *out = bytes_extend(b, n);
        if (!out)
                return -ENOMEM;

        uint8_t header[LOG_PAGE_HEADER_SIZE] = { 0 };
        uint64_t at = sizeof(header);
        put_log_header(m, options, header);
        copy_part(header, sizeof(header), 0, offset, n, out);
        for (size_t i = 0; i < m->n_entries && at < offset + n; i++) {
                uint8_t record[LOG_PAGE_EXTENDED_SIZE] = { 0 };
                if (!is_in_page(&m->entries[i], options))
                        continue;
                if (at + entry_size(options) > offset) {
                        put_entry(&m->entries[i], view, record);
                        copy_part(record, entry_size(options), at, offset, n, out);
                }
                at += entry_size(options);
        }
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Discovery log page 70h as bytes (NVM Express Base Specification 2.x, clause 5.1.12.3.1). Pure. */

#include "peer/bytes.h"
#include "peer/model.h"

enum {
        LOG_PAGE_HEADER_SIZE = 1024,
        LOG_PAGE_ENTRY_SIZE = 1024,
        LOG_PAGE_EXTENDED_SIZE = 1032, /* an entry with TEL and NUMEXAT, and no attributes */
};

/* Offsets in header and entry. */
enum {
        LOG_GENCTR = 0,
        LOG_NUMREC = 8,
        LOG_RECFMT = 16,
        LOG_FLAGS = 18,  /* what LSP requested and was applied */
        LOG_LENGTH = 20, /* of the page, with extended entries */
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
        ENTRY_TSAS = 768,
        ENTRY_TEL = 1024,
};

typedef struct LogView {  /* as seen by one host */
        unsigned options; /* LOG_* of model.h, from the command's LSP */
        const char *next; /* replaces traddr "next" of an entry for this host; NULL: not replaced */
} LogView;

uint64_t log_page_size(const Model *m, unsigned options);
/* Appends n bytes of the page from offset on, zeroes beyond its end. Returns 0, -ERANGE if offset
 * is beyond the end, or -ENOMEM. */
int log_page_read(const Model *m, const LogView *view, uint64_t offset, size_t n, Bytes *b);

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
        LOG_FLAGS = 18,  /* what LSP asked for and was done */
        LOG_LENGTH = 20, /* of the page, when its entries are extended */
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
        ENTRY_TEL = 1024,
};

typedef struct LogView {  /* of one host */
        unsigned options; /* LOG_* of model.h, as the command's LSP says */
        const char *next; /* what an entry's traddr "next" is to this host; NULL: that word */
} LogView;

uint64_t log_page_size(const Model *m, unsigned options);
/* Appends n bytes of the page from offset on; behind its end they are zero. 0; -ERANGE: it ends
 * before offset; -ENOMEM. */
int log_page_read(const Model *m, const LogView *view, uint64_t offset, size_t n, Bytes *b);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Log of what the hosts sent, one line per command: the newest JOURNAL_MAX lines. */

#include "base/macro.h"

enum {
        JOURNAL_MAX = 4096,
};

/* {0} is empty. */
typedef struct Journal {
        char *lines[JOURNAL_MAX];
        uint64_t n_added; /* line i is lines[i % JOURNAL_MAX] */
        uint64_t first;   /* earlier lines have been dropped */
} Journal;

/* The text is made printable; if out of memory the line is dropped. */
_printf_(3, 4) void journal_add(Journal *j, uint64_t session, const char *format, ...);
void journal_clear(Journal *j);
void journal_done(Journal *j);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the hosts sent, a line for each command: the newest JOURNAL_MAX of them. */

#include "base/macro.h"

enum {
        JOURNAL_MAX = 4096,
};

/* {0} is an empty one. */
typedef struct Journal {
        char *lines[JOURNAL_MAX];
        uint64_t n_added; /* line i of them is lines[i % JOURNAL_MAX] */
        uint64_t first;   /* what came before is forgotten */
} Journal;

/* The text is made printable; without memory a line is lost. */
_printf_(3, 4) void journal_add(Journal *j, uint64_t session, const char *format, ...);
void journal_clear(Journal *j);
void journal_done(Journal *j);

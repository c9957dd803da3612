/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/journal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

void journal_add(Journal *j, uint64_t session, const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        char *line;
        va_list args;

        va_start(args, format);
        int n = vasprintf(&text, format, args);
        va_end(args);
        if (n < 0) {
                text = NULL;
                return;
        }
        text_make_printable(text);
        if (asprintf(&line, "%" PRIu64 " %s", session, text) < 0)
                return;

        char **place = &j->lines[j->n_added++ % JOURNAL_MAX];
        free(*place);
        *place = line;
        if (j->n_added - j->first > JOURNAL_MAX)
                j->first = j->n_added - JOURNAL_MAX;
}

void journal_clear(Journal *j)
{
        j->first = j->n_added;
}

void journal_done(Journal *j)
{
        for (size_t i = 0; i < JOURNAL_MAX; i++)
                free(j->lines[i]);
        *j = (Journal) { 0 };
}

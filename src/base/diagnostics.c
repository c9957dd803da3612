/* SPDX-License-Identifier: Apache-2.0 */

#include "base/diagnostics.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/array.h"
#include "base/text.h"

void diagnostics_add(Diagnostics *d, Severity severity, const char *file, unsigned line,
                     const char *key, const char *format, ...)
{
        if (ARRAY_RESERVE(d->items, d->n_allocated, d->n_items + 1) < 0) {
                d->lost_error = d->lost_error || severity == SEVERITY_ERROR;
                return;
        }

        Diagnostic *item = &d->items[d->n_items++];
        *item = (Diagnostic) { .severity = severity, .line = line };
        (void) text_replace(&item->file, file); /* the rest is useful even if this fails */
        (void) text_replace(&item->key, key);

        va_list args;
        va_start(args, format);
        if (vasprintf(&item->reason, format, args) < 0)
                item->reason = NULL;
        va_end(args);
}

bool diagnostics_has_errors(const Diagnostics *d)
{
        for (size_t i = 0; i < d->n_items; i++)
                if (d->items[i].severity == SEVERITY_ERROR)
                        return true;
        return d->lost_error;
}

static void append_where(const Diagnostic *d, TextBuffer *b)
{
        if (d->file)
                text_buffer_append(b, d->file);
        if (d->line > 0)
                text_buffer_printf(b, ":%u", d->line);
}

static char *take_printable(TextBuffer *b)
{
        char *text = text_buffer_take(b);

        if (text)
                text_make_printable(text);
        return text;
}

int diagnostics_first_error(const Diagnostics *d, char **ret_where)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (size_t i = 0; i < d->n_items; i++) {
                if (d->items[i].severity != SEVERITY_ERROR)
                        continue;
                append_where(&d->items[i], &b);
                char *where = take_printable(&b);
                if (!where)
                        return -ENOMEM;
                *ret_where = where;
                return 0;
        }
        if (d->lost_error)
                return -ENOMEM;
        *ret_where = NULL;
        return 0;
}

char *diagnostic_to_string(const Diagnostic *d)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        append_where(d, &b);
        if (d->key)
                text_buffer_printf(&b, "%s%s", b.length > 0 ? ": " : "", d->key);
        if (d->reason)
                text_buffer_printf(&b, "%s%s", b.length > 0 ? ": " : "", d->reason);
        return take_printable(&b);
}

void diagnostics_done(Diagnostics *d)
{
        for (size_t i = 0; i < d->n_items; i++) {
                free(d->items[i].file);
                free(d->items[i].key);
                free(d->items[i].reason);
        }
        free(d->items);
        *d = (Diagnostics) { 0 };
}

/* SPDX-License-Identifier: Apache-2.0 */

/* All assignments are trimmed, have a line number within the text, and are in order. If they are
 * written out and parsed again, the result is the same. */

#include <assert.h>

#include "base/text.h"
#include "codec/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Seen {
        unsigned last_line, n_lines;
        TextBuffer items; /* "section\nkey\nvalue\n" */
        TextBuffer text;  /* the same as an INI file */
} Seen;

static bool is_trimmed(const char *s)
{
        size_t n = strlen(s);

        return n == 0 || (!strchr(" \t\r\n", s[0]) && !strchr(" \t\r\n", s[n - 1]));
}

static int look(const IniItem *item, void *userdata)
{
        Seen *seen = userdata;

        assert(item->line > seen->last_line && item->line <= seen->n_lines);
        seen->last_line = item->line;
        assert(is_trimmed(item->section) && is_trimmed(item->key) && is_trimmed(item->value));
        assert(*item->key && strlen(item->value) <= INI_LINE_MAX);
        text_buffer_printf(&seen->items, "%s\n%s\n%s\n", item->section, item->key, item->value);
        text_buffer_printf(&seen->text, "[%s]\n%s=%s\n", item->section, item->key, item->value);
        return 0;
}

static char *parse(const char *data, size_t n, char **ret_text, Diagnostics *d)
{
        Seen seen = { .n_lines = 1 };

        for (size_t i = 0; i < n; i++)
                seen.n_lines += data[i] == '\n';
        assert(ini_parse("fuzz", data, n, INI_CONTINUED, look, &seen, d) == 0);
        for (size_t i = 0; i < d->n_items; i++)
                assert(d->items[i].line >= 1 && d->items[i].line <= seen.n_lines);
        *ret_text = text_buffer_take(&seen.text);
        return text_buffer_take(&seen.items);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_diagnostics_ Diagnostics first = { 0 }, second = { 0 };
        _cleanup_free_ char *text = NULL, *text_again = NULL;
        _cleanup_free_ char *items = parse((const char *) data, size, &text, &first);
        _cleanup_free_ char *again = parse(text, strlen(text), &text_again, &second);

        /* Continuation lines do not contain the key, with which they may become too long. */
        if (second.n_items == 0)
                assert(streq(items, again) && streq(text, text_again));
        else
                assert(size >= INI_LINE_MAX / 2);
        return 0;
}

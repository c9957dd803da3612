/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ini_edit.h"

#include <strings.h>

#include "base/text.h"

typedef enum LineKind {
        LINE_OTHER, /* blank, a comment or invalid */
        LINE_SECTION,
        LINE_ASSIGNMENT,
        LINE_CONTINUATION,
} LineKind;

typedef struct Line {
        const char *start;
        size_t n; /* including the line feed */
        LineKind kind;
        bool is_match; /* is the requested section or key */
} Line;

static bool ini_edit_text_matches(const char *s, size_t n, const char *wanted, bool any_case)
{
        while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
                n--;
        if (n != strlen(wanted))
                return false;
        return any_case ? strncasecmp(s, wanted, n) == 0 : strncmp(s, wanted, n) == 0;
}

static Line line_read(const char *s, const char *section, const char *key)
{
        Line l = { .start = s, .n = strcspn(s, "\n") };
        const char *end = s + l.n, *text = s, *mark;

        l.n += *end == '\n';
        while (text < end && (*text == ' ' || *text == '\t' || *text == '\r'))
                text++;
        if (text == end || *text == '#' || *text == ';')
                return l;
        if (text > s) {
                l.kind = LINE_CONTINUATION;
        } else if (*text == '[' && (mark = memchr(text, ']', end - text))) {
                l.kind = LINE_SECTION;
                l.is_match = ini_edit_text_matches(text + 1, mark - text - 1, section, false);
        } else if ((mark = memchr(text, '=', end - text))) {
                l.kind = LINE_ASSIGNMENT;
                l.is_match = ini_edit_text_matches(text, mark - text, key, true);
        }
        return l;
}

typedef struct Places {
        const char *first;  /* the first assignment of the key in the section, or NULL */
        const char *append; /* where to insert a new one; NULL if the section does not exist */
} Places;

static Places places_find(const char *text, const char *section, const char *key)
{
        Places p = { 0 };
        bool inside = false;

        for (const char *s = text; *s;) {
                Line l = line_read(s, section, key);

                s += l.n;
                if (l.kind == LINE_SECTION)
                        inside = l.is_match;
                if (!inside || l.kind == LINE_OTHER)
                        continue;
                p.append = s;
                if (l.kind == LINE_ASSIGNMENT && l.is_match && !p.first)
                        p.first = l.start;
        }
        return p;
}

static void write_assignment(TextBuffer *b, const char *key, const char *value)
{
        if (b->length > 0 && b->data[b->length - 1] != '\n')
                text_buffer_append(b, "\n");
        text_buffer_printf(b, "%s = %s\n", key, value);
}

int ini_edit(const char *text, const char *section, const char *key, const char *value, char **ret)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        const Places places = places_find(text, section, key);
        const char *insert = places.first ? places.first : places.append;
        bool inside = false, dropping = false;
        char *result;

        for (const char *s = text;;) {
                Line l;

                if (value && s == insert)
                        write_assignment(&b, key, value);
                if (!*s)
                        break;
                l = line_read(s, section, key);
                s += l.n;
                if (l.kind == LINE_SECTION)
                        inside = l.is_match;
                if (l.kind == LINE_SECTION || l.kind == LINE_ASSIGNMENT)
                        dropping = inside && l.kind == LINE_ASSIGNMENT && l.is_match;
                if (!dropping || l.kind == LINE_OTHER)
                        text_buffer_append_bytes(&b, l.start, l.n);
        }
        if (value && !insert) {
                if (b.length > 0 && b.data[b.length - 1] != '\n')
                        text_buffer_append(&b, "\n");
                text_buffer_printf(&b, "%s[%s]\n%s = %s\n", b.length > 0 ? "\n" : "", section, key,
                                   value);
        }
        result = text_buffer_take(&b);
        if (!result)
                return -ENOMEM;
        *ret = result;
        return 0;
}

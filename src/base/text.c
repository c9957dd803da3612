/* SPDX-License-Identifier: Apache-2.0 */

#include "base/text.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/array.h"

const char *text_after(const char *s, const char *prefix)
{
        size_t n = strlen(prefix);
        return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

char *text_trim(char *s)
{
        while (text_is_space(*s))
                s++;
        size_t n = strlen(s);
        while (n > 0 && text_is_space(s[n - 1]))
                n--;
        s[n] = '\0';
        return s;
}

int text_replace(char **p, const char *s)
{
        char *copy = NULL;
        if (s) {
                copy = strdup(s);
                if (!copy)
                        return -ENOMEM;
        }
        free(*p);
        *p = copy;
        return 0;
}

int text_to_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret)
{
        if (text_is_empty(s))
                return -EINVAL;

        uint64_t value = 0;
        bool overflow = false;
        for (; *s; s++) {
                if (*s < '0' || *s > '9')
                        return -EINVAL;
                overflow = overflow || __builtin_mul_overflow(value, 10U, &value) ||
                           __builtin_add_overflow(value, (uint64_t) (*s - '0'), &value);
        }
        if (overflow || value < min || value > max)
                return -ERANGE;
        *ret = value;
        return 0;
}

int text_to_int(const char *s, int min, int max, int *ret)
{
        bool negative = s && *s == '-';
        uint64_t magnitude;
        int r = text_to_u64(negative ? s + 1 : s, 0, (uint64_t) INT_MAX + 1, &magnitude);
        if (r < 0)
                return r;

        int64_t value = negative ? -(int64_t) magnitude : (int64_t) magnitude;
        if (value < min || value > max)
                return -ERANGE;
        *ret = (int) value;
        return 0;
}

int text_to_bool(const char *s, bool *ret)
{
        static const struct {
                const char *text;
                bool value;
        } names[] = {
                { "true", true },    { "yes", true },       { "on", true },  { "1", true },
                { "enabled", true }, { "false", false },    { "no", false }, { "off", false },
                { "0", false },      { "disabled", false },
        };

        for (size_t i = 0; s && i < ELEMENTSOF(names); i++)
                if (strcasecmp(s, names[i].text) == 0) {
                        *ret = names[i].value;
                        return 0;
                }
        return -EINVAL;
}

/* Returns the number of edits between a and b, at most budget + 1. Restricted Damerau-Levenshtein
 * distance; with a budget this small plain recursion needs no table. */
static unsigned text_distance(const char *a, const char *b, unsigned budget)
{
        while (*a && tolower((unsigned char) *a) == tolower((unsigned char) *b))
                a++, b++;
        if (!*a && !*b)
                return 0;
        if (budget == 0)
                return 1;

        unsigned least = budget;
        if (*a)
                least = MIN(least, text_distance(a + 1, b, budget - 1));
        if (*b)
                least = MIN(least, text_distance(a, b + 1, budget - 1));
        if (*a && *b)
                least = MIN(least, text_distance(a + 1, b + 1, budget - 1));
        if (*a && *b && a[1] && tolower((unsigned char) a[0]) == tolower((unsigned char) b[1]) &&
            tolower((unsigned char) a[1]) == tolower((unsigned char) b[0]))
                least = MIN(least, text_distance(a + 2, b + 2, budget - 1));
        return least + 1;
}

bool text_is_close(const char *a, const char *b)
{
        unsigned n_edits = strlen(b) < 6 ? 1 : 2;

        return text_distance(a, b, n_edits) <= n_edits;
}

/* RFC 3629 */
size_t text_decode_utf8(const char *s, size_t n, uint32_t *ret)
{
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 }; /* by sequence length */
        uint8_t lead = (uint8_t) s[0];
        size_t size = lead < 0x80             ? 1
                      : (lead & 0xe0) == 0xc0 ? 2
                      : (lead & 0xf0) == 0xe0 ? 3
                      : (lead & 0xf8) == 0xf0 ? 4
                                              : 0;
        if (size == 0 || size > n)
                return 0;

        uint32_t c = size == 1 ? lead : lead & (0x7fU >> size);
        for (size_t i = 1; i < size; i++) {
                if (((uint8_t) s[i] & 0xc0) != 0x80)
                        return 0;
                c = c << 6 | ((uint8_t) s[i] & 0x3f);
        }
        if (c < least[size] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                return 0;
        *ret = c;
        return size;
}

/* D-Bus rejects noncharacters, including those at the end of each plane. */
static bool is_printable(uint32_t c)
{
        static const struct {
                uint32_t first, last;
        } hidden[] = {
                { 0x00, 0x1f },       { 0x7f, 0x9f },
                { 0xad, 0xad },       { 0x61c, 0x61c },
                { 0x6dd, 0x6dd },     { 0x890, 0x891 },
                { 0x8e2, 0x8e2 },     { 0x180e, 0x180e },
                { 0x200b, 0x200f }, /* zero-width, direction marks */
                { 0x2028, 0x202e }, /* separators, directional embeddings */
                { 0x2060, 0x206f }, /* zero-width, directional isolates */
                { 0xfdd0, 0xfdef },   { 0xfeff, 0xfeff },
                { 0xfff9, 0xfffb },   { 0x110cd, 0x110cd },
                { 0x13430, 0x1343f }, { 0x1d173, 0x1d17a },
                { 0xe0000, 0xe007f }, /* tags */
        };

        for (size_t i = 0; i < ELEMENTSOF(hidden); i++)
                if (c >= hidden[i].first && c <= hidden[i].last)
                        return false;
        return (c & 0xfffe) != 0xfffe;
}

/* Returns the length of the printable character that s begins with, or 0. */
static size_t printable_length(const char *s)
{
        uint32_t c;

        if (*s >= ' ' && *s <= '~')
                return 1;
        size_t n =
                text_decode_utf8(s, 4, &c); /* stops at the NUL, which is not a continuation byte */
        return n > 0 && is_printable(c) ? n : 0;
}

bool text_is_printable(const char *s)
{
        size_t n;

        while (*s && (n = printable_length(s)) > 0)
                s += n;
        return !*s;
}

void text_make_printable(char *s)
{
        while (*s) {
                size_t n = printable_length(s);
                if (n > 0)
                        s += n;
                else
                        *s++ = '?';
        }
}

void text_make_lines_printable(char *s)
{
        for (char *line = s; line;) {
                char *end = strchr(line, '\n');
                if (end)
                        *end = '\0';
                text_make_printable(line);
                if (end)
                        *end++ = '\n';
                line = end;
        }
}

static bool text_buffer_reserve(TextBuffer *b, size_t n)
{
        size_t n_needed;
        if (!b->failed && (__builtin_add_overflow(b->length, n, &n_needed) ||
                           __builtin_add_overflow(n_needed, 1U, &n_needed) ||
                           ARRAY_RESERVE(b->data, b->n_allocated, n_needed) < 0))
                b->failed = true;
        return !b->failed;
}

void text_buffer_append_bytes(TextBuffer *b, const char *s, size_t n)
{
        if (!text_buffer_reserve(b, n))
                return;
        if (n > 0)
                memcpy(b->data + b->length, s, n);
        b->length += n;
        b->data[b->length] = '\0';
}

void text_buffer_append(TextBuffer *b, const char *s)
{
        text_buffer_append_bytes(b, s, strlen(s));
}

void text_buffer_printf(TextBuffer *b, const char *format, ...)
{
        va_list args;
        char *text;

        va_start(args, format);
        int n = vasprintf(&text, format, args);
        va_end(args);
        if (n < 0) {
                b->failed = true;
                return;
        }
        text_buffer_append_bytes(b, text, (size_t) n);
        free(text);
}

char *text_buffer_take(TextBuffer *b)
{
        text_buffer_append_bytes(b, "", 0);
        char *text = b->failed ? NULL : TAKE_PTR(b->data);
        text_buffer_done(b);
        return text;
}

void text_buffer_done(TextBuffer *b)
{
        free(b->data);
        *b = (TextBuffer) { 0 };
}

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

static bool is_space(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char *text_trim(char *s)
{
        while (is_space(*s))
                s++;
        size_t n = strlen(s);
        while (n > 0 && is_space(s[n - 1]))
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

/* Edits from a to b, at most the 3 that are counted; restricted Damerau-Levenshtein by recursion,
 * which is cut off so early that no table is needed. */
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

/* Bytes of the well-formed UTF-8 sequence at s (Unicode 15, table 3-7), 0 where there is none. C1
 * control characters steer a terminal as C0 ones do and count as none. */
static size_t utf8_sequence_length(const unsigned char *s)
{
        unsigned char low = 0x80, high = 0xbf;
        size_t n;

        if (s[0] >= 0xc2 && s[0] <= 0xdf)
                n = 2;
        else if (s[0] >= 0xe0 && s[0] <= 0xef)
                n = 3;
        else if (s[0] >= 0xf0 && s[0] <= 0xf4)
                n = 4;
        else
                return 0;

        if (s[0] == 0xc2 || s[0] == 0xe0)
                low = 0xa0;
        else if (s[0] == 0xed)
                high = 0x9f;
        else if (s[0] == 0xf0)
                low = 0x90;
        else if (s[0] == 0xf4)
                high = 0x8f;

        if (s[1] < low || s[1] > high)
                return 0;
        for (size_t i = 2; i < n; i++)
                if (s[i] < 0x80 || s[i] > 0xbf)
                        return 0;
        return n;
}

void text_make_printable(char *s)
{
        while (*s) {
                if (*s >= ' ' && *s <= '~') {
                        s++;
                        continue;
                }
                size_t n = utf8_sequence_length((const unsigned char *) s);
                if (n > 0)
                        s += n;
                else
                        *s++ = '?';
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

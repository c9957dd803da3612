/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Strings: comparison that takes NULL, trimming, number parsing, and a growing buffer. */

#include <stdint.h>
#include <string.h>

#include "base/macro.h"

static inline bool streq(const char *a, const char *b)
{
        return strcmp(a, b) == 0;
}

/* NULL equals NULL only. */
static inline bool streq_ptr(const char *a, const char *b)
{
        return a == b || (a && b && streq(a, b));
}

static inline bool text_is_empty(const char *s)
{
        return !s || !*s;
}

static inline const char *text_or(const char *s, const char *fallback)
{
        return s ? s : fallback;
}

static inline bool text_is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* What text_trim() cuts, and JSON calls white space. */
static inline bool text_is_space(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The value of a hexadecimal digit; -EINVAL: it is none. */
static inline int text_hex_value(char c)
{
        if (text_is_digit(c))
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -EINVAL;
}
/* That of two. */
static inline int text_hex_byte(const char *s)
{
        int high = text_hex_value(s[0]), low = high < 0 ? high : text_hex_value(s[1]);

        return low < 0 ? low : high << 4 | low;
}

/* FNV-1a: begins with this, and goes on with what the call before gave. */
#define TEXT_HASH_BEGIN UINT64_C(0xcbf29ce484222325)
static inline uint64_t text_hash_bytes(uint64_t hash, const void *data, size_t n)
{
        for (const uint8_t *p = data; n > 0; n--)
                hash = (hash ^ *p++) * UINT64_C(0x100000001b3);
        return hash;
}
static inline uint64_t text_hash(uint64_t hash, const char *s)
{
        return text_hash_bytes(hash, s, strlen(s));
}

/* The rest of s behind prefix, or NULL. */
const char *text_after(const char *s, const char *prefix);

/* Cuts white space (space, tab, CR, LF) at both ends in place; returns the new start. */
char *text_trim(char *s);

/* Replaces *p by a copy of s (which may be NULL). 0 or -ENOMEM; *p is untouched on failure. */
int text_replace(char **p, const char *s);

/* Whole decimal numbers without sign or white space around them; "-1" is a number for the signed
 * one. 0, -EINVAL (not a number) or -ERANGE (outside min..max). ret_ is untouched on failure. */
int text_to_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret);
int text_to_int(const char *s, int min, int max, int *ret);

/* true/false, yes/no, on/off, 1/0, enabled/disabled in any case. 0 or -EINVAL. */
int text_to_bool(const char *s, bool *ret);

/* Alike but for case and an edit or two (a character more, less, another, two swapped; one in short
 * ones): the one is most likely the other, misspelled. Equal texts are close. */
bool text_is_close(const char *a, const char *b);

/* The bytes of the well-formed UTF-8 sequence that s begins with, of which n (at least 1) may be
 * looked at, and its code point. 0: there is none. */
size_t text_decode_utf8(const char *s, size_t n, uint32_t *ret);

/* Valid UTF-8 that D-Bus carries and a terminal shows as it is: without control characters,
 * noncharacters, and what is invisible or changes the direction of the text around it. */
bool text_is_printable(const char *s);
/* Replaces every byte of what is not printable by '?', in place: what a peer sent may go to D-Bus,
 * a terminal or a journal. */
void text_make_printable(char *s);
/* The same but for line ends, which stay. */
void text_make_lines_printable(char *s);

/* A growing string. {0} is an empty one. Appending after a failure does nothing; text_buffer_take()
 * reports it. */
typedef struct TextBuffer {
        char *data;
        size_t length, n_allocated;
        bool failed;
} TextBuffer;

void text_buffer_append(TextBuffer *b, const char *s);
void text_buffer_append_bytes(TextBuffer *b, const char *s, size_t n);
_printf_(2, 3) void text_buffer_printf(TextBuffer *b, const char *format, ...);
/* Moves the string out ("" for an empty buffer); NULL when memory ran out. */
char *text_buffer_take(TextBuffer *b);
void text_buffer_done(TextBuffer *b);

#define _cleanup_text_buffer_ _cleanup_(text_buffer_done)

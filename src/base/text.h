/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Strings: NULL-safe comparison, trimming, number parsing, and a growing buffer. */

#include <stdint.h>
#include <string.h>

#include "base/macro.h"

static inline bool streq(const char *a, const char *b)
{
        return strcmp(a, b) == 0;
}

/* NULL is equal to NULL only. */
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

/* White space as removed by text_trim() and defined by JSON. */
static inline bool text_is_space(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Returns the value of a hexadecimal digit, -EINVAL if it is not one. */
static inline int text_hex_value(char c)
{
        if (text_is_digit(c))
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -EINVAL;
}
/* The same for two digits. */
static inline int text_hex_byte(const char *s)
{
        int high = text_hex_value(s[0]), low = high < 0 ? high : text_hex_value(s[1]);

        return low < 0 ? low : high << 4 | low;
}

/* FNV-1a. Start with TEXT_HASH_BEGIN, then pass in the result of the previous call. */
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

/* Returns the rest of s after prefix, or NULL if s does not start with it. */
const char *text_after(const char *s, const char *prefix);

/* Strips white space (space, tab, CR, LF) from both ends in place and returns the new start. */
char *text_trim(char *s);

/* Replaces *p with a copy of s (may be NULL). Returns 0 or -ENOMEM; *p is unmodified on failure. */
int text_replace(char **p, const char *s);

/* Parses a decimal integer without surrounding white space or a "+" sign. text_to_int() also
 * accepts "-". Returns 0, -EINVAL (not a number) or -ERANGE (outside of min..max). *ret is
 * unmodified on failure. */
int text_to_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret);
int text_to_int(const char *s, int min, int max, int *ret);

/* Accepts true/false, yes/no, on/off, 1/0 and enabled/disabled, ignoring case. Returns 0 or
 * -EINVAL. */
int text_to_bool(const char *s, bool *ret);

/* Returns true if one text is probably a misspelling of the other: ignoring case, they differ by at
 * most two edits (one in short texts), each of which inserts, removes or replaces a character or
 * swaps two of them. Equal texts are close, too. */
bool text_is_close(const char *a, const char *b);

/* Decodes the well-formed UTF-8 sequence at the start of s, reading at most n (at least 1) bytes.
 * Returns its length and stores the code point, or returns 0 if there is no such sequence. */
size_t text_decode_utf8(const char *s, size_t n, uint32_t *ret);

/* Returns true if s is valid UTF-8 that D-Bus accepts and a terminal shows unchanged: no control
 * characters, no noncharacters, and nothing invisible or that changes the text direction. */
bool text_is_printable(const char *s);
/* Replaces every byte that is not part of a printable character with '?', in place, so that text
 * sent by a peer may be passed to D-Bus, a terminal or the journal. */
void text_make_printable(char *s);
/* The same, but keeps newlines. */
void text_make_lines_printable(char *s);

/* A growing string. { 0 } is empty. After a failure further appends are no-ops; text_buffer_take()
 * reports the failure. */
typedef struct TextBuffer {
        char *data;
        size_t length, n_allocated;
        bool failed;
} TextBuffer;

void text_buffer_append(TextBuffer *b, const char *s);
void text_buffer_append_bytes(TextBuffer *b, const char *s, size_t n);
_printf_(2, 3) void text_buffer_printf(TextBuffer *b, const char *format, ...);
/* Returns the string ("" if the buffer is empty) and transfers its ownership to the caller. Returns
 * NULL if memory ran out. */
char *text_buffer_take(TextBuffer *b);
void text_buffer_done(TextBuffer *b);

#define _cleanup_text_buffer_ _cleanup_(text_buffer_done)

/* SPDX-License-Identifier: Apache-2.0 */

#include "base/json_tokens.h"

#include "base/text.h"

/* The remaining text. Nothing may be read at end. */
typedef struct Tokens {
        const char *at, *end;
} Tokens;

static bool take_char(Tokens *t, const char *set)
{
        if (t->at == t->end || !*t->at || !strchr(set, *t->at))
                return false;
        t->at++;
        return true;
}

static bool take_digits(Tokens *t)
{
        const char *start = t->at;

        while (t->at < t->end && text_is_digit(*t->at))
                t->at++;
        return t->at > start;
}

static bool take_escape(Tokens *t)
{
        if (!take_char(t, "u"))
                return take_char(t, "\"\\/bfnrt");
        for (size_t i = 0; i < 4; i++, t->at++)
                if (t->at == t->end || text_hex_value(*t->at) < 0)
                        return false;
        return true;
}

static bool take_string(Tokens *t)
{
        t->at++;
        while (t->at < t->end && *t->at != '"') {
                uint32_t c;
                size_t n = text_decode_utf8(t->at, (size_t) (t->end - t->at), &c);

                if (n == 0 || c < ' ')
                        return false;
                t->at += n;
                if (c == '\\' && !take_escape(t))
                        return false;
        }
        return take_char(t, "\"");
}

static bool json_tokens_take_number(Tokens *t)
{
        (void) take_char(t, "-");
        if (!take_char(t, "0") && !take_digits(t))
                return false;
        if (take_char(t, ".") && !take_digits(t))
                return false;
        if (!take_char(t, "eE"))
                return true;
        (void) take_char(t, "+-");
        return take_digits(t);
}

static bool take_word(Tokens *t)
{
        static const char *const words[] = { "true", "false", "null" };

        for (size_t i = 0; i < ELEMENTSOF(words); i++) {
                size_t n = strlen(words[i]);
                if ((size_t) (t->end - t->at) >= n && memcmp(t->at, words[i], n) == 0) {
                        t->at += n;
                        return true;
                }
        }
        return false;
}

static bool take_value(Tokens *t)
{
        if (*t->at == '"')
                return take_string(t);
        return *t->at == '-' || text_is_digit(*t->at) ? json_tokens_take_number(t) : take_word(t);
}

bool json_check_tokens(const char *data, size_t n)
{
        Tokens t = { data, data + n };
        char before = '\0'; /* the previous token, 'v' for a value */

        while (t.at < t.end) {
                char c = *t.at;

                if (text_is_space(c)) {
                        t.at++;
                        continue;
                }
                if (take_char(&t, "{}[]:,")) {
                        if (before == ',' && (c == '}' || c == ']'))
                                return false;
                        before = c;
                        continue;
                }
                if (before == 'v' || !take_value(&t))
                        return false;
                before = 'v';
        }
        return true;
}

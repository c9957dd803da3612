/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/excerpt.h"

#include <string.h>

#include "base/text.h"

#define KEY_MAX 48

const char *excerpt_of_value(const char *value, char buf[static EXCERPT_SIZE])
{
        static const char ellipsis[] = "...";
        size_t n = strlen(value), n_max = EXCERPT_SIZE - sizeof(ellipsis) - strlen("''");
        char *p = buf;

        if (strcasestr(value, "secret") || strcasestr(value, "DHHC"))
                return "the value";

        *p++ = '\'';
        memcpy(p, value, MIN(n, n_max));
        p[MIN(n, n_max)] = '\0';
        text_make_printable(p);
        strcat(p, n > n_max ? "...'" : "'");
        return buf;
}

const char *excerpt_of_key(const char *key)
{
        size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

        return n > 0 && n <= KEY_MAX && !key[n] ? key : NULL;
}

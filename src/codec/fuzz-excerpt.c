/* SPDX-License-Identifier: Apache-2.0 */

/* Excerpts are short and printable, and never contain a potential secret. */

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "codec/excerpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const char *value)
{
        char buf[EXCERPT_SIZE];
        const char *shown = excerpt_of_value(value, buf);
        size_t n = strlen(shown);

        if (strcasestr(value, "secret") || strcasestr(value, "dhhc")) {
                assert(streq(shown, "the value"));
                return;
        }
        assert(shown == buf && n >= 2 && n < EXCERPT_SIZE);
        assert(shown[0] == '\'' && shown[n - 1] == '\'');
        for (size_t i = 0; i < n; i++)
                assert((unsigned char) shown[i] >= ' ' && shown[i] != 0x7f);
}

static void check_key(const char *key)
{
        const char *shown = excerpt_of_key(key);

        assert(!shown || (shown == key && *key && !strpbrk(key, "=:; \t'\"")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = strndup((const char *) data, size);

        assert(text);
        check_value(text);
        check_key(text);
        return 0;
}

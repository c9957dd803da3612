/* SPDX-License-Identifier: Apache-2.0 */

#include "model/secret.h"

#include <string.h>

#include "base/text.h"

struct Secret {
        size_t length;
        char text[];
};

int secret_new(const char *text, Secret **ret)
{
        if (text_is_empty(text)) {
                *ret = NULL;
                return 0;
        }

        size_t length = strlen(text);
        Secret *s = malloc(sizeof(*s) + length + 1);
        if (!s)
                return -ENOMEM;
        s->length = length;
        memcpy(s->text, text, length + 1);
        *ret = s;
        return 0;
}

int secret_dup(const Secret *s, Secret **ret)
{
        return secret_new(s ? s->text : NULL, ret);
}

Secret *secret_free(Secret *s)
{
        if (s)
                explicit_bzero(s->text, s->length);
        free(s);
        return NULL;
}

bool secret_equal(const Secret *a, const Secret *b)
{
        if (!a || !b)
                return a == b;
        if (a->length != b->length)
                return false;

        unsigned char difference = 0;
        for (size_t i = 0; i < a->length; i++)
                difference |= (unsigned char) (a->text[i] ^ b->text[i]);
        return difference == 0;
}

const char *secret_reveal_for_kernel(const Secret *s)
{
        return s->text;
}

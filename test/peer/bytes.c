/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/bytes.h"

#include <string.h>

#include "base/array.h"

uint8_t *bytes_extend(Bytes *b, size_t n)
{
        size_t n_needed;
        if (b->failed || __builtin_add_overflow(b->length, n, &n_needed) ||
            ARRAY_RESERVE(b->data, b->n_allocated, n_needed) < 0) {
                b->failed = true;
                return NULL;
        }
        uint8_t *p = b->data + b->length;
        memset(p, 0, n);
        b->length = n_needed;
        return p;
}

void bytes_append(Bytes *b, const void *data, size_t n)
{
        if (n == 0)
                return;
        uint8_t *p = bytes_extend(b, n);
        if (p)
                memcpy(p, data, n);
}

void bytes_consume(Bytes *b, size_t n)
{
        b->length -= n;
        if (b->length > 0)
                memmove(b->data, b->data + n, b->length);
}

void bytes_done(Bytes *b)
{
        free(b->data);
        *b = (Bytes) { 0 };
}

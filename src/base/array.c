/* SPDX-License-Identifier: Apache-2.0 */

#include "base/array.h"

#include <string.h>

int array_reserve(void *items, size_t *n_allocated, size_t n, size_t item_size)
{
        if (n <= *n_allocated)
                return 0;

        size_t n_new = MAX(n, (size_t) 8);
        size_t n_grown;
        if (!__builtin_add_overflow(*n_allocated, *n_allocated / 2, &n_grown) && n_grown > n_new)
                n_new = n_grown;
        size_t n_bytes;
        if (__builtin_mul_overflow(n_new, item_size, &n_bytes))
                return -ENOMEM;

        /* The caller's pointer has its own type; accessing it as void * would violate strict
         * aliasing. */
        void *p;
        memcpy(&p, items, sizeof(p));
        p = realloc(p, n_bytes);
        if (!p)
                return -ENOMEM;

        memset((char *) p + *n_allocated * item_size, 0, (n_new - *n_allocated) * item_size);
        memcpy(items, &p, sizeof(p));
        *n_allocated = n_new;
        return 0;
}

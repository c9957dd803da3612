/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/macro.h"

/* Ensures that *items, a pointer to the array's pointer, has room for n items of item_size bytes.
 * Grows by half, so that appending takes amortized constant time. New items are zeroed. Returns 0
 * or -ENOMEM. */
int array_reserve(void *items, size_t *n_allocated, size_t n, size_t item_size);

#define ARRAY_RESERVE(items, n_allocated, n)                                                       \
        array_reserve(&(items), &(n_allocated), (n), sizeof(*(items)))

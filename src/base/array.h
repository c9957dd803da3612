/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/macro.h"

/* Makes room for n items of item_size bytes in *items (a pointer to the array's pointer), growing
 * by half so that appending is linear over all. New items are zeroed. 0 or -ENOMEM. */
int array_reserve(void *items, size_t *n_allocated, size_t n, size_t item_size);

#define ARRAY_RESERVE(items, n_allocated, n)                                                       \
        array_reserve(&(items), &(n_allocated), (n), sizeof(*(items)))

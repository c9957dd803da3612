/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reproducible pseudo-random numbers: the same seed yields the same sequence. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Random {
        uint64_t state; /* never 0 */
} Random;

static inline uint64_t random_next(Random *r) /* xorshift64* */
{
        r->state ^= r->state >> 12;
        r->state ^= r->state << 25;
        r->state ^= r->state >> 27;
        return r->state * UINT64_C(2685821657736338717);
}

/* 0..n-1 */
static inline size_t random_below(Random *r, size_t n)
{
        return (size_t) ((random_next(r) >> 11) % n);
}

static inline bool random_chance(Random *r, unsigned percent)
{
        return random_below(r, 100) < percent;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/backoff.h"

/* The finalizer of MurmurHash3: each bit of the seed affects each bit of the result. */
static uint64_t scatter(uint64_t x)
{
        x ^= x >> 33;
        x *= UINT64_C(0xff51afd7ed558ccd);
        x ^= x >> 33;
        x *= UINT64_C(0xc4ceb9fe1a85ec53);
        return x ^ (x >> 33);
}

usec_t backoff_delay(unsigned n_failures, usec_t max, uint64_t seed)
{
        unsigned n_doublings = MIN(n_failures > 0 ? n_failures - 1 : 0, 11U);
        usec_t nominal = MIN(BACKOFF_MIN << n_doublings, max);

        return nominal * 3 / 4 + scatter(seed + n_failures) % (nominal / 2 + 1);
}

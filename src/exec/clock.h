/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <time.h>

#include "base/macro.h"

/* CLOCK_MONOTONIC, for durations measured by workers. */
static inline usec_t now_monotonic(void)
{
        struct timespec ts;
        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (usec_t) ts.tv_sec * USEC_PER_SEC + (usec_t) ts.tv_nsec / 1000;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How long to wait after a failure: doubling from 1 s to 60 s, with jitter so that many hosts or
 * controllers do not knock in step. */

#include "base/macro.h"

#define BACKOFF_MIN (1 * USEC_PER_SEC)
#define BACKOFF_MAX (60 * USEC_PER_SEC)

/* The wait after the n-th failure in a row (n >= 1): between 3/4 and 5/4 of the nominal time. The
 * jitter comes from the seed alone, so that a plan stays deterministic. */
usec_t backoff_delay(unsigned n_failures, uint64_t seed);

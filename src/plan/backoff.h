/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Delay after a failure: doubles from 1 s to 60 s, with jitter so that many hosts or controllers do
 * not retry in lockstep. */

#include "base/macro.h"

#define BACKOFF_MIN (1 * USEC_PER_SEC)
#define BACKOFF_MAX (60 * USEC_PER_SEC)

/* Delay after the n-th consecutive failure (n >= 1): between 3/4 and 5/4 of the nominal value. The
 * jitter is derived from the seed alone to keep plans deterministic. */
usec_t backoff_delay(unsigned n_failures, uint64_t seed);

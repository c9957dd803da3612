/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Delay after a failure: doubles from 1 s up to a maximum, with jitter so that many hosts or
 * controllers do not retry in lockstep. */

#include "base/macro.h"

#define BACKOFF_MIN (1 * USEC_PER_SEC)
#define BACKOFF_MAX (60 * USEC_PER_SEC)
/* After an answer that says no: the target works, and has to be told otherwise first. Each attempt
 * costs three lines of the kernel's log. */
#define BACKOFF_REFUSED_MAX (20 * 60 * USEC_PER_SEC)

/* Delay after the n-th consecutive failure (n >= 1): between 3/4 and 5/4 of the nominal value. The
 * jitter is derived from the seed alone to keep plans deterministic. */
usec_t backoff_delay(unsigned n_failures, usec_t max, uint64_t seed);

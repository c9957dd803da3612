/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/macro.h"

/* Parses a time span as administrators write it: a number of seconds, or numbers with units, such
 * as "3 days 5 hours", "72hours", "1h30m", "1:24" (minutes:seconds), "1:02:03", "2.5 min". An
 * optional sign in front applies to the whole span. Units are ms|msec, s|sec|second, m|min|minute,
 * h|hr|hour, d|day, w|week and their plurals, each at most once, in descending order, optionally
 * separated by commas. A negative span means forever: USEC_INFINITY. Returns 0, -EINVAL (not a
 * span) or -ERANGE. */
int span_parse(const char *s, usec_t *ret);

/* Formats a span in its shortest readable form: "0", "250ms", "1.5s", "20s", "1min 30s", "3d",
 * "infinity". */
char *span_to_string(usec_t span);

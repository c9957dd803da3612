/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/macro.h"

/* Time spans as administrators write them: a number of seconds or units, "3 days 5 hours",
 * "72hours", "1h30m", "1:24" (minutes:seconds), "1:02:03", "2.5 min", with an optional sign in
 * front for the whole. Units: ms|msec, s|sec|second, m|min|minute, h|hr|hour, d|day, w|week,
 * plurals too; the larger before the smaller, each once, a comma between them allowed. A negative
 * span means "for ever": USEC_INFINITY. 0, -EINVAL (not a span) or -ERANGE.
 */
int span_parse(const char *s, usec_t *ret);

/* Shortest text of a span for people: "0", "250ms", "1.5s", "20s", "1min 30s", "3d", "infinity". */
char *span_to_string(usec_t span);

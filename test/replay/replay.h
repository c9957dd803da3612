/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Recordings (codec/recording.h), given to the engine once more. */

#include <stdio.h>

#include "base/macro.h"

typedef struct ReplayOptions {
        usec_t until; /* since the recording's beginning; USEC_INFINITY: all of it */
        bool explain; /* at the end: every row, why it is as it is */
        bool inputs;  /* print what the engine was told, too */
        bool quiet;   /* print differences alone */
        FILE *out;
} ReplayOptions;

typedef enum ReplayResult {
        REPLAY_SAME,      /* the engine decided what was recorded */
        REPLAY_DIFFERENT, /* the first difference has been printed */
        REPLAY_UNUSABLE,  /* no recording, or a damaged one: likewise */
} ReplayResult;

/* name: for messages. A last line that is cut off, as a daemon leaves it that was killed, is no
 * damage. */
ReplayResult replay_file(FILE *f, const char *name, const ReplayOptions *o);

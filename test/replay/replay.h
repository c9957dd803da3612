/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Replays recordings (codec/recording.h) to the engine. */

#include <stdio.h>

#include "base/macro.h"

typedef struct ReplayOptions {
        usec_t until; /* since the start of the recording; USEC_INFINITY: all of it */
        bool explain; /* explain all rows at the end */
        bool inputs;  /* print inputs, too */
        bool quiet;   /* print differences only */
        FILE *out;
} ReplayOptions;

typedef enum ReplayResult {
        REPLAY_SAME,      /* the same decisions as recorded */
        REPLAY_DIFFERENT, /* the first difference was printed */
        REPLAY_UNUSABLE,  /* not a recording, or damaged; the reason was printed */
} ReplayResult;

/* name: for messages. A truncated last line, as left by a killed daemon, is not an error. */
ReplayResult replay_file(FILE *f, const char *name, const ReplayOptions *o);

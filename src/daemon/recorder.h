/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* --record: what the engine is told and what it decides, into a file (codec/recording.h). Nothing
 * waits for that file; a recording that cannot go on says why, once in the journal and, if there is
 * a way, in its last line. */

#include "plan/engine-input.h"

/* Of the file, with what an earlier run has left in it. */
#define RECORDING_SIZE_MAX ((size_t) 64 * 1024 * 1024)

typedef struct Recorder Recorder;

/* Begins a recording of an engine that has been made with that policy, behind what there is in the
 * file. 0 or a negative errno; -EINVAL: it is no regular file. */
int recorder_new(const char *path, const char *program, const Policy *policy, usec_t now,
                 Recorder **ret);
Recorder *recorder_free(Recorder *r, usec_t now);

/* Before the engine takes it, and after it has planned. NULL records nothing. */
void recorder_input(Recorder *r, const EngineInput *in);
void recorder_plan(Recorder *r, usec_t now, const Plan *plan);
/* The engine has lost an input (-ENOMEM): nothing that follows can be replayed. */
void recorder_lost(Recorder *r, usec_t now);

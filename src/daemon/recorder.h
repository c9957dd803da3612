/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* --record: writes the engine's inputs and decisions to a file (codec/recording.h). The daemon
 * never waits for that file; if the recording cannot continue, the reason is logged once and, if
 * possible, written as its last line. */

#include "plan/engine-input.h"

/* Of the file, including what an earlier run has written. */
#define RECORDING_SIZE_MAX ((size_t) 64 * 1024 * 1024)

typedef struct Recorder Recorder;

/* Starts recording an engine created with this policy, appending to the file. 0 or a negative
 * errno; -EINVAL if it is not a regular file. */
int recorder_new(const char *path, const char *program, const Policy *policy, usec_t now,
                 Recorder **ret);
Recorder *recorder_free(Recorder *r, usec_t now);

/* To be called before the engine takes the input, and after it has planned. Does nothing if the
 * recorder is NULL. */
void recorder_input(Recorder *r, const EngineInput *in);
void recorder_plan(Recorder *r, usec_t now, const Plan *plan);
/* The engine has lost an input (-ENOMEM): what follows cannot be replayed. */
void recorder_lost(Recorder *r, usec_t now);

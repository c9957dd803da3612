/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A recording: the inputs and decisions of an engine, one line of JSON each, so that they can be
 * replayed to another engine. The first line describes how the engine was set up; another such line
 * starts the next life of the daemon. Unprintable bytes in strings are replaced. Secrets are
 * omitted, as no decision depends on them. */

#include "model/engine_input.h"

#define RECORDING_VERSION 1

typedef enum RecordingLineKind {
        RECORDING_START,
        RECORDING_INPUT,
        RECORDING_PLAN, /* engine_plan() */
        RECORDING_END,
} RecordingLineKind;

typedef struct RecordingLine {
        RecordingLineKind kind;
        usec_t now;
        char *text;        /* START: program and version; END: the reason why it ends */
        usec_t realtime;   /* START: since 1970 */
        Policy *policy;    /* START */
        EngineInput input; /* INPUT */
        char **actions;    /* PLAN: the decisions, in the format of recording_encode_action() */
        size_t n_actions;
} RecordingLine;

void recording_line_done(RecordingLine *l);
#define _cleanup_recording_line_ _cleanup_(recording_line_done)

/* Return a line without the newline, or NULL if out of memory. */
char *recording_encode_start(const char *program, usec_t realtime, usec_t now, const Policy *p);
char *recording_encode_input(const EngineInput *in);
char *recording_encode_plan(usec_t now, const PropertiesList *actions);
char *recording_encode_end(usec_t now, const char *reason);
/* Encodes one action of a plan. */
char *recording_encode_action(const Properties *action);

/* Returns 0, -EBADMSG (not such a line), -EPROTONOSUPPORT (other version) or -ENOMEM. */
int recording_decode(const char *line, size_t n, RecordingLine *ret);

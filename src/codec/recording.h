/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A recording: what an engine was told and what it decided, a line of JSON each, so that another
 * engine can be told the same. It begins with a line of what the engine was made with; another such
 * line begins the next life of the daemon. Texts have what is not printable replaced. Secrets are
 * left out: no decision depends on one. */

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
        char *text;        /* START: the program and its version; END: why it ends there */
        usec_t realtime;   /* START: since 1970 */
        Policy *policy;    /* START */
        EngineInput input; /* INPUT */
        char **actions;    /* PLAN: what was decided, each as recording_encode_action() writes it */
        size_t n_actions;
} RecordingLine;

void recording_line_done(RecordingLine *l);
#define _cleanup_recording_line_ _cleanup_(recording_line_done)

/* Lines without their end. NULL when out of memory. */
char *recording_encode_start(const char *program, usec_t realtime, usec_t now, const Policy *p);
char *recording_encode_input(const EngineInput *in);
char *recording_encode_plan(usec_t now, const PropertiesList *actions);
char *recording_encode_end(usec_t now, const char *reason);
/* One of a plan's actions. */
char *recording_encode_action(const Properties *action);

/* 0, -EBADMSG (not one of these), -EPROTONOSUPPORT (of another version) or -ENOMEM. */
int recording_decode(const char *line, size_t n, RecordingLine *ret);

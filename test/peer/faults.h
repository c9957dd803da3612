/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Injected faults, and the step of the conversation with a host at which they occur. */

#include "base/macro.h"

typedef enum Step {
        STEP_ICREQ,
        STEP_CONNECT,
        STEP_PROPERTY,
        STEP_IDENTIFY,
        STEP_FEATURES,
        STEP_LOG,
        STEP_SUPPORTED_LOGS,
        STEP_ASYNC,
        STEP_KEEP_ALIVE,
        STEP_DIM,
        STEP_OTHER, /* any other command */
        _STEP_MAX,
} Step;

typedef enum FaultKind {
        FAULT_NONE,
        FAULT_STALL, /* the connection stays open, but nothing is answered any more */
        FAULT_RESET, /* the connection is reset */
        FAULT_DROP,  /* this command is never answered; others are */
        FAULT_FAIL,  /* this command fails with a status */
        _FAULT_KIND_MAX,
} FaultKind;

#define FAULT_ALWAYS UINT64_MAX

typedef struct Fault {
        FaultKind kind;
        uint16_t status; /* FAULT_FAIL */
        uint64_t n_left; /* remaining occurrences */
} Fault;

typedef struct Faults {
        Fault steps[_STEP_MAX];
} Faults;

const char *step_to_string(Step s);
/* 0 or -EINVAL. */
int step_from_string(const char *text, Step *ret);
const char *fault_kind_to_string(FaultKind k);

/* Returns the fault for a host that reached the step, and decrements its remaining occurrences. */
Fault faults_take(Faults *f, Step s);

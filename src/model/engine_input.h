/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An input of the engine as a value that can be passed to an engine (plan/engine-input.h), recorded
 * and read back (codec/recording.h). */

#include "base/macro.h"
#include "model/network.h"
#include "model/operation.h"
#include "model/policy.h"
#include "model/source_set.h"

typedef enum KernelEvent {
        KERNEL_ADDED,
        KERNEL_REMOVED,
        KERNEL_CONNECTED,    /* a (re)connection is complete */
        KERNEL_LOG_CHANGED,  /* the asynchronous event 70f002h */
        KERNEL_REDISCOVERED, /* a discovery controller has reconnected */
} KernelEvent;

/* Each corresponds to a function engine_…() in plan/engine.h, which documents it. */
typedef enum EngineInputKind {
        INPUT_SET_POLICY,
        INPUT_SET_NETWORK,
        INPUT_REACHABILITY,
        INPUT_SET_SOURCE,
        INPUT_REPLACE_SOURCE,
        INPUT_DROP_SOURCE,
        INPUT_RESTORE_DEVICE,
        INPUT_REMEMBER,
        INPUT_RESTORE_STALL,
        INPUT_CONNECTS_OVER,
        INPUT_HOLD_CONNECTS,
        INPUT_ANNOUNCED,
        INPUT_RETRY_NOW,
        INPUT_REREAD_LOGS,
        INPUT_REGISTER_AGAIN,
        INPUT_RELEASE_ALL,
        INPUT_KERNEL_EVENT,
        INPUT_KERNEL_EVENTS_LOST,
        INPUT_OWNER_CHANGED,
        INPUT_COMPLETE,
        _ENGINE_INPUT_KIND_MAX,
} EngineInputKind;

/* Fields that a kind does not use are 0 or NULL. */
typedef struct EngineInput {
        EngineInputKind kind;
        usec_t now;
        int instance;
        uint64_t inode;
        KernelEvent event;
        bool hold;
        usec_t begun, took, until; /* the stall of tid */
        Reachability reachability;
        /* The engine takes ownership of these. */
        Completion completion;
        Network network;
        Policy *policy;
        SourceSet *set;
        /* The engine only borrows these. */
        const char *key;
        const Tid *tid;
} EngineInput;

/* Frees everything it points to, for callers that own all of it. */
void engine_input_done(EngineInput *in);

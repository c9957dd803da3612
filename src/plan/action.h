/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Operations that the engine requests. One connect at a time: the kernel serializes connects, and
 * the engine keeps control of their order. */

#include "base/properties.h"
#include "model/operation.h"
#include "model/settings.h"

struct Row;

/* Maximum number of concurrent probes: each takes a socket of the daemon. */
#define ENGINE_PROBES_MAX 1024

typedef struct Action {
        Operation operation; /* not NONE, SETTLE or the daemon's own operations */
        uint64_t op_id;      /* returned in the completion */
        uint64_t cancels;    /* CANCEL_PROBE: the op_id of the probe */
        usec_t timeout;      /* PROBE */
        int instance;
        uint64_t inode; /* of all with an instance except READ_DEVICE: -ESTALE unless the name still
                           refers to this controller */
        bool force;     /* DISCONNECT: even if it is the last path to a block device in use */
        unsigned log_options; /* READ_LOG: DISCOVERY_LOG_* options to request */
        bool any_kind;        /* READ_DEVICE: controllers of any kind */
        /* All but CANCEL_PROBE, READ_DEVICE, SCAN: valid until the next call of the engine. */
        const struct Row *row;
        Settings settings;
} Action;

/* Describes everything in the action that matters to its execution: two actions with the same
 * description are identical. Returns 0 or -ENOMEM. */
int action_describe(const Action *a, Properties *p);

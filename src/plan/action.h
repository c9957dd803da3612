/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the engine wants to have done. One connect at a time: the kernel serializes them, and the
 * order stays ours. */

#include "base/properties.h"
#include "model/operation.h"
#include "model/settings.h"

struct Row;

/* Probes under way at a time: each is a socket of the daemon. */
#define ENGINE_PROBES_MAX 1024

typedef struct Action {
        Operation operation; /* but NONE, SETTLE and the daemon's own */
        uint64_t op_id;      /* comes back with the completion */
        uint64_t cancels;    /* CANCEL_PROBE: the op_id of the probe */
        usec_t timeout;      /* PROBE */
        int instance;
        uint64_t inode; /* of all that have an instance, but READ_DEVICE: act only while the name
                           means this controller, else -ESTALE */
        bool force;     /* DISCONNECT: also if it is the last path to a block device in use */
        unsigned log_options; /* READ_LOG: DISCOVERY_LOG_* to ask for */
        bool any_kind;        /* READ_DEVICE: also if it is not of our kind */
        /* Of all but CANCEL_PROBE, READ_DEVICE, SCAN: valid until the next call of the engine. */
        const struct Row *row;
        Settings settings;
} Action;

/* All of it that matters to who carries it out, in words: two actions with one description are the
 * same action. 0 or -ENOMEM. */
int action_describe(const Action *a, Properties *p);

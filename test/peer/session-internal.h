/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Parts of a session that are accessible to the commands. */

#include "peer/command.h"
#include "peer/session.h"

enum {
        AERL = 3, /* 0's based: outstanding Asynchronous Event Requests */
        HOST_BEHAVIOR_SIZE = 512,
        TRANSFER_MAX = 4096 << MDTS_MAX,
        MQES = 127,             /* 0's based */
        NVME_VERSION = 2 << 16, /* 2.0.0 */
};

/* Bits of CC and CSTS. */
enum {
        CC_EN = 1 << 0,
        CC_SHN_MASK = 3 << 14,
        CSTS_RDY = 1 << 0,
        CSTS_CFS = 1 << 1,
        CSTS_SHST_MASK = 3 << 2,
        CSTS_SHST_COMPLETE = 2 << 2,
};

struct Session {
        Peer *peer;
        uint64_t id;
        SessionState state;
        Bytes in, out;
        usec_t now;
        char *next_address; /* NULL: not known */
        Bytes frozen;       /* the log page as it is handed out; empty: it will be made anew */
        uint64_t n_frozen_read;
        bool is_stalled;
        Step stalled_at;

        /* the queue */
        uint8_t hpda;
        bool has_flow_control;
        uint16_t sqsize, sqhd; /* sqsize is 0's based */

        /* the controller */
        uint16_t cntlid;
        char hostnqn[NQN_SIZE + 1];
        uint8_t host_id[HOST_ID_SIZE];
        uint32_t cc, csts;
        uint32_t kato_msec;
        usec_t last_command;
        uint8_t host_behavior[HOST_BEHAVIOR_SIZE];

        /* events */
        uint32_t event_config;
        uint16_t event_requests[AERL + 1]; /* command ids, oldest first */
        size_t n_event_requests;
        bool event_pending; /* an event awaits a request */
        bool event_masked;  /* until the log page is read */
};

typedef struct Reply {
        uint16_t status;
        uint64_t result;
        Bytes data;   /* for the host */
        bool is_held; /* the command completes later */
} Reply;

/* Completes a command, immediately or later. */
void session_complete(Session *s, uint16_t cid, uint16_t status, uint64_t result);

/* Asynchronous events: commands-async.c. */
void events_forget(Session *s); /* on controller reset */
void events_log_was_read(Session *s);

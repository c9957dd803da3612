/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A portal: both ends of a TCP connection, shared by all rows that are reached through it. The
 * kernel is asked to connect one of them only after the portal has answered a probe: to an address
 * where nobody answers it would hold the mutex of all connects for seconds. One probe and one wait
 * serve all rows, however many NQNs there are behind it. */

#include <bsd/sys/tree.h>
#include <sys/queue.h>

#include "model/tid.h"

/* For how long an answer counts, a connect that succeeded being one, too: long enough for the rows
 * that wait for their turn behind it, so that many are connected by one probe; short, because a
 * target that has gone since then costs every other connect what the kernel waits for it. */
#define PORTAL_ANSWER_USEC (2 * USEC_PER_SEC)

/* A connect that fails after so long failed by time; what is refused is refused at once. Such a
 * portal, which may well go on to answer probes, is left alone for ten times what the try took: it
 * has at most a tenth of the kernel's time. */
#define PORTAL_SLOW_USEC (2 * USEC_PER_SEC)
#define PORTAL_SLOW_FACTOR 10
#define PORTAL_SLOW_WAIT_MAX (600 * USEC_PER_SEC)

/* A probe's deadline: doubled with each failure, for targets that are slow and not dead. The first
 * outlasts a lost packet, which is repeated after a second (TCP: RFC 6298; neighbours: RFC 4861,
 * and Linux for ARP): what comes up with its link loses one. */
#define PORTAL_TIMEOUT_MIN (1500 * USEC_PER_MSEC)
#define PORTAL_TIMEOUT_MAX (8 * USEC_PER_SEC)

typedef struct Portal {
        RB_ENTRY(Portal) by_path, by_op, by_turn;
        TAILQ_ENTRY(Portal) unwatched_entry;
        Tid *tid; /* of it only what tid_compare_path() compares means something */
        size_t n_rows;
        LIST_HEAD(, Controller) waiting; /* rows to be connected, whatever keeps them waiting */
        size_t n_waiting;

        usec_t answered_until;
        usec_t retry_at;     /* earliest next probe */
        unsigned n_failures; /* since a connect was answered, one way or the other */
        int last_error;      /* 0: it answered the last probe, or was never asked */

        uint64_t op_id; /* of the probe under way; 0: none */
        uint64_t turn;  /* among those to be asked */
        bool in_turns, unwatched;
} Portal;

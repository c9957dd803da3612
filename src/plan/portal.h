/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A portal: both ends of a TCP connection, shared by all rows that are reached through it. The
 * kernel is asked to connect one of them only after the portal has answered a probe: to an address
 * where nobody answers it would hold the mutex of all connects for seconds. One probe and one wait
 * serve all rows, however many NQNs there are behind it. */

#include <bsd/sys/tree.h>
#include <sys/queue.h>

#include "model/tid.h"
#include "plan/stalls.h"

/* For how long an answer counts, a connect that succeeded being one, too: long enough for the rows
 * that wait for their turn behind it, so that many are connected by one probe; short, because a
 * target that has gone since then costs every other connect what the kernel waits for it. */
#define PORTAL_ANSWER_USEC (2 * USEC_PER_SEC)

/* A probe's deadline: doubled with each failure, for targets that are slow and not dead. The first
 * outlasts a lost packet, which is repeated after a second (TCP: RFC 6298; neighbours: RFC 4861,
 * and Linux for ARP): what comes up with its link loses one. */
#define PORTAL_TIMEOUT_MIN (1500 * USEC_PER_MSEC)
#define PORTAL_TIMEOUT_MAX (8 * USEC_PER_SEC)

/* A probe that this host could not even begin says nothing about the portal. What it lacks comes
 * back as other probes end; what it forbids somebody must allow. */
#define PORTAL_SHORTAGE_USEC (1 * USEC_PER_SEC)
#define PORTAL_FORBIDDEN_USEC (10 * USEC_PER_SEC)
/* A shortage concerns all portals: it is told once in so long. */
#define PORTAL_SHORTAGE_TOLD_USEC (3600 * USEC_PER_SEC)

/* Of descriptors, of memory. */
bool probe_is_shortage(int error);
/* That, or this host's security policy. */
bool probe_is_ours(int error);

/* What the stalled connects of its rows (plan/stalls.h) have cost the kernel, and what follows: see
 * engine-stalls.c. Times are 0 or past when nobody waits. */
typedef struct Ledger {
        unsigned n_stalls;            /* of rows that had not stalled before */
        unsigned n_since_live;        /* of these, since a controller of the portal became live */
        usec_t begun, ended, longest; /* the last one, the longest one, of any row */
        usec_t spent_until;           /* no row that stalled is connected before */
        usec_t closed_until;          /* no other row is */
} Ledger;

typedef struct Portal {
        RB_ENTRY(Portal) by_path, by_op, by_turn;
        TAILQ_ENTRY(Portal) unwatched_entry;
        Tid *tid; /* of it only what tid_compare_path() compares means something */
        size_t n_rows;
        LIST_HEAD(, Row) waiting; /* rows to be connected, whatever keeps them waiting */
        size_t n_waiting;

        usec_t answered_until;
        usec_t retry_at;     /* earliest next probe */
        unsigned n_failures; /* of probes, since a connect was answered, one way or the other */
        int last_error;      /* of a probe; 0: it answered the last one, or was never asked */

        uint64_t op_id; /* of the probe under way; 0: none */
        uint64_t turn;  /* among those to be asked */
        bool in_turns, unwatched;

        Ledger ledger;
} Portal;

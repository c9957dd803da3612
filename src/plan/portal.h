/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A portal: both ends of a TCP connection, shared by all rows that are reached through it. The
 * kernel connects these rows only after the portal has answered a probe: a connect to an address
 * that does not answer would hold the mutex of all connects for seconds. All rows share one probe
 * and one wait, whatever the number of NQNs behind the portal. */

#include <bsd/sys/tree.h>
#include <sys/queue.h>

#include "model/tid.h"
#include "plan/stalls.h"

/* Validity of an answer; a successful connect is an answer, too. Long enough for the rows that wait
 * for their turn, so that one probe serves many connects; short, because a connect to a target that
 * has disappeared meanwhile delays all other connects while the kernel waits. */
#define PORTAL_ANSWER_USEC (2 * USEC_PER_SEC)

/* Timeout of a probe: doubled with each failure, for targets that are slow but alive. The first
 * outlasts one lost packet, which is retransmitted after a second (TCP: RFC 6298; neighbours: RFC
 * 4861, and Linux for ARP): a target that comes up with its link loses one. */
#define PORTAL_TIMEOUT_MIN (1500 * USEC_PER_MSEC)
#define PORTAL_TIMEOUT_MAX (8 * USEC_PER_SEC)

/* Delay after a probe that this host could not start, which says nothing about the portal.
 * Resources become available as other probes end; a permission must be granted by the
 * administrator; a new address ends the wait. */
#define PORTAL_SHORTAGE_USEC (1 * USEC_PER_SEC)
#define PORTAL_FORBIDDEN_USEC (10 * USEC_PER_SEC)
/* A shortage affects all portals: it is reported at most once in this interval. */
#define PORTAL_SHORTAGE_TOLD_USEC (3600 * USEC_PER_SEC)

/* Returns true for a lack of descriptors or memory. */
bool probe_is_shortage(int error);
/* Likewise for a connect, whose -ENOMEM may be caused by the target. */
bool connect_is_shortage(int error);
/* True for probe_is_shortage(), if this host's security policy forbids the probe, or if this host
 * has no address to send it from. */
bool probe_is_ours(int error);

/* Cost of the portal's stalled connects (plan/stalls.h) to the kernel, and its consequences: see
 * engine-stalls.c. Times are 0 or past if no row waits. */
typedef struct Ledger {
        unsigned n_stalls;            /* of rows that had not stalled before */
        unsigned n_since_live;        /* the same, since a controller of the portal became live */
        usec_t begun, ended, longest; /* last begin, last end, longest duration; of any row */
        usec_t spent_until;           /* rows that have stalled are not connected before */
        usec_t closed_until;          /* other rows are not connected before */
} Ledger;

typedef struct Portal {
        RB_ENTRY(Portal) by_path, by_op, by_turn;
        TAILQ_ENTRY(Portal) unwatched_entry;
        Tid *tid; /* only the parts that tid_compare_path() compares are valid */
        size_t n_rows;
        LIST_HEAD(, Row) waiting; /* rows to be connected, whatever they wait for */
        size_t n_waiting;

        usec_t answered_until;
        usec_t retry_at;     /* earliest next probe */
        unsigned n_failures; /* of probes, since a connect was last answered, successfully or not */
        int last_error;      /* of a probe; 0: the last one was answered, or it was never probed */

        uint64_t op_id; /* of the probe under way, or 0 */
        uint64_t turn;  /* position among the portals to be probed */
        bool in_turns, unwatched;

        Ledger ledger;
} Portal;

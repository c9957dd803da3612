/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Internal to the engine: portals, the rows that wait for them, and the order of probes. */

#include "plan/engine.h"

/* This many rows whose portals have answered keep the kernel busy: other portals are probed when
 * their turn is near, so that their answers are still valid by then. Portals that do not answer at
 * once do not delay others: after each pace interval, the portals of this many more rows are
 * probed. */
#define ENGINE_READY_MAX 64
#define ENGINE_PROBE_PACE (10 * USEC_PER_MSEC)

RB_HEAD(PortalTree, Portal);
RB_HEAD(PortalOpTree, Portal);
RB_HEAD(PortalTurnTree, Portal);
TAILQ_HEAD(PortalQueue, Portal);

typedef struct Portals {
        struct PortalTree by_path;
        struct PortalOpTree ops;
        struct PortalTurnTree turns; /* to be probed */
        struct PortalQueue
                unwatched;         /* no row waits any more: probes queued or under way are ended */
        size_t n_probes, n_silent; /* silent: waiting to be probed again */
        usec_t pace_at;            /* when the current pace interval began */
        size_t n_asked;            /* rows whose portals were probed since pace_at */
        int shortage; /* the last one reported, and the time when it may be reported again */
        usec_t shortage_told_until;
} Portals;

RB_PROTOTYPE(PortalTree, Portal, by_path, portal_compare_path);
RB_PROTOTYPE(PortalOpTree, Portal, by_op, portal_compare_op);
RB_PROTOTYPE(PortalTurnTree, Portal, by_turn, portal_compare_turn);

/* engine-portals.c */
void engine_init_portals(Engine *e);
int engine_probe_ended(Engine *e, Completion *end, usec_t now);
/* Assigns the row to the portal of its path. Does nothing if no probe is needed. */
int engine_join_portal(Engine *e, Row *row);
void engine_leave_portal(Engine *e, Row *row);
/* The row is to be connected: it is marked dirty when the portal's state changes. */
void engine_wait_for_portal(Row *row);
void engine_stop_waiting(Engine *e, Row *row);
/* Queues a probe of the portal, unless one is queued or under way. */
void engine_want_probe(Engine *e, Portal *p);
/* Returns true if a shortage with this error was reported lately; else marks it as reported. */
bool engine_shortage_is_told(Engine *e, int error, usec_t now);
/* A connect through the portal was answered, successfully or not. */
void engine_learn_answer(Engine *e, Portal *p, int error, usec_t now);
/* Returns the portal with exactly the local and far end of the TID, or NULL. */
Portal *engine_find_portal(const Engine *e, const Tid *tid);
/* Iterates over the portals with the same far end, in any order. NULL starts and ends the
 * iteration. */
Portal *engine_next_portal(const Engine *e, const Tid *tid, const Portal *after);
/* Ends the wait: the reason for the failure may have disappeared. */
void engine_retry_portal(Engine *e, Portal *p);
/* Likewise, and cancels the probe under way, which will not be answered. */
void engine_reopen_portal(Engine *e, Portal *p);
void engine_retry_portals(Engine *e); /* for all portals with waiting rows */
/* Called at the end of a plan: starts and cancels probes. */
int engine_start_probes(Engine *e, usec_t now);
/* Returns the time of the next call if nothing happens before. */
usec_t engine_next_probes(const Engine *e);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the engine: portals, who waits for them and who is to be asked. */

#include "plan/engine.h"

/* So many rows whose portals have answered keep the kernel busy: others are asked when their turn
 * is near, so that their answers are not old by then. Who does not answer at once is not waited
 * for: after the pace as many more are asked. */
#define ENGINE_READY_MAX 64
#define ENGINE_PROBE_PACE (10 * USEC_PER_MSEC)

RB_HEAD(PortalTree, Portal);
RB_HEAD(PortalOpTree, Portal);
RB_HEAD(PortalTurnTree, Portal);
TAILQ_HEAD(PortalQueue, Portal);

typedef struct Portals {
        struct PortalTree by_path;
        struct PortalOpTree ops;
        struct PortalTurnTree turns; /* to be asked */
        struct PortalQueue
                unwatched;         /* no row waits any more: what is asked for is asked in vain */
        size_t n_probes, n_silent; /* silent: those that wait to be asked again */
        usec_t pace_at;            /* when the present pace began */
        size_t n_asked;            /* rows for which portals were asked since then */
        int shortage;              /* that was told last, and when it may be told again */
        usec_t shortage_told_until;
} Portals;

RB_PROTOTYPE(PortalTree, Portal, by_path, portal_compare_path);
RB_PROTOTYPE(PortalOpTree, Portal, by_op, portal_compare_op);
RB_PROTOTYPE(PortalTurnTree, Portal, by_turn, portal_compare_turn);

/* engine-portals.c */
void engine_init_portals(Engine *e);
int engine_probe_ended(Engine *e, Completion *end, usec_t now);
/* A row begins: it shares the portal of those with the same path. Nothing for what needs none. */
int engine_join_portal(Engine *e, Row *row);
void engine_leave_portal(Engine *e, Row *row);
/* The row is to be connected: it is told when the portal's state changes. */
void engine_wait_for_portal(Row *row);
void engine_stop_waiting(Engine *e, Row *row);
/* The portal is to be asked, unless it is being asked. */
void engine_want_probe(Engine *e, Portal *p);
/* A connect through it was answered, one way or the other. */
void engine_learn_answer(Engine *e, Portal *p, int error, usec_t now);
/* Both ends as the TID has them, or NULL. */
Portal *engine_find_portal(const Engine *e, const Tid *tid);
/* Those with its far end, in any order; NULL begins and ends. */
Portal *engine_next_portal(const Engine *e, const Tid *tid, const Portal *after);
/* The reason for the silence may have gone. */
void engine_retry_portal(Engine *e, Portal *p);
/* The same, and what was asked before will not be answered. */
void engine_reopen_portal(Engine *e, Portal *p);
void engine_retry_portals(Engine *e); /* for all that keeps rows waiting for them */
/* At the end of a plan: begins and cancels. */
int engine_start_probes(Engine *e, usec_t now);
/* When it is to be called again, should nothing happen before. */
usec_t engine_next_probes(const Engine *e);

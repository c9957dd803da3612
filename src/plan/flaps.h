/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Controllers that a peer (a discovery log, a referral, mDNS) gives up and names again. What is
 * known of that outlives the row, which ends with its connection; it does not outlive the daemon.
 */

#include <bsd/sys/tree.h>
#include <sys/queue.h>

#include "plan/decision.h"

/* How long a controller that was given up stays connected: doubled each time that it is named again
 * within so many quiet times of the last such reversal, and halved when as many pass without one.
 */
#define FLAP_QUIET_MIN_USEC PLAN_QUIET_USEC
#define FLAP_QUIET_MAX_USEC (300 * USEC_PER_SEC)
#define FLAP_FACTOR 10
/* More than that are not remembered. */
#define FLAPS_MAX 4096

typedef struct Flap {
        RB_ENTRY(Flap) by_tid;
        TAILQ_ENTRY(Flap) by_age;
        Tid *tid;
        usec_t quiet;
        usec_t since;        /* of the last reversal, later as it is forgotten; before there was
                              * one, of the withdrawal */
        bool reversed;       /* there was one */
        unsigned n_failures; /* what its connects had come to when it was given up */
        usec_t connect_at;
} Flap;

RB_HEAD(FlapTree, Flap);
TAILQ_HEAD(FlapQueue, Flap);

typedef struct Flaps {
        struct FlapTree by_tid;
        struct FlapQueue by_age; /* the one that has not moved for longest first */
        size_t n;
} Flaps;

void flaps_init(Flaps *f);
/* Forgets all. */
void flaps_clear(Flaps *f);
/* It is given up. NULL: out of memory; else its quiet time is what its connection has left. */
Flap *flaps_withdraw(Flaps *f, const Tid *tid, usec_t now);
/* It is named again. NULL: its quiet time is the shortest one. */
Flap *flaps_reverse(Flaps *f, const Tid *tid, usec_t now);

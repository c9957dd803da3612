/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Controllers that a peer (a discovery log, a referral, mDNS) withdraws and names again. This
 * record outlives the row, which ends with its connection, but not the daemon. */

#include <bsd/sys/tree.h>
#include <sys/queue.h>

#include "plan/decision.h"

/* Quiet time of a withdrawn controller: doubled each time it is named again within FLAP_FACTOR
 * quiet times of the last reversal, and halved when as many pass without one. */
#define FLAP_QUIET_MIN_USEC PLAN_QUIET_USEC
#define FLAP_QUIET_MAX_USEC (300 * USEC_PER_SEC)
#define FLAP_FACTOR 10
/* Maximum number of records. */
#define FLAPS_MAX 4096

typedef struct Flap {
        RB_ENTRY(Flap) by_tid;
        TAILQ_ENTRY(Flap) by_age;
        Tid *tid;
        usec_t quiet;
        usec_t since;  /* of the last reversal, advanced when the quiet time is halved; before the
                          first reversal, of the withdrawal */
        bool reversed; /* named again at least once */
        unsigned n_failures; /* of its connects, when it was withdrawn */
        usec_t connect_at;
} Flap;

RB_HEAD(FlapTree, Flap);
TAILQ_HEAD(FlapQueue, Flap);

typedef struct Flaps {
        struct FlapTree by_tid;
        struct FlapQueue by_age; /* least recently changed first */
        size_t n;
} Flaps;

void flaps_init(Flaps *f);
/* Forgets all records. */
void flaps_clear(Flaps *f);
/* The controller was withdrawn. Returns its record with the quiet time that applies to its
 * connection, or NULL if out of memory. */
Flap *flaps_withdraw(Flaps *f, const Tid *tid, usec_t now);
/* The controller was named again. Returns NULL if its quiet time is the shortest one. */
Flap *flaps_reverse(Flaps *f, const Tid *tid, usec_t now);

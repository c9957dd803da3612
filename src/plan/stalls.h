/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Stalled connects: the kernel waited for the target while it held the mutex of all connects, and
 * gave up. A stall belongs to one controller. It outlives the row, which may leave a discovery log
 * and come back, and the daemon. */

#include <bsd/sys/tree.h>

#include "model/tid.h"

/* Refusals arrive at once: an error after this time is a timeout. */
#define STALL_USEC (2 * USEC_PER_SEC)
/* The controller is not connected for STALL_FACTOR times the duration of its connect, up to the
 * maximum. */
#define STALL_FACTOR 10
#define STALL_WAIT_MAX_USEC (600 * USEC_PER_SEC)
/* Maximum number of stalls remembered. */
#define STALLS_MAX 1024

typedef struct Stall {
        RB_ENTRY(Stall) by_tid, by_end;
        Tid *tid;
        usec_t begun, took; /* of the last one */
        usec_t until;       /* not connected before; 0: the wait was ended */
} Stall;

RB_HEAD(StallTree, Stall);
RB_HEAD(StallEndTree, Stall);

typedef struct Stalls {
        struct StallTree by_tid;
        struct StallEndTree by_end;
        size_t n;
} Stalls;

void stalls_init(Stalls *s);
void stalls_done(Stalls *s);
/* Replaces an earlier stall of the same controller. Returns 0 or -ENOMEM. */
int stalls_add(Stalls *s, const Tid *tid, usec_t begun, usec_t took, usec_t until);
Stall *stalls_find(const Stalls *s, const Tid *tid);
/* Returns the stall whose wait ends first, or NULL. */
Stall *stalls_first(const Stalls *s);
/* Iterates in order of TID; NULL starts and ends the iteration. */
Stall *stalls_next(const Stalls *s, const Stall *after);
void stalls_remove(Stalls *s, Stall *stall);
/* Ends all waits; the stalls are kept. */
void stalls_end_waits(Stalls *s);

/* Returns true if a connect that failed with this error (negative, or 0) after this time has
 * stalled. A connect that was answered, even late or by a refusal, has not stalled. */
bool stall_is(int error, usec_t took);
/* Returns the time when a controller whose connect stalled is retried. */
usec_t stall_end(usec_t begun, usec_t took);

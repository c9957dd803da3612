/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Connects that stalled: the kernel waited for the target, held the mutex of all connects
 * meanwhile, and gave up. A stall belongs to one controller and outlives its row, which may leave a
 * discovery log and come back, and the daemon. */

#include <bsd/sys/tree.h>

#include "model/tid.h"

/* What is refused is refused at once, what fails after so long failed by time. */
#define STALL_USEC (2 * USEC_PER_SEC)
/* The controller is left alone for so many times what its connect took, up to the other. */
#define STALL_FACTOR 10
#define STALL_WAIT_MAX_USEC (600 * USEC_PER_SEC)
/* More than that are not remembered. */
#define STALLS_MAX 1024

typedef struct Stall {
        RB_ENTRY(Stall) by_tid, by_end;
        Tid *tid;
        usec_t begun, took; /* the last one */
        usec_t until;       /* the controller is not connected before; 0: its wait was ended */
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
/* A later one of the same controller replaces the one before. 0 or -ENOMEM. */
int stalls_add(Stalls *s, const Tid *tid, usec_t begun, usec_t took, usec_t until);
Stall *stalls_find(const Stalls *s, const Tid *tid);
/* Whose wait ends first, or NULL. */
Stall *stalls_first(const Stalls *s);
/* In order of TID; NULL begins and ends. */
Stall *stalls_next(const Stalls *s, const Stall *after);
void stalls_remove(Stalls *s, Stall *stall);
/* They stay, and none waits any more. */
void stalls_end_waits(Stalls *s);

/* Did a connect that failed with this error (negative, or 0) after so long stall? Not if it was
 * answered, be it by a refusal: however long that took. */
bool stall_is(int error, usec_t took);
/* When a controller whose connect stalled is to be tried again. */
usec_t stall_end(usec_t begun, usec_t took);

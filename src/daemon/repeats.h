/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Messages that a peer can bring about without end. Of each, which is one text about one subject, a
 * few are said at once and then one now and then; the others are counted, and the count is said
 * with the next one. So neither many of one nor many different ones fill the journal. */

#include "base/macro.h"

/* So many at once, and another one after each such time. */
#define REPEATS_BURST 5
#define REPEATS_PERIOD_USEC (60 * USEC_PER_SEC)
/* Messages that are kept apart; beyond, two may share their measure. */
#define REPEATS_MAX 4096

typedef struct Repeat {
        uint64_t key;
        usec_t full_at; /* by then a whole burst may be said again */
        unsigned n;     /* not said */
        char *text;     /* of the last of these, or NULL */
        const char *id; /* its MESSAGE_ID; static */
        int priority;
} Repeat;

/* A message that was held back and may be said now: the last one of n. */
typedef struct Held {
        const char *id;
        int priority;
        char *text; /* to be freed; NULL: it was out of memory */
        unsigned n;
} Held;

typedef struct Repeats {
        Repeat *slots; /* NULL: none was ever used */
        size_t n_held; /* slots with something that is not said */
} Repeats;

void repeats_done(Repeats *r);
/* A key of what makes the message. */
uint64_t repeats_key(const char *a, const char *b, const char *c, int x, int y);
/* May the message be said? Else it is counted. *ret_n: how many of its kind were not said, which is
 * to be said with it. */
bool repeats_may_say(Repeats *r, uint64_t key, const char *id, int priority, const char *text,
                     usec_t now, unsigned *ret_n);
/* False if nothing that was held back may be said yet. */
bool repeats_take_held(Repeats *r, usec_t now, Held *ret);
/* " (repeated 12 times)", or "" for 0. */
const char *repeats_suffix(unsigned n, size_t size, char *buffer);

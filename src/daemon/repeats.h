/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rate limit for messages that a peer can cause without end. Each message, one text about one
 * subject, is logged in a short burst and then once per period; the others are counted, and the
 * count is logged with the next one. So neither many repetitions of one message nor many different
 * ones fill the journal. */

#include "base/macro.h"

/* Size of a burst, and the period after which another message is allowed. */
#define REPEATS_BURST 5
#define REPEATS_PERIOD_USEC (60 * USEC_PER_SEC)
/* Messages that are tracked separately; above this, two may share a limit. */
#define REPEATS_MAX 4096

typedef struct Repeat {
        uint64_t key;
        usec_t full_at; /* time at which a whole burst is allowed again */
        unsigned n;     /* messages suppressed */
        char *text;     /* the last of these, or NULL */
        const char *id; /* its MESSAGE_ID; static */
        int priority;
} Repeat;

/* A suppressed message that may be logged now: the last one of n. */
typedef struct Held {
        const char *id;
        int priority;
        char *text; /* owned by the caller; NULL: out of memory */
        unsigned n;
} Held;

typedef struct Repeats {
        Repeat *slots; /* NULL until the first use */
        size_t n_held; /* slots with suppressed messages */
} Repeats;

void repeats_done(Repeats *r);
/* Hashes what identifies the message. */
uint64_t repeats_key(const char *a, const char *b, const char *c, int x, int y);
/* Returns true if the message may be logged; otherwise it is counted. *ret_n: number of suppressed
 * messages of its kind, to be logged with it. */
bool repeats_may_say(Repeats *r, uint64_t key, const char *id, int priority, const char *text,
                     usec_t now, unsigned *ret_n);
/* False if no suppressed message may be logged yet. */
bool repeats_take_held(Repeats *r, usec_t now, Held *ret);
/* " (repeated 12 times)", or "" for 0. */
const char *repeats_suffix(unsigned n, size_t size, char *buffer);

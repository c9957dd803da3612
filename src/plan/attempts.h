/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What was tried to connect or disconnect a row's controller, and when it is tried again. Others
 * read it; all that changes it is here. */

#include "base/macro.h"

/* Announcements end a wait no more often. */
#define ATTEMPTS_ANNOUNCED_PACE (10 * USEC_PER_SEC)

typedef struct Attempts {
        unsigned n_attempts; /* connects and unanswered probes since it was last connected */
        unsigned n_failures; /* in a row, since it was last connected for a while */
        usec_t connect_at, disconnect_at;
        usec_t announced_until; /* another announcement ends no wait before */
        bool made;              /* the connection, or the last one, by us */
        bool brief;      /* it refused a host that wants to stay: connect for one read of its log */
        bool polled;     /* that was done, and connect_at is the time of the next */
        bool in_use;     /* its deletion was refused: the last path to a block device in use */
        bool in_doubt;   /* of that: nobody could tell yet whether it is in use */
        char *in_use_by; /* of that: which device, and by whom; NULL: not known */
        int last_error;  /* 0: none since it was connected */
        usec_t since;    /* of the connection, or of its loss; 0: neither yet */
} Attempts;

void attempts_done(Attempts *a);

/* ---- connects ---- */

/* One more, or its portal did not answer before it. */
void attempts_begin(Attempts *a);
/* It failed. "seed" spreads the time of the next over many rows; "try_brief": the next one asks for
 * the other kind of connection, to stay or to read a log and go. */
void attempts_fail(Attempts *a, int error, bool try_brief, uint64_t seed, usec_t now);
/* The kernel has connected it for us; the device is still to be read. */
void attempts_succeed(Attempts *a, usec_t now);
/* The next may be at once. False: it may anyway. */
bool attempts_retry(Attempts *a);
/* It was announced. False: not long after the last time, which is not to end a wait. */
bool attempts_announce(Attempts *a, usec_t now);
/* What failed before does not count: for NCC, for the backoff, for both and every wait. */
void attempts_forget_count(Attempts *a);
void attempts_forget_failures(Attempts *a);
void attempts_forget_all(Attempts *a);
/* As they were when the row was given up. */
void attempts_restore(Attempts *a, unsigned n_failures, usec_t connect_at);

/* ---- the connection ---- */

/* It has a device. "made_by_us": for what attempts_succeed() said. */
void attempts_attach(Attempts *a, bool made_by_us, usec_t now);
/* The connection is gone, by nobody's order: a failure if it was ours and short. */
void attempts_lose(Attempts *a, bool is_failure, uint64_t seed, usec_t now);
/* It goes on as somebody else's. */
void attempts_let_go(Attempts *a, usec_t now);
/* We ended it. "poll": it was brief, and another one follows in a while. */
void attempts_end(Attempts *a, bool poll, usec_t now);

/* ---- disconnects ---- */

/* Refused: the device is in use, or nobody could tell (in_doubt). Takes used_by. True: that is to
 * be reported. */
bool attempts_find_in_use(Attempts *a, bool in_doubt, char *used_by, usec_t now);
void attempts_forget_use(Attempts *a);
/* Failed, or is still under way: looked at again at this time. */
void attempts_fail_disconnect(Attempts *a, usec_t at);
void attempts_set_error(Attempts *a, int error);

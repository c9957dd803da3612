/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Previous attempts to connect or disconnect a row's controller, and the time of the next one. Only
 * the functions below modify this structure; others read it. */

#include "base/macro.h"

/* Minimum interval between announcements that end a wait. */
#define ATTEMPTS_ANNOUNCED_PACE (10 * USEC_PER_SEC)

typedef struct Attempts {
        unsigned n_connects;   /* since it was last connected */
        unsigned n_unanswered; /* the same for probes of its portal */
        unsigned n_failures;   /* consecutive, since it was last connected for a while */
        usec_t connect_at, disconnect_at;
        usec_t announced_until; /* until then, further announcements do not end a wait */
        bool made;              /* the connection, or the last one, was made by us */
        bool brief;  /* persistent connections are refused: connect for a single read of the log */
        bool polled; /* the log was read, and connect_at is the time of the next read */
        bool in_use; /* the deletion was refused: last path to a block device in use */
        bool in_doubt;   /* if in_use: not known yet whether it really is in use */
        char *in_use_by; /* if in_use: the device and its users, or NULL if unknown */
        int last_error;  /* of its own connect or disconnect; 0: none since it was connected */
        usec_t took;     /* duration of the connect that failed with it */
        usec_t since;    /* time when it was connected or lost, or 0 */
} Attempts;

void attempts_done(Attempts *a);

/* ---- connects ---- */

/* Counts a connect. */
void attempts_begin(Attempts *a);
/* Counts a probe that was not answered. */
void attempts_miss(Attempts *a);
/* Returns the number of both, to which connect-attempts-on-ncc applies. */
unsigned attempts_count(const Attempts *a);
/* The connect failed after the given time. seed spreads the next attempts of many rows over time.
 * try_brief: the next attempt requests the other kind of connection, persistent or for a single
 * read of the log. */
void attempts_fail(Attempts *a, int error, usec_t took, bool try_brief, uint64_t seed, usec_t now);
/* The connect could not be started by this host: it is not counted. */
void attempts_postpone(Attempts *a, int error, usec_t at);
/* The kernel has connected the controller; the device has not been read yet. */
void attempts_succeed(Attempts *a, usec_t now);
/* Permits the next connect at once. Returns false if it was already permitted. */
bool attempts_retry(Attempts *a);
/* The controller was announced. Returns false if the previous announcement is too recent for this
 * one to end a wait. */
bool attempts_announce(Attempts *a, usec_t now);
/* Forgets earlier failures: for NCC, for the backoff, for both and all waits. */
void attempts_forget_count(Attempts *a);
void attempts_forget_failures(Attempts *a);
void attempts_forget_all(Attempts *a);
/* Restores the state from when the row was withdrawn. */
void attempts_restore(Attempts *a, unsigned n_failures, usec_t connect_at);

/* ---- the connection ---- */

/* A device was found. made_by_us: the one that attempts_succeed() was called for. */
void attempts_attach(Attempts *a, bool made_by_us, usec_t now);
/* The connection was lost without our doing. is_failure: it was ours and short-lived. */
void attempts_lose(Attempts *a, bool is_failure, uint64_t seed, usec_t now);
/* The connection continues, but is no longer ours. */
void attempts_let_go(Attempts *a, usec_t now);
/* We ended the connection. poll_at: it was for a single read of the log, to be repeated then; 0:
 * it was not. */
void attempts_end(Attempts *a, usec_t poll_at, usec_t now);

/* ---- disconnects ---- */

/* The deletion was refused: the device is in use, or that could not be determined (in_doubt). Takes
 * ownership of used_by. Returns true if this must be reported. */
bool attempts_find_in_use(Attempts *a, bool in_doubt, char *used_by, usec_t now);
/* For a row with a connection: earlier attempts to end it no longer count. */
void attempts_forget_disconnects(Attempts *a);
/* The deletion failed or is still under way; next try at the given time. */
void attempts_fail_disconnect(Attempts *a, usec_t at);
void attempts_set_error(Attempts *a, int error);

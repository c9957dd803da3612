/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One host on one TCP connection, which is its admin queue and the controller created for it. Bytes
 * in, bytes out: the owner of the socket transfers them. Every time is the caller's "now". */

#include "peer/peer.h"

typedef enum SessionState {
        SESSION_NEW,         /* awaiting ICReq */
        SESSION_INITIALIZED, /* awaiting Connect */
        SESSION_CONNECTED,
        SESSION_ENDING, /* to be closed once the output is sent */
        SESSION_RESET,  /* to be closed at once, with a reset */
} SessionState;

/* Returns 0 or -ENOMEM. The session registers itself with the peer, which must outlive it. */
int session_new(Peer *peer, usec_t now, Session **ret);
Session *session_free(Session *s);
DEFINE_CLEANUP(Session, session_free)

uint64_t session_id(const Session *s);
SessionState session_state(const Session *s);
uint16_t session_cntlid(const Session *s);     /* 0: none yet */
const char *session_hostnqn(const Session *s); /* "" before Connect */
bool session_is_stalled(const Session *s);

/* Sets the address that replaces "next" in log page entries for this host, giving an endless chain
 * of referrals. Returns 0 or -ENOMEM. */
int session_set_next_address(Session *s, const char *address);

/* Processes n bytes from the host. Returns 0 or -ENOMEM. */
int session_feed(Session *s, const uint8_t *data, size_t n, usec_t now);
/* Returns false while the session is stalled, has ended, or the host does not read its answers. */
bool session_wants_input(const Session *s);
/* Returns pending output of *ret_n bytes, valid until session_sent() reports how much was sent. */
const uint8_t *session_output(const Session *s, size_t *ret_n);
void session_sent(Session *s, size_t n);

/* Time by which the host must have sent something, according to its keep-alive timeout;
 * USEC_INFINITY: no limit. */
usec_t session_deadline(const Session *s);
/* Ends the session if that time has passed. */
void session_expire(Session *s, usec_t now);

/* Called by the peer. */
bool session_notify(Session *s, bool is_forced);
void session_resume(Session *s, Step step, usec_t now);
void session_end(Session *s);

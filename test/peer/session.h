/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One host at one TCP connection, which is its admin queue and the controller that was made for it.
 * Bytes in, bytes out: who owns the socket carries them. Every time is the caller's "now". */

#include "peer/peer.h"

typedef enum SessionState {
        SESSION_NEW,         /* an ICReq is awaited */
        SESSION_INITIALIZED, /* a Connect is awaited */
        SESSION_CONNECTED,
        SESSION_ENDING, /* to be closed when the output is sent */
        SESSION_RESET,  /* to be closed at once, by a reset */
} SessionState;

/* 0 or -ENOMEM. The session registers itself with the peer, which must live longer. */
int session_new(Peer *peer, usec_t now, Session **ret);
Session *session_free(Session *s);
DEFINE_CLEANUP(Session, session_free)

uint64_t session_id(const Session *s);
SessionState session_state(const Session *s);
uint16_t session_cntlid(const Session *s);     /* 0: none yet */
const char *session_hostnqn(const Session *s); /* "" before its Connect */
bool session_is_stalled(const Session *s);

/* What this host sees as the address "next" of a log page entry: there is no end of such referrals.
 * 0 or -ENOMEM. */
int session_set_next_address(Session *s, const char *address);

/* Takes n bytes of the host. 0 or -ENOMEM. */
int session_feed(Session *s, const uint8_t *data, size_t n, usec_t now);
/* No while it is stalled, has ended, or does not take what it asked for. */
bool session_wants_input(const Session *s);
/* What is to be sent, *ret_n bytes; they stay until session_sent() says how many are away. */
const uint8_t *session_output(const Session *s, size_t *ret_n);
void session_sent(Session *s, size_t n);

/* When the host must have sent something, by its keep-alive timeout; USEC_INFINITY: no limit. */
usec_t session_deadline(const Session *s);
/* Ends it when that time is over. */
void session_expire(Session *s, usec_t now);

/* For the peer. */
bool session_notify(Session *s, bool is_forced);
void session_resume(Session *s, Step step, usec_t now);
void session_end(Session *s);

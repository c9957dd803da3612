/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A host's TCP connection: carries bytes between the socket and its session. */

#include "peer/loop.h"
#include "peer/session.h"

typedef struct Connection Connection;

/* Takes the descriptor, a non-blocking socket; it is closed on failure too. 0 or a negative errno.
 */
int connection_new(Loop *loop, Peer *peer, int fd, Connection **ret);
Connection *connection_free(Connection *c);

/* Sends what the session has to say. Anything may have given it something to say: called for each
 * connection after each event. False: it is over, to be freed. */
bool connection_update(Connection *c);
usec_t connection_deadline(const Connection *c);

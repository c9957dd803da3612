/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A host's TCP connection: transfers bytes between the socket and its session. */

#include "peer/loop.h"
#include "peer/session.h"

typedef struct Connection Connection;

/* Takes ownership of the descriptor, a non-blocking socket, also on failure. Returns 0 or a
 * negative errno. */
int connection_new(Loop *loop, Peer *peer, int fd, Connection **ret);
Connection *connection_free(Connection *c);

/* Sends pending output of the session. Called for each connection after each event, as any event
 * may have produced output. Returns false if the connection has ended and must be freed. */
bool connection_update(Connection *c);
usec_t connection_deadline(const Connection *c);

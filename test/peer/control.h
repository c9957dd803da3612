/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Who steers the peer: a connection on the Unix socket, lines in, lines out (script.h). */

#include "peer/loop.h"
#include "peer/peer.h"

typedef struct Control Control;

/* Takes the descriptor, a non-blocking socket; it is closed on failure too. 0 or a negative errno.
 */
int control_new(Loop *loop, Peer *peer, int fd, Control **ret);
Control *control_free(Control *c);

/* Sends answers; called after each event. False: it is over, to be freed. */
bool control_update(Control *c);

/* The other end: sends one line to the peer that listens at path, gives its answer without the
 * newline. 0 or a negative errno. */
int control_ask(const char *path, const char *line, char **ret);

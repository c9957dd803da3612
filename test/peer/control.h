/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A control connection on the Unix socket, line by line (script.h). */

#include "peer/loop.h"
#include "peer/peer.h"

typedef struct Control Control;

/* Takes ownership of the descriptor, a non-blocking socket, also on failure. Returns 0 or a
 * negative errno. */
int control_new(Loop *loop, Peer *peer, int fd, Control **ret);
Control *control_free(Control *c);

/* Sends answers; called after each event. Returns false if it has ended and must be freed. */
bool control_update(Control *c);

/* Client side: sends one line to the peer that listens at path, and returns its answer without the
 * newline. Returns 0 or a negative errno. */
int control_ask(const char *path, const char *line, char **ret);

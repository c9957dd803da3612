/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A peer with its sockets: listeners for hosts and for control connections. */

#include "peer/connection.h"
#include "peer/control.h"

typedef struct Server Server;

int server_new(Server **ret);
Server *server_free(Server *s);
DEFINE_CLEANUP(Server, server_free)

Peer *server_peer(Server *s);

/* where: "ADDRESS:PORT", IPv6 in brackets, numeric only; port 0: any free port, returned in
 * *ret_port. Returns 0 or a negative errno. */
int server_listen_tcp(Server *s, const char *where, uint16_t *ret_port);
/* Replaces a stale socket at that path. */
int server_listen_unix(Server *s, const char *path);

/* Runs until SIGTERM or SIGINT. Returns 0 or a negative errno. */
int server_run(Server *s);

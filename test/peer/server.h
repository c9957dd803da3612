/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A peer at its sockets: listeners for hosts and for those who steer it. */

#include "peer/connection.h"
#include "peer/control.h"

typedef struct Server Server;

int server_new(Server **ret);
Server *server_free(Server *s);
DEFINE_CLEANUP(Server, server_free)

Peer *server_peer(Server *s);

/* "ADDRESS:PORT", IPv6 in brackets, numbers only; port 0: any free one. *ret_port is the one that
 * it is. 0 or a negative errno. */
int server_listen_tcp(Server *s, const char *where, uint16_t *ret_port);
/* A socket left over at that path is replaced. */
int server_listen_unix(Server *s, const char *path);

/* Until SIGTERM or SIGINT. 0 or a negative errno. */
int server_run(Server *s);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests: a bus daemon of one's own, and a direct connection that needs none. */

#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "base/macro.h"

typedef struct PrivateBus {
        pid_t pid;
        char directory[32];
        char *address;
} PrivateBus;

/* Starts dbus-daemon with these policy elements on a socket in a new directory. 0, -ENOENT (there
 * is no dbus-daemon) or another negative errno. */
int private_bus_start(PrivateBus *b, const char *policies);
void private_bus_stop(PrivateBus *b);
/* Another daemon on the same socket. */
int private_bus_restart(PrivateBus *b);
/* A new connection, on event when it is not NULL. */
int private_bus_connect(const PrivateBus *b, sd_event *event, sd_bus **ret);

/* Two connections to one another, without a bus. */
int direct_pair(sd_event *event, sd_bus **ret_server, sd_bus **ret_client);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests: a private bus daemon, and a direct connection without one. */

#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "base/macro.h"

typedef struct PrivateBus {
        pid_t pid;
        char directory[32];
        char *address;
} PrivateBus;

/* Starts dbus-daemon with these policy elements on a socket in a new directory. 0, -ENOENT if
 * dbus-daemon is not installed, or another negative errno. */
int private_bus_start(PrivateBus *b, const char *policies);
void private_bus_stop(PrivateBus *b);
/* Starts another daemon on the same socket. */
int private_bus_restart(PrivateBus *b);
/* Opens a new connection, attached to event unless it is NULL. */
int private_bus_connect(const PrivateBus *b, sd_event *event, sd_bus **ret);

/* Two directly connected peers, without a bus. */
int direct_pair(sd_event *event, sd_bus **ret_server, sd_bus **ret_client);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A connection to the system bus. It is re-established when it is lost: when the bus closes it, or
 * stops reading for so long that the send queue grows too large. */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "base/macro.h"

typedef struct BusConnection BusConnection;

/* bus: a new connection, attached to the loop. NULL: the connection was lost, and everything that
 * refers to it must be released. Called from the loop, and the first time from
 * bus_connection_new(). 0, or a negative errno if the bus cannot be used; the next attempt is made
 * later. */
typedef int (*BusConnectionHandler)(sd_bus *bus, void *userdata);

/* 0, or a negative errno if no bus is available. priority: event priority of the connection. */
int bus_connection_new(sd_event *event, int64_t priority, BusConnectionHandler handler,
                       void *userdata, BusConnection **ret);
/* Closes the connection without calling the handler and without flushing. */
BusConnection *bus_connection_free(BusConnection *c);
DEFINE_CLEANUP(BusConnection, bus_connection_free)

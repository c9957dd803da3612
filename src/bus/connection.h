/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A connection to the system bus. It is made again when it is lost: when the bus ends it, or takes
 * nothing for so long that what is to be sent piles up. */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "base/macro.h"

typedef struct BusConnection BusConnection;

/* bus: there is a new connection, attached to the loop. NULL: it is lost, what was made with it
 * must be let go of. Runs from the loop, and the first time from bus_connection_new(). 0; a
 * negative errno: the bus cannot be used, and the next connection is tried later. */
typedef int (*BusConnectionHandler)(sd_bus *bus, void *userdata);

/* 0 or a negative errno: there is no bus. priority: of what comes by it. */
int bus_connection_new(sd_event *event, int64_t priority, BusConnectionHandler handler,
                       void *userdata, BusConnection **ret);
/* Ends it without another word to the handler, or to the bus. */
BusConnection *bus_connection_free(BusConnection *c);
DEFINE_CLEANUP(BusConnection, bus_connection_free)

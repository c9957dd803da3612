/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the bus room: the calls that wait for their answers. To take one is a matter of pointers;
 * the answers are given one in a turn of the loop, to one sender after the other, and only while
 * the bus takes them. While calls go on coming, answers have a quarter of the time: who calls
 * without a pause fills the queue of his own, and what he sends does not stay on the bus before the
 * calls of others. As many are held as the bus lets a user have open: one that is refused makes
 * room for the next. */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "base/macro.h"

/* What dbus-daemon lets a connection have open (max_replies_per_connection). */
#define CALLS_PER_SENDER_MAX 128
/* As many for each connection that it lets a user have (max_connections_per_user). Above, the
 * sender who has most has one refused. */
#define CALLS_MAX (256 * CALLS_PER_SENDER_MAX)

typedef struct Calls Calls;

/* As sd_bus_message_handler_t; -ENOBUFS: the answer is too large. */
typedef int (*CallHandler)(sd_bus_message *call, void *userdata, sd_bus_error *error);

/* For the calls that come by bus, which is attached to an event loop at a priority below that of
 * the answers' time (bus.h). */
int calls_new(sd_bus *bus, void *userdata, Calls **ret);
Calls *calls_free(Calls *c);
DEFINE_CLEANUP(Calls, calls_free)

/* Has handler answer the call in its turn. 1, or a negative errno with error set. */
int calls_add(Calls *c, sd_bus_message *call, CallHandler handler, sd_bus_error *error);

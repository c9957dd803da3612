/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Internal to the bus room: calls that wait for their answers. Taking a call only queues it.
 * Answers are sent one per turn of the loop, round robin between the senders, and only while the
 * bus accepts them. While calls keep arriving, answers get a quarter of the time, so that a sender
 * that calls without a pause fills its own queue, and its messages do not stay on the bus ahead of
 * other senders' calls. At most as many calls are held as the bus allows a user to have pending: a
 * refused call makes room for the next. */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "base/macro.h"

/* Pending calls that dbus-daemon allows per connection (max_replies_per_connection). */
#define CALLS_PER_SENDER_MAX 128
/* The same for each connection that it allows a user (max_connections_per_user). Above this, a call
 * of the sender with the most calls is refused. */
#define CALLS_MAX (256 * CALLS_PER_SENDER_MAX)

typedef struct Calls Calls;

/* Like sd_bus_message_handler_t; -ENOBUFS if the answer is too large. */
typedef int (*CallHandler)(sd_bus_message *call, void *userdata, sd_bus_error *error);

/* For calls received by bus, which must be attached to an event loop at a priority below that of
 * the answers (bus.h). */
int calls_new(sd_bus *bus, void *userdata, Calls **ret);
Calls *calls_free(Calls *c);
DEFINE_CLEANUP(Calls, calls_free)

/* Queues the call to be answered by handler in its turn. 1, or a negative errno with error set. */
int calls_add(Calls *c, sd_bus_message *call, CallHandler handler, sd_bus_error *error);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* stacd's client for stafd: follows its signals, fetches only changes, asynchronously, and converts
 * each discovery controller's log to a SourceSet. An older stafd, as during an update of both, is
 * queried through the interface it supports. A failed query gives SOURCE_UNKNOWN, never an empty
 * set of controllers. */

#include <systemd/sd-bus.h>

#include "source/dc_table.h"

typedef struct StafdClient StafdClient;

/* bus is attached to event; NULL: not connected. names: the host names in logs, as far as they are
 * resolved; borrowed. The handler is called from that loop and from
 * stafd_client_set_bus() only; it must not free the client. */
int stafd_client_new(sd_event *event, sd_bus *bus, DlpeHost host, const HostNames *names,
                     StafdHandler handler, void *userdata, StafdClient **ret);
/* Returns true if stafd sent more discovery log entries than are used. */
bool stafd_client_is_full(const StafdClient *c);
StafdClient *stafd_client_free(StafdClient *c);
DEFINE_CLEANUP(StafdClient, stafd_client_free)
/* Sets another bus, or NULL if the bus is lost, which puts everything in doubt. Returns 0, or a
 * negative errno if this bus cannot be used. */
int stafd_client_set_bus(StafdClient *c, sd_bus *bus);
/* Applies settings after a reload, as if the client had been created with them. Complete sets are
 * reported again from within this call, others with their next change; otherwise controllers with
 * both the old and the new settings would be wanted until then. Returns 0 or -ENOMEM. */
int stafd_client_set_host(StafdClient *c, DlpeHost host);
/* See dc_table_resolved() and dc_table_list_names(). */
int stafd_client_resolved(StafdClient *c);
int stafd_client_list_names(const StafdClient *c, LoggedNames *ret);
/* Names a source from the state file: it is reported gone if stafd's complete list lacks it. */
int stafd_client_expect(StafdClient *c, const char *key);

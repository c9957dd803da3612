/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* stacd's sight of stafd: follows its signals, fetches only what changed, all asynchronously, and
 * turns each discovery controller's log into a SourceSet. A stafd that is older than stacd, as
 * while both are updated, is asked in the way that it knows. "Could not ask" is SOURCE_UNKNOWN,
 * never empty. */

#include <systemd/sd-bus.h>

#include "source/dc_table.h"

typedef struct StafdClient StafdClient;

/* bus is attached to event; NULL: not connected. The handler runs from that loop and from
 * stafd_client_set_bus() only; it must not free the client.
 * host_nqn: the default for entries whose controller gives none. */
int stafd_client_new(sd_event *event, sd_bus *bus, const char *host_nqn, bool ignore_iface,
                     StafdHandler handler, void *userdata, StafdClient **ret);
/* stafd has told more entries of discovery logs than are used. */
bool stafd_client_is_full(const StafdClient *c);
StafdClient *stafd_client_free(StafdClient *c);
DEFINE_CLEANUP(StafdClient, stafd_client_free)
/* The bus is lost (NULL), and all that was asked in doubt; or there is another one. 0 or a negative
 * errno: this bus cannot be used. */
int stafd_client_set_bus(StafdClient *c, sd_bus *bus);
/* After a reload: as if the client had been made so. What is complete is told anew from within; the
 * rest with its next word, as both ways of it would be wanted until then. 0 or -ENOMEM. */
int stafd_client_set_host(StafdClient *c, const char *host_nqn, bool ignore_iface);
/* Names of sources restored from the state file: they are reported gone when stafd's complete list
 * lacks them. */
int stafd_client_expect(StafdClient *c, const char *key);

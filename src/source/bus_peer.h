/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* BusPeer: tracks another program on D-Bus. Name changes are accepted only from the bus itself, and
 * signals only from the owner of the name. Asynchronous. */

#include <systemd/sd-bus.h>

#include "base/macro.h"

/* Timeout of calls. */
#define BUS_PEER_TIMEOUT_USEC (10 * USEC_PER_SEC)

typedef enum BusPeerEvent {
        BUS_PEER_CAME,   /* owner is set to the new owner */
        BUS_PEER_WENT,   /* the name was released; also before another owner takes it */
        BUS_PEER_LOST,   /* an established connection to the bus was lost */
        BUS_PEER_ABSENT, /* the bus reported that the name has no owner */
        BUS_PEER_UNSURE, /* the bus did not answer, or out of memory: query again later */
} BusPeerEvent;

typedef struct BusPeerType {
        const char *name;
        const char *path;          /* of signals; NULL: any */
        const char *interfaces[2]; /* of signals */
        /* Called from the event loop and from bus_peer_set_bus(). */
        void (*on_event)(BusPeerEvent event, void *userdata);
        void (*on_signal)(sd_bus_message *m, void *userdata);
} BusPeerType;

typedef struct BusPeer {
        const BusPeerType *type;
        void *userdata;
        sd_bus *bus; /* NULL: not connected */
        char *owner; /* unique name; NULL: not on the bus, or not known */
        sd_bus_slot *matches[3], *owner_call;
} BusPeer; /* initialize type and userdata, and zero the rest */

void bus_peer_done(BusPeer *p);
/* Sets another bus, attached to an event loop, or NULL. Starts tracking the name and queries its
 * owner. Returns 0, or a negative errno if this bus cannot be used. */
int bus_peer_set_bus(BusPeer *p, sd_bus *bus);
/* Queries the owner of the name while it is not known. Returns 0 or a negative errno. */
int bus_peer_ask(BusPeer *p);
/* Creates a call to the owner, which must be known. The call does not activate the service. */
int bus_peer_new_call(const BusPeer *p, const char *path, const char *interface, const char *member,
                      sd_bus_message **ret);

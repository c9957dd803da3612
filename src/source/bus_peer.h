/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* BusPeer: another program on D-Bus, followed as it comes and goes. What the bus says of it counts
 * only from the bus itself, and a signal only from who has its name. All asynchronous. */

#include <systemd/sd-bus.h>

#include "base/macro.h"

/* After so long a call has no answer. */
#define BUS_PEER_TIMEOUT_USEC (10 * USEC_PER_SEC)

typedef enum BusPeerEvent {
        BUS_PEER_CAME,   /* owner says who has the name */
        BUS_PEER_WENT,   /* it gave up its name; also before another one takes it */
        BUS_PEER_LOST,   /* the connection to the bus has ended, and was there before */
        BUS_PEER_ABSENT, /* the bus was asked: nobody has the name */
        BUS_PEER_UNSURE, /* the bus did not say, or memory is short: ask again later */
} BusPeerEvent;

typedef struct BusPeerType {
        const char *name;
        const char *path;          /* of its signals; NULL: any */
        const char *interfaces[2]; /* of its signals */
        /* From the event loop, and bus_peer_set_bus(). */
        void (*on_event)(BusPeerEvent event, void *userdata);
        void (*on_signal)(sd_bus_message *m, void *userdata);
} BusPeerType;

typedef struct BusPeer {
        const BusPeerType *type;
        void *userdata;
        sd_bus *bus; /* NULL: not connected */
        char *owner; /* its unique name; NULL: not on the bus, or not known */
        sd_bus_slot *matches[3], *owner_call;
} BusPeer; /* type and userdata set, else {0} */

void bus_peer_done(BusPeer *p);
/* Another bus, attached to an event loop, or NULL. Begins to follow, and asks who has the name. 0
 * or a negative errno: this bus cannot be used. */
int bus_peer_set_bus(BusPeer *p, sd_bus *bus);
/* Asks the bus who has the name, while that is not known. 0 or a negative errno. */
int bus_peer_ask(BusPeer *p);
/* A call to the owner, who is there. It starts nobody. */
int bus_peer_new_call(const BusPeer *p, const char *path, const char *interface, const char *member,
                      sd_bus_message **ret);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Outages that the kernel ends itself: it reconnects, and sends one event when that is done and
 * none when the connection is lost. So the states are looked at every few seconds, for the journal
 * only: nothing is decided by it. */

#include "model/device.h"

/* An outage that is shorter may be seen by its end only. */
#define OUTAGES_LOOK_USEC (5 * USEC_PER_SEC)

typedef struct Outage {
        uint64_t inode;             /* of the device; 0: none */
        usec_t live_since, lost_at; /* 0: is not */
        bool reconnected;           /* the kernel said so, since the last look */
} Outage;

typedef struct Outages {
        Outage *items; /* by instance */
        size_t n_items;
} Outages;

typedef enum OutageChange {
        OUTAGE_NOTHING,
        OUTAGE_BEGAN,
        OUTAGE_ENDED, /* it took ret_took, to the accuracy of a look */
        OUTAGE_SHORT, /* it began and ended since the last look */
} OutageChange;

void outages_done(Outages *o);
/* What a look at the device shows that the one before did not. */
OutageChange outages_look(Outages *o, const Device *device, DeviceState state, usec_t now,
                          usec_t *ret_took);
/* The kernel said that the controller is connected. Returns true if a look will find a change. */
bool outages_connected(Outages *o, int instance, usec_t now);
/* Its controller is new. */
void outages_forget(Outages *o, int instance);
/* When the controller was lost; 0 if it was not. */
usec_t outages_lost_at(const Outages *o, int instance);

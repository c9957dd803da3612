/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Outages that the kernel recovers from by itself: when it has reconnected it sends one event, but
 * none when the connection is lost. The states are therefore polled every few seconds; this is used
 * only for the journal and does not influence decisions. */

#include "model/device.h"

/* Of a shorter outage only the end may be seen. */
#define OUTAGES_LOOK_USEC (5 * USEC_PER_SEC)

typedef struct Outage {
        uint64_t inode;             /* of the device; 0 if none */
        usec_t live_since, lost_at; /* 0 if not live, or not lost */
        bool reconnected;           /* reported by the kernel since the last poll */
} Outage;

typedef struct Outages {
        Outage *items; /* by instance */
        size_t n_items;
} Outages;

typedef enum OutageChange {
        OUTAGE_NOTHING,
        OUTAGE_BEGAN,
        OUTAGE_ENDED, /* it took ret_took, to the accuracy of the polling interval */
        OUTAGE_SHORT, /* it started and ended since the last poll */
} OutageChange;

void outages_done(Outages *o);
/* Returns what has changed since the previous poll of the device. */
OutageChange outages_look(Outages *o, const Device *device, DeviceState state, usec_t now,
                          usec_t *ret_took);
/* The kernel reported the controller as connected. Returns true if a poll will find a change. */
bool outages_connected(Outages *o, int instance, usec_t now);
/* The instance has a new controller. */
void outages_forget(Outages *o, int instance);
/* Time at which the controller was lost, or 0. */
usec_t outages_lost_at(const Outages *o, int instance);

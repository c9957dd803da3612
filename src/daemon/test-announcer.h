/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests: a fake Avahi that announces one discovery controller, on the first interface. */

#include "bus/test-private-bus.h"

typedef struct Announcer {
        sd_bus *bus;
        const char *address, *port;
} Announcer;

/* Runs on the loop once the bus has granted its name. */
void announcer_start(Announcer *a, const PrivateBus *bus, sd_event *event);
void announcer_stop(Announcer *a);

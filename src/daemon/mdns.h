/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* stafd's discovery controllers by mDNS. */

#include "source/avahi.h"

typedef struct Daemon Daemon;

typedef struct Mdns {
        AvahiClient *avahi; /* NULL: it is not used */
        MdnsServices services;
        sd_event_source *timer;
        usec_t post_at;        /* USEC_INFINITY: nothing is new */
        bool changed;          /* since the engine was told */
        bool told_away;        /* the journal: Avahi cannot be asked */
        bool told_memberships; /* too few multicast memberships */
        unsigned n_complaints;
} Mdns;

/* After the last known state was restored: begins, or takes back what mDNS had found. 0 or a
 * negative errno. */
int mdns_start(Daemon *d);
/* The configuration has changed. 0 or a negative errno. */
int mdns_reload(Daemon *d);
/* Nothing goes to the engine before. */
void mdns_options_known(Daemon *d);
void mdns_done(Mdns *m);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* stafd: discovery controllers found by mDNS. */

#include "source/avahi.h"

typedef struct Daemon Daemon;

typedef struct Mdns {
        AvahiClient *avahi; /* NULL if mDNS is not used */
        MdnsServices services;
        sd_event_source *timer;
        usec_t post_at;        /* USEC_INFINITY if nothing is pending */
        bool changed;          /* since the last update of the engine */
        bool told_away;        /* already logged: Avahi is not available */
        bool told_memberships; /* already logged: too few multicast memberships */
        unsigned n_complaints;
} Mdns;

/* Called after the last known state was restored: starts mDNS, or drops what it had found. 0 or a
 * negative errno. */
int mdns_start(Daemon *d);
/* Called when the configuration has changed. 0 or a negative errno. */
int mdns_reload(Daemon *d);
/* Nothing is passed to the engine before this. */
void mdns_options_known(Daemon *d);
void mdns_done(Mdns *m);

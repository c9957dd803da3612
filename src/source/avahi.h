/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* AvahiClient: browses for NVMe discovery controllers (TP8009) through avahi-daemon's D-Bus API, on
 * every interface and family, all asynchronously. Follows Avahi as it comes and goes; while it is
 * not there, or does not answer, tries again and again, by D-Bus activation, too.
 *
 * All signals are asked for before anything is begun, and told apart by sender and object path.
 * Avahi answers a call that makes an object before it sends that object's first signal; so nothing
 * is missed, with or without ServiceBrowserPrepare (Avahi 0.8 and later). */

#include <systemd/sd-bus.h>

#include "source/mdns_services.h"

typedef struct AvahiClient AvahiClient;

typedef enum AvahiEvent {
        AVAHI_BEGUN,    /* Avahi is there and is being asked */
        AVAHI_COMPLETE, /* it has said all that there is for now; also after it was asked anew */
        AVAHI_AWAY,     /* it cannot be asked: reason says why */
        AVAHI_FOUND,    /* service: announced and resolved, for the first time or again */
        AVAHI_LOST,     /* service->key: not announced any more */
        AVAHI_IGNORED,  /* service->key: there are more announcements than we follow */
} AvahiEvent;

/* service and reason are valid during the call. Runs from the event loop and from
 * avahi_client_set_bus() only; must not free the client. */
typedef void (*AvahiHandler)(AvahiEvent event, const MdnsService *service, const char *reason,
                             void *userdata);

/* bus is attached to event; NULL: not connected. retry_usec: how long what did not work
 * waits for the next try. */
int avahi_client_new(sd_event *event, sd_bus *bus, usec_t retry_usec, AvahiHandler handler,
                     void *userdata, AvahiClient **ret);
/* The bus is lost (NULL), and Avahi with it; or there is another one. 0 or a negative errno: this
 * bus cannot be used. */
int avahi_client_set_bus(AvahiClient *c, sd_bus *bus);
/* From the handler, of what was FOUND: there is no place for it. */
void avahi_client_leave_out(AvahiClient *c, const MdnsKey *key);
/* Something that is announced is not followed. */
bool avahi_client_is_full(const AvahiClient *c);
/* There may be a place again: Avahi is asked for what was left out with the next retry. The client
 * itself knows of those that go with an announcement. */
void avahi_client_has_room(AvahiClient *c);
/* Avahi is told to stop looking. */
AvahiClient *avahi_client_free(AvahiClient *c);
DEFINE_CLEANUP(AvahiClient, avahi_client_free)

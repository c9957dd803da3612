/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* AvahiClient: browses for NVMe discovery controllers (TP8009) through avahi-daemon's D-Bus API, on
 * every interface and address family, asynchronously. Tracks whether Avahi is running; while it is
 * not, or does not answer, the client keeps retrying, including by D-Bus activation.
 *
 * The match rules for all signals are installed before any object is created, and signals are
 * dispatched by sender and object path. Avahi answers a call that creates an object before it sends
 * the object's first signal; hence none is missed, with or without ServiceBrowserPrepare (Avahi 0.8
 * and later). */

#include <systemd/sd-bus.h>

#include "source/mdns_services.h"

typedef struct AvahiClient AvahiClient;

typedef enum AvahiEvent {
        AVAHI_BEGUN,    /* Avahi is running and being queried */
        AVAHI_COMPLETE, /* all current announcements have been delivered; sent again after browsing
                           was restarted */
        AVAHI_AWAY,     /* it cannot be queried; see reason */
        AVAHI_FOUND,    /* service: announced and resolved, for the first time or again */
        AVAHI_LOST,     /* service->key: no longer announced */
        AVAHI_IGNORED,  /* service->key: the limit of announcements is reached */
} AvahiEvent;

/* service and reason are valid during the call only. Called from the event loop and from
 * avahi_client_set_bus() only; must not free the client. */
typedef void (*AvahiHandler)(AvahiEvent event, const MdnsService *service, const char *reason,
                             void *userdata);

/* bus is attached to event; NULL: not connected. retry_usec: delay before a failure is retried. */
int avahi_client_new(sd_event *event, sd_bus *bus, usec_t retry_usec, AvahiHandler handler,
                     void *userdata, AvahiClient **ret);
/* Sets another bus, or NULL if the bus, and thus Avahi, is lost. Returns 0, or a negative errno if
 * this bus cannot be used. */
int avahi_client_set_bus(AvahiClient *c, sd_bus *bus);
/* Called from the handler for a service reported as AVAHI_FOUND: the caller has no room for it. */
void avahi_client_leave_out(AvahiClient *c, const MdnsKey *key);
/* Returns true if some announcements are not tracked. */
bool avahi_client_is_full(const AvahiClient *c);
/* There may be room again: ignored announcements are requested at the next retry. Not needed when
 * an announcement is lost, which the client notices itself. */
void avahi_client_has_room(AvahiClient *c);
/* Tells Avahi to stop browsing. */
AvahiClient *avahi_client_free(AvahiClient *c);
DEFINE_CLEANUP(AvahiClient, avahi_client_free)

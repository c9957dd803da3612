/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What avahi-daemon answers and signals (avahi-daemon/org.freedesktop.Avahi.*.xml). 0 or a negative
 * errno, -EBADMSG or -ENXIO for a message that makes no sense. */

#include <systemd/sd-bus.h>

#include "source/mdns_services.h"

/* The path of the object that a call has made; the errno of an error. *ret is replaced. */
int avahi_read_path(sd_bus_message *m, char **ret);
/* The text of an error; borrowed. */
const char *avahi_error_of(sd_bus_message *m);
/* ServiceBrowser.ItemNew and ItemRemove, as far as they name the service. -E2BIG: its name is too
 * long for one of DNS-SD. */
int avahi_read_key(sd_bus_message *m, int type, MdnsKey *ret);
/* ServiceResolver.Found: of the service that was asked for. */
int avahi_read_found(sd_bus_message *m, const MdnsKey *key, MdnsService *ret);

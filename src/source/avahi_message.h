/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Decodes avahi-daemon's replies and signals (avahi-daemon/org.freedesktop.Avahi.*.xml). The
 * functions return 0 or a negative errno, -EBADMSG or -ENXIO for a malformed message. */

#include <systemd/sd-bus.h>

#include "source/mdns_services.h"

/* Returns the path of the created object in *ret, which is replaced; the errno of an error
 * reply. */
int avahi_read_path(sd_bus_message *m, char **ret);
/* Returns the text of an error; borrowed. */
const char *avahi_error_of(sd_bus_message *m);
/* ServiceBrowser.ItemNew and ItemRemove, as far as they identify the service. -E2BIG: the name is
 * too long for DNS-SD. */
int avahi_read_key(sd_bus_message *m, int type, MdnsKey *ret);
/* ServiceResolver.Found for the service that was queried. */
int avahi_read_found(sd_bus_message *m, const MdnsKey *key, MdnsService *ret);

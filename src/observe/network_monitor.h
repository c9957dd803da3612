/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Links, addresses and routes as they come (rtnetlink), on the event loop: what may be reachable
 * now that was not before. An interface may appear, or get its name, at any time. Of a link that
 * comes up its routes are news, too; an address or a route that is only renewed is no news. */

#include <systemd/sd-event.h>

#include "model/network.h"

typedef struct NetworkMonitor NetworkMonitor;

/* news NULL: interfaces or addresses have changed, they are to be read again; it comes once for
 * many, before what is news of them. The handler must not free the monitor. */
typedef void (*NetworkHandler)(const Reachability *reachability, void *userdata);

int network_monitor_new(sd_event *event, NetworkHandler handler, void *userdata,
                        NetworkMonitor **ret);
NetworkMonitor *network_monitor_free(NetworkMonitor *m);
DEFINE_CLEANUP(NetworkMonitor, network_monitor_free)

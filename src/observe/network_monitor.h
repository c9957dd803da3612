/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Monitors links, addresses and routes (rtnetlink) on the event loop, and reports what may have
 * become reachable. An interface may be added or renamed at any time. When a link comes up its
 * routes are reported as well; renewed addresses or routes are not. */

#include <systemd/sd-event.h>

#include "model/network.h"

typedef struct NetworkMonitor NetworkMonitor;

/* reachability NULL: interfaces or addresses have changed and must be read again; reported once for
 * several changes, before the changes themselves. The handler must not free the monitor. */
typedef void (*NetworkHandler)(const Reachability *reachability, void *userdata);

int network_monitor_new(sd_event *event, NetworkHandler handler, void *userdata,
                        NetworkMonitor **ret);
NetworkMonitor *network_monitor_free(NetworkMonitor *m);
DEFINE_CLEANUP(NetworkMonitor, network_monitor_free)

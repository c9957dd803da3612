/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Receives the kernel's uevents on the event loop (netlink group 1: udevd's events come later, and
 * not at all without udevd). */

#include <systemd/sd-event.h>

#include "codec/uevent.h"

typedef struct UeventMonitor UeventMonitor;

/* uevent is NULL when events were lost (ENOBUFS): everything must be read again. The handler must
 * not free the monitor. */
typedef void (*UeventHandler)(const Uevent *uevent, void *userdata);

int uevent_monitor_new(sd_event *event, UeventHandler handler, void *userdata, UeventMonitor **ret);
UeventMonitor *uevent_monitor_free(UeventMonitor *m);
DEFINE_CLEANUP(UeventMonitor, uevent_monitor_free)

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The list of devices that processes have open, as text: written by stas-open-devices, which may
 * inspect all processes, and read by stacd, which may not. One line per device, with the first
 * process found to have it open, and one per process whose descriptors cannot be read; then the end
 * marker:
 *
 *     b 259:3 1234 qemu-system-x86
 *     ? EACCES 1235 database
 *     end
 *
 * Mount namespaces are irrelevant: devices are identified by the descriptor, not by its path. */

#include <stdio.h>
#include <sys/types.h>

#include "base/macro.h"

#define OPEN_DEVICES_END "end\n"
/* Listening address of the socket unit. */
#define OPEN_DEVICES_SOCKET "/run/stas-open-devices"

/* proc_root: "/proc". except: a process to ignore; processes that open every disk to monitor it
 * (udev's workers, multipathd) are ignored as well. Returns 0 or a negative errno, in which case
 * the end marker is missing. */
int open_devices_write(const char *proc_root, pid_t except, FILE *f);

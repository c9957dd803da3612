/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which devices processes have open, as a text: what stas-open-devices writes, which may look into
 * all processes, and stacd reads, which may not. A line for each device, of the first process found
 * with it, and for each process that hides what it has open; then the end:
 *
 *     b 259:3 1234 qemu-system-x86
 *     ? EACCES 1235 database
 *     end
 *
 * Mount namespaces play no part: what counts is the device behind a descriptor, not its path. */

#include <stdio.h>
#include <sys/types.h>

#include "base/macro.h"

#define OPEN_DEVICES_END "end\n"
/* Where the socket unit listens. */
#define OPEN_DEVICES_SOCKET "/run/stas-open-devices"

/* proc_root: "/proc". except: a process that does not count, as those that open every disk to watch
 * it do not (udev's workers, multipathd). 0 or a negative errno, then without the end. */
int open_devices_write(const char *proc_root, pid_t except, FILE *f);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Current state of controllers. The kernel sends no event when a path is lost, so the state that an
 * administrator queries is read at that time, with a single non-blocking pread() of an open sysfs
 * attribute per controller. */

#include "model/device.h"

typedef struct LiveStateFile {
        int fd;
        uint64_t inode; /* of the device that fd belongs to; 0: none */
} LiveStateFile;

typedef struct LiveState {      /* {0}: this host */
        const char *sysfs_root; /* NULL: "/sys" */
        LiveStateFile *files;   /* by instance */
        size_t n_files;
} LiveState;

/* Returns the kernel's current state, or DEVICE_STATE_UNKNOWN if the controller is gone. */
DeviceState live_state_read(LiveState *l, const Device *device);
void live_state_close(LiveState *l, int instance);
void live_state_done(LiveState *l);

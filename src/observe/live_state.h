/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The state of controllers at this moment. The kernel sends no event when a path is lost, so what
 * an administrator asks for is read when asked: one pread() of an open sysfs attribute each, which
 * never waits. */

#include "model/device.h"

typedef struct LiveStateFile {
        int fd;
        uint64_t inode; /* of the device that fd belongs to; 0: none */
} LiveStateFile;

typedef struct LiveState {      /* {0}: of this host */
        const char *sysfs_root; /* NULL: "/sys" */
        LiveStateFile *files;   /* by instance */
        size_t n_files;
} LiveState;

/* The state as the kernel has it, or DEVICE_STATE_UNKNOWN when the controller is gone. */
DeviceState live_state_read(LiveState *l, const Device *device);
void live_state_close(LiveState *l, int instance);
void live_state_done(LiveState *l);

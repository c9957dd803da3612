/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether a controller is the last live path to a block device in use. With native multipath
 * (drivers/nvme/host/multipath.c) the path nvmeXcNnY leads to the device nvmeXnY, as do those of
 * the subsystem's other controllers; without, each path is a device of its own, and device-mapper's
 * multipath may join them. In use is what cannot be opened exclusively: mounted, or held by
 * device-mapper, md or swap, itself or a partition of it. A program that merely has it open is not
 * seen. */

#include "exec/deletions.h"

/* dir_fd: the controller's folder in sysfs. d: its deletion, which claims the devices that nobody
 * uses and that have no other path, until it ends. 0: it may go; -EBUSY: it may not, also when that
 * cannot be found out; -ENODEV: it has gone. */
int in_use_check(const char *sysfs_root, const char *dev_root, int dir_fd, Deletion *d);

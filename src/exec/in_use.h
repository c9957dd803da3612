/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether a controller is the last live path to a block device in use. With native multipath
 * (drivers/nvme/host/multipath.c) the path nvmeXcNnY leads to the device nvmeXnY, as do those of
 * the subsystem's other controllers; without, each path is a device of its own, and device-mapper's
 * multipath may join them. In use is what cannot be opened exclusively (mounted, or held by
 * device-mapper, md or swap, itself or a partition of it), and what has users all the same
 * (exec/users.h). The claim comes first and lasts, so that nobody mounts it after the look. What
 * cannot be found out counts as in use.
 *
 * By force nobody is asked, but what this host itself runs from is kept (exec/system_use.h), be it
 * what device-mapper or md make of the device. */

#include "exec/users.h"

/* dir_fd: the controller's folder in sysfs. d: its deletion, which claims the devices that nobody
 * uses and that have no other path, until it ends; by force it claims none. 0: it may go; -EBUSY:
 * it may not, and *ret_why says of which device and why, "nvme0n1: in use by 1234 (database)",
 * which the caller frees (NULL: out of memory); -ENODATA: so too, as nobody can tell now who uses
 * it, or it may not be opened; -EINPROGRESS: ask again in a second, until then its reads and writes
 * are counted; -ENODEV: it has gone. */
int in_use_check(Users *u, int dir_fd, Deletion *d, bool force, char **ret_why);

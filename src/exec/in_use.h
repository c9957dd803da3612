/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Determines whether a controller is the last live path to a block device in use. With native
 * multipath (drivers/nvme/host/multipath.c) the path nvmeXcNnY leads to the device nvmeXnY, as do
 * the paths of the subsystem's other controllers; without, each path is a device of its own, and
 * device-mapper's multipath may join them. A device is in use if it cannot be opened exclusively
 * (mounted, or held by device-mapper, md or swap, itself or a partition of it), or if it has users
 * nevertheless (exec/users.h). The claim is made first and kept, so that the device cannot be
 * mounted after the check. If the state cannot be determined, the device is considered in use.
 *
 * With force, users are not checked, but devices that this host itself runs from are kept
 * (exec/system_use.h), including through device-mapper and md. */

#include "exec/users.h"

/* dir_fd: the controller's directory in sysfs. d: its deletion, which claims unused devices without
 * another path until it ends; with force it claims none. Returns 0 if the controller may be
 * deleted; -EBUSY if not, with *ret_why naming the device and the reason, "nvme0n1: in use by 1234
 * (database)" (freed by the caller; NULL: out of memory); -ENODATA: the same, because its users
 * cannot be determined now, or it cannot be opened; -EINPROGRESS: check again in a second, its I/O
 * is monitored until then; -ENODEV: already removed. */
int in_use_check(Users *u, int dir_fd, Deletion *d, bool force, char **ret_why);

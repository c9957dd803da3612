/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Snapshots of /sys/class/nvme. Blocking file reads: called by worker threads. */

#include "model/device.h"
#include "observe/registry_entry.h"

/* The controller's folder (O_PATH): whatever is opened in it belongs to this one controller, even
 * when its name is given to another. The fd, -ENODEV or another negative errno. */
int sysfs_open_controller(const char *sysfs_root, int instance);

/* With what the registry says of its owner (observe/registry_entry.h). -ENODEV: not there (any
 * more); -EOPNOTSUPP: not a fabrics controller; -EBADMSG: unusable. */
/* skip_type: a controller of this type (cntrltype: "io", "discovery") is not read further,
 * -EOPNOTSUPP; NULL: none. */
int sysfs_read_device(const char *sysfs_root, const Registry *registry, int instance,
                      const char *skip_type, Device **ret);
/* All fabrics controllers, sorted by instance; those that go while being read are left out, and
 * those that are not identified yet: the kernel tells when they are connected. -ENODEV: there is no
 * sysfs (no NVMe driver is an empty list). */
int sysfs_scan(const char *sysfs_root, const Registry *registry, const char *skip_type,
               Device ***ret, size_t *ret_n);
/* The inode of nvmeN's directory: what tells it from others that had or will have its name. */
int sysfs_read_inode(const char *sysfs_root, int instance, uint64_t *ret);
/* Opens nvmeN's state attribute: a later pread() tells the state without a walk, and fails with
 * ENODEV when that controller is gone even if its name was given to another. Negative errno or the
 * fd. */
int sysfs_open_state(const char *sysfs_root, int instance);
int sysfs_read_state(int fd, DeviceState *ret);

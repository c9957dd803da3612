/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Snapshots of /sys/class/nvme. The file reads block: called from worker threads. */

#include "model/device.h"
#include "observe/registry_entry.h"

/* Opens the controller's directory (O_PATH): anything opened in it belongs to this controller, even
 * if its name is reused. Returns the fd, -ENODEV or another negative errno. */
int sysfs_open_controller(const char *sysfs_root, int instance);

/* Reads a controller, with its owner from the registry (observe/registry_entry.h). -ENODEV: does
 * not exist (any more); -EOPNOTSUPP: not a fabrics controller; -EBADMSG: unusable. */
/* skip_type: for a controller of this type (cntrltype: "io", "discovery") -EOPNOTSUPP is returned
 * without reading further; NULL: none. */
int sysfs_read_device(const char *sysfs_root, const Registry *registry, int instance,
                      const char *skip_type, Device **ret);
/* Reads all fabrics controllers, sorted by instance. Those that are removed meanwhile are omitted,
 * as are those not identified yet, for which the kernel sends an event once they are connected.
 * -ENODEV: sysfs is not mounted (without an NVMe driver the list is empty). */
int sysfs_scan(const char *sysfs_root, const Registry *registry, const char *skip_type,
               Device ***ret, size_t *ret_n);
/* Reads the inode of nvmeN's directory, which distinguishes it from earlier and later controllers
 * of the same name. */
int sysfs_read_inode(const char *sysfs_root, int instance, uint64_t *ret);
/* Opens nvmeN's state attribute: a later pread() returns the state without a path lookup, and fails
 * with ENODEV if that controller is gone, even if its name is reused. Returns the fd or an
 * error. */
int sysfs_open_state(const char *sysfs_root, int instance);
int sysfs_read_state(int fd, DeviceState *ret);
/* Returns 1 if the kernel shows a namespace of the controller, 0 if none, or a negative errno.
 * dir_fd: of sysfs_open_controller(). Does not block. */
int sysfs_has_namespaces(int dir_fd);
/* Returns false if the kernel has no RDMA device (/sys/class/infiniband). Does not block. */
bool sysfs_has_rdma(const char *sysfs_root);

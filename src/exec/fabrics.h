/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The kernel's own interfaces, blocking: called by worker threads only (but for the probe of
 * options). */

#include "model/device.h"
#include "model/dlp.h"

/* Writes the option string to DEV/nvme-fabrics, reads the answer. The open file, which keeps the
 * new controller's name from being given to another, even if it goes; or the kernel's negative
 * errno. */
int fabrics_connect(const char *dev_root, const char *options, int *ret_instance);

/* The options the running kernel supports, 1 << FabricsOption. The read takes nvmf_dev_mutex: call
 * before any connect, or from a worker. */
int fabrics_read_supported(const char *dev_root, unsigned *ret);

/* The sysfs directory of nvmeN (O_PATH) if it still has the given inode (0: any): names are
 * recycled, inodes of kernfs are not. The fd; -ESTALE: it is another controller's; -ENODEV: there
 * is none. */
int fabrics_open_controller(const char *sysfs_root, int instance, uint64_t inode);

/* Deletes the controller with this sysfs directory, whoever has its name. Returns when the kernel
 * is done. -ENODEV: it is gone, or somebody else deletes it; -EAGAIN: it has never been live yet
 * (EBUSY of drivers/nvme/host/sysfs.c). */
int fabrics_delete(int dir_fd);

/* Get Log Page 70h of nvmeN over NVME_IOCTL_ADMIN_CMD, complete and consistent: header, entries,
 * header again; read anew while GENCTR changes, RAE=1 but for the last command, which re-arms the
 * event (codec/discovery_log_reader.h). Every command and the whole have a time limit
 * (exec/admin.h). ret_partial: something of what NUMREC promised is missing, and must not be taken
 * for gone. ret_status: NVMe status when the result is -EIO.
 * inode: as for fabrics_open_controller().
 * -ENODEV: there is no such controller; -ESTALE: it is another one; -EAGAIN: it is not live (says
 * the kernel) or its log kept changing; -EINTR: the connection broke or the command timed out, the
 * kernel cancelled it; -ETIMEDOUT: all together took too long; -EBADMSG: not a log that we know. */
int discovery_log_read(const char *dev_root, const char *sysfs_root, int instance, uint64_t inode,
                       DiscoveryLog **ret, bool *ret_partial, int *ret_status);

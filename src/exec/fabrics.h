/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The kernel's own interfaces, blocking: called by worker threads only (but for the probe of
 * options). */

#include "model/device.h"

/* Writes the option string to DEV/nvme-fabrics, reads the answer. The open file, which keeps the
 * new controller's name from being given to another, even if it goes; or the kernel's negative
 * errno. */
int fabrics_connect(const char *dev_root, const char *options, int *ret_instance);

/* What a connect that failed after so long failed of. The kernel says EIO for each NVMe status
 * (nvme_tcp_create_ctrl() in drivers/nvme/host/tcp.c and its like), be it the target's or its own
 * for a command that was not answered (nvmf_complete_timed_out_request() in fabrics.h): after as
 * long as it waits for an answer it is that, -ETIME. Any other error is as it was. */
int fabrics_tell_timeout(const char *sysfs_root, int error, usec_t took);

/* The options the running kernel supports, 1 << FabricsOption. The read takes nvmf_dev_mutex: call
 * before any connect, or from a worker. */
int fabrics_read_supported(const char *dev_root, unsigned *ret);

/* The sysfs directory of nvmeN (O_PATH) if it still has the given inode (0: any): names are
 * recycled, inodes of kernfs are not. The fd; -ESTALE: it is another controller's; -ENODEV: there
 * is none. */
int fabrics_open_controller(const char *sysfs_root, int instance, uint64_t inode);

/* Some kernels let every user read the keys of a connection in sysfs (dhchap_secret of
 * drivers/nvme/host/sysfs.c, 0644): from now on root alone may. 0, or the first negative errno. */
int fabrics_hide_keys(int dir_fd);

/* Deletes the controller with this sysfs directory, whoever has its name. Returns when the kernel
 * is done. -ENODEV: it is gone already; -EALREADY: somebody else deletes it; -EAGAIN: it has never
 * been live yet (EBUSY of drivers/nvme/host/sysfs.c), or the kernel holds back what was under way
 * and would not delete it; -ECANCELED: the kernel took the request, and the controller is still
 * there. */
int fabrics_delete(int dir_fd);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The kernel's own interfaces. They block: called from worker threads only, except for reading the
 * supported options. */

#include "model/device.h"

/* Writes the option string to DEV/nvme-fabrics and reads the answer. Returns the open file, which
 * keeps the new controller's name from being reused even after it is removed, or the kernel's
 * negative errno. */
int fabrics_connect(const char *dev_root, const char *options, int *ret_instance);

/* Refines the error of a connect that failed after this time. The kernel returns EIO for any NVMe
 * status (nvme_tcp_create_ctrl() in drivers/nvme/host/tcp.c and its counterparts), whether sent by
 * the target or generated for a command that timed out (nvmf_complete_timed_out_request() in
 * fabrics.h). If the connect took as long as the kernel's timeout, returns -ETIME; any other error
 * is returned unchanged. */
int fabrics_tell_timeout(const char *sysfs_root, int error, usec_t took);

/* Reads the options that the running kernel supports, as 1 << FabricsOption. The read takes
 * nvmf_dev_mutex: call it before any connect, or from a worker. */
int fabrics_read_supported(const char *dev_root, unsigned *ret);

/* Opens the sysfs directory of nvmeN (O_PATH) if it still has the given inode (0: any): names are
 * reused, kernfs inodes are not. Returns the fd, -ESTALE if the name belongs to another controller,
 * or -ENODEV if there is none. */
int fabrics_open_controller(const char *sysfs_root, int instance, uint64_t inode);

/* Some kernels let every user read the keys of a connection in sysfs (dhchap_secret of
 * drivers/nvme/host/sysfs.c, 0644): restricts them to root. Returns 0 or the first error. */
int fabrics_hide_keys(int dir_fd);

/* Has the kernel look for namespaces of the controller, which it does in the background, unless it
 * shows one or the controller is not live. Returns 0 or a negative errno. */
int fabrics_rescan(int dir_fd);

/* Deletes the controller that this sysfs directory belongs to, even if its name has been reused.
 * Returns once the kernel is done. -ENODEV: already removed; -EALREADY: being deleted by another
 * process; -EAGAIN: it has never been live (EBUSY of drivers/nvme/host/sysfs.c), or the kernel
 * holds back outstanding requests and would not delete it; -ECANCELED: the kernel accepted the
 * request, but the controller still exists. */
int fabrics_delete(int dir_fd);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The kernel's own interfaces, blocking: called by worker threads only (but for the probe of
 * options). */

#include "model/device.h"
#include "model/dlp.h"

/* Writes the option string to DEV/nvme-fabrics, reads the answer. 0 or the kernel's negative errno.
 */
int fabrics_connect(const char *dev_root, const char *options, int *ret_instance, int *ret_cntlid);

/* The options the running kernel supports, 1 << FabricsOption. The read takes nvmf_dev_mutex: call
 * before any connect, or from a worker. */
int fabrics_read_supported(const char *dev_root, unsigned *ret);

/* Deletes nvmeN if its cntlid is still the given one (-1: any). -ESTALE: it is another controller.
 */
int fabrics_disconnect(const char *sysfs_root, int instance, int cntlid);

/* Get Log Page 70h of nvmeN over NVME_IOCTL_ADMIN_CMD, complete and consistent: header, entries,
 * header again; read anew while GENCTR changes (at most 10 times: -EAGAIN), RAE=1 but for the last
 * command, which re-arms the event. NUMREC is bounded (DISCOVERY_LOG_ENTRIES_MAX). ret_status: NVMe
 * status when the result is -EIO. */
int discovery_log_read(const char *dev_root, int instance, DiscoveryLog **ret, int *ret_status);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Admin commands to /dev/nvmeN, blocking (include/uapi/linux/nvme_ioctl.h). */

#include "codec/dim.h"
#include "model/dlp.h"

enum {
        ADMIN_LOG_SUPPORTED = 0x00,
        ADMIN_LOG_DISCOVERY = 0x70,
        /* Per command. If exceeded, the kernel considers the controller dead and resets the
         * connection. */
        ADMIN_TIMEOUT_MSEC = 10 * 1000,
        /* For all commands that read one log: limits how long a controller that answers each
         * command slightly too late can occupy a worker. */
        ADMIN_LOG_TIMEOUT_MSEC = 60 * 1000,
};

typedef struct AdminGetLog { /* NVMe Base 2.x, Get Log Page */
        uint8_t lid, lsp;
        bool rae;        /* retain asynchronous event */
        uint64_t offset; /* in bytes; offset and length are multiples of 4 */
        uint32_t length;
} AdminGetLog;

/* Discovery Information Management; n: size of data in bytes (codec/dim.h). Returns 0, a negative
 * errno, or an NVMe status (status code type and code). */
int admin_dim(int fd, DimTask task, const void *data, size_t n);

/* Opens /dev/nvmeN if the name refers to the controller with this inode (0: any). The descriptor
 * refers to that controller for as long as it is open. Returns the fd, -ENODEV if there is no such
 * controller, or -ESTALE if the name belongs to another one. */
int admin_open(const char *dev_root, const char *sysfs_root, int instance, uint64_t inode);

/* Reads log page 00h: which features of the discovery log the controller supports (DISCOVERY_LOG_*
 * of model/dlp.h). Returns 0, an NVMe status or a negative errno. */
int admin_read_supported_logs(int fd, unsigned *ret_discovery);

/* Where commands are sent: a descriptor, or a test's controller. */
typedef struct AdminChannel {
        /* Fills length bytes of data. Returns 0, an NVMe status or a negative errno. */
        int (*get_log)(void *userdata, const AdminGetLog *command, void *data);
        void *userdata;
} AdminChannel;

/* Reads Get Log Page 70h consistently; the last command re-arms the event
 * (codec/discovery_log_reader.h). options: DISCOVERY_LOG_* of model/dlp.h, which the controller
 * must support. ret_status: NVMe status if the result is -EIO. -EAGAIN: the controller is not live
 * (according to the kernel); -EBUSY: its log kept changing; -EINTR: the connection broke or the
 * command timed out, and the kernel cancelled it; -ETIMEDOUT: all commands together took longer
 * than timeout; -EBADMSG: not a known log format. */
int admin_read_discovery_log(const AdminChannel *channel, unsigned options, usec_t timeout,
                             DiscoveryLog **ret, int *ret_status);
/* Same, for an open controller and with the default timeout. */
int discovery_log_read(int fd, unsigned options, DiscoveryLog **ret, int *ret_status);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Admin commands to /dev/nvmeN, blocking (include/uapi/linux/nvme_ioctl.h). */

#include "codec/dim.h"
#include "model/dlp.h"

enum {
        ADMIN_LOG_SUPPORTED = 0x00,
        ADMIN_LOG_DISCOVERY = 0x70,
        /* Of one command. The kernel takes a controller that is later than this for dead and
         * resets the connection. */
        ADMIN_TIMEOUT_MSEC = 10 * 1000,
        /* Of all commands that read one log: a controller that answers each a little too late keeps
         * a worker no longer than this. */
        ADMIN_LOG_TIMEOUT_MSEC = 60 * 1000,
};

typedef struct AdminGetLog { /* NVMe Base 2.x, Get Log Page */
        uint8_t lid, lsp;
        bool rae;        /* retain the asynchronous event */
        uint64_t offset; /* bytes; multiples of 4, as is length */
        uint32_t length;
} AdminGetLog;

/* Discovery Information Management: n bytes of codec/dim.h. 0, a negative errno, or an NVMe status
 * (status code type and code). */
int admin_dim(int fd, DimTask task, const void *data, size_t n);

/* /dev/nvmeN while the name means the controller of that inode, or (0) any. While it is open it
 * stays that controller's. The fd; -ENODEV: there is none; -ESTALE: it is another one. */
int admin_open(const char *dev_root, const char *sysfs_root, int instance, uint64_t inode);

/* Log page 00h of the controller: what it offers for the discovery log, DISCOVERY_LOG_* of
 * model/dlp.h. 0, an NVMe status or a negative errno. */
int admin_read_supported_logs(int fd, unsigned *ret_discovery);

/* Where commands go: a descriptor, or a test's controller. */
typedef struct AdminChannel {
        /* Fills length bytes of data. The same results. */
        int (*get_log)(void *userdata, const AdminGetLog *command, void *data);
        void *userdata;
} AdminChannel;

/* Get Log Page 70h, consistent; the last command re-arms the event (codec/discovery_log_reader.h).
 * options: DISCOVERY_LOG_* of model/dlp.h, which the controller must offer.
 * ret_partial: something of what NUMREC promised is missing, and must not be taken for gone.
 * ret_status: NVMe status when the result is -EIO.
 * -EAGAIN: it is not live (says the kernel) or its log kept changing; -EINTR: the connection broke
 * or the command timed out, the kernel cancelled it; -ETIMEDOUT: all together took longer than
 * timeout; -EBADMSG: not a log that we know. */
int admin_read_discovery_log(const AdminChannel *channel, unsigned options, usec_t timeout,
                             DiscoveryLog **ret, bool *ret_partial, int *ret_status);
/* The same of an open controller, with the time that is usual. */
int discovery_log_read(int fd, unsigned options, DiscoveryLog **ret, bool *ret_partial,
                       int *ret_status);

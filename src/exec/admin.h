/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Admin commands to /dev/nvmeN, blocking (include/uapi/linux/nvme_ioctl.h). */

#include "model/dlp.h"

enum {
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

/* Fills length bytes of data. 0, a negative errno, or an NVMe status (status code type and code).
 */
int admin_get_log(int fd, const AdminGetLog *command, void *data);

/* Where commands go: admin_get_log() with a descriptor, or a test's controller. */
typedef struct AdminChannel {
        int (*get_log)(void *userdata, const AdminGetLog *command, void *data);
        void *userdata;
} AdminChannel;

/* discovery_log_read() of exec/fabrics.h over any channel; what it takes beyond timeout is
 * -ETIMEDOUT. */
int admin_read_discovery_log(const AdminChannel *channel, usec_t timeout, DiscoveryLog **ret,
                             bool *ret_partial, int *ret_status);

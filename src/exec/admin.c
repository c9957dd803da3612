/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/admin.h"

#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "codec/discovery_log_reader.h"
#include "codec/supported_logs.h"
#include "exec/clock.h"
#include "io/fd.h"
#include "observe/sysfs.h"

enum {
        ADMIN_OPCODE_GET_LOG_PAGE = 0x02,
        ADMIN_OPCODE_DIM = 0x21,
        /* Status code and status code type; the bits above are retry hints (NVMe Base 2.x,
         * Completion Queue Entry: Status Field). */
        STATUS_MASK = 0x7ff,
        STATUS_TYPE_MASK = 0x700,
        PAGE_SIZE = 4096,
};

static int admin_submit(int fd, struct nvme_passthru_cmd *cmd)
{
        cmd->timeout_ms = ADMIN_TIMEOUT_MSEC;
        int r = ioctl(fd, NVME_IOCTL_ADMIN_CMD, cmd);
        if (r < 0)
                return -errno;
        return r & STATUS_MASK;
}

static int admin_get_log(int fd, const AdminGetLog *command, void *data)
{
        uint32_t n_dwords = command->length / 4 - 1;
        struct nvme_passthru_cmd cmd = {
                .opcode = ADMIN_OPCODE_GET_LOG_PAGE,
                .addr = (uintptr_t) data,
                .data_len = command->length,
                .cdw10 = command->lid | (uint32_t) (command->lsp & 0x7f) << 8 |
                         (uint32_t) command->rae << 15 | (n_dwords & 0xffff) << 16,
                .cdw11 = n_dwords >> 16,
                .cdw12 = (uint32_t) command->offset,
                .cdw13 = (uint32_t) (command->offset >> 32),
        };
        return admin_submit(fd, &cmd);
}

int admin_dim(int fd, DimTask task, const void *data, size_t n)
{
        struct nvme_passthru_cmd cmd = {
                .opcode = ADMIN_OPCODE_DIM,
                .addr = (uintptr_t) data,
                .data_len = (uint32_t) n,
                .cdw10 = task,
        };
        return admin_submit(fd, &cmd);
}

int admin_read_supported_logs(int fd, unsigned *ret_discovery)
{
        AdminGetLog command = { .lid = ADMIN_LOG_SUPPORTED, .length = SUPPORTED_LOGS_SIZE };
        uint8_t data[SUPPORTED_LOGS_SIZE] = { 0 };

        int r = admin_get_log(fd, &command, data);
        return r != 0 ? r : supported_logs_decode(data, sizeof(data), ret_discovery);
}

/* The kernel rejects what is beyond the queue's limits with EINVAL, or cannot map that much memory;
 * a controller rejects what is beyond its limits, or the end of the log, with a generic status.
 * Other failures have nothing to do with the size. */
static bool is_refusal(int r)
{
        return r == -EINVAL || r == -ENOMEM || (r > 0 && (r & STATUS_TYPE_MASK) == 0);
}

/* Returns 1 to continue, 0 if the log is complete, -EIO with *status, or another negative errno. */
static int read_once(const AdminChannel *channel, unsigned options, DiscoveryLogReader *reader,
                     int *status)
{
        DiscoveryLogRequest request;
        discovery_log_reader_request(reader, &request);
        AdminGetLog command = {
                .lid = ADMIN_LOG_DISCOVERY,
                .lsp = (uint8_t) options,
                .rae = request.rae,
                .offset = request.offset,
                .length = request.length,
        };
        /* On a page's boundary the kernel hands the pages to the transport without a copy. */
        _cleanup_free_ uint8_t *data =
                aligned_alloc(PAGE_SIZE, (request.length + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE);
        if (!data)
                return -ENOMEM;
        memset(data, DISCOVERY_LOG_FILL, request.length);
        int r = channel->get_log(channel->userdata, &command, data);
        if (r == 0)
                return discovery_log_reader_feed(reader, data, request.length);
        if (r > 0)
                *status = r;
        if (is_refusal(r) && discovery_log_reader_refuse(reader, r < 0))
                return 1;
        return r < 0 ? r : -EIO;
}

int admin_read_discovery_log(const AdminChannel *channel, unsigned options, usec_t timeout,
                             DiscoveryLog **ret, int *ret_status)
{
        _cleanup_(discovery_log_reader_freep) DiscoveryLogReader *reader = NULL;
        usec_t deadline = usec_add(now_monotonic(), timeout);
        int status = 0;

        int r = discovery_log_reader_new(&reader);
        if (r < 0)
                return r;
        do {
                r = now_monotonic() > deadline ? -ETIMEDOUT
                                               : read_once(channel, options, reader, &status);
        } while (r > 0);
        if (r < 0) {
                *ret_status = r == -EIO ? status : 0;
                return r;
        }
        return discovery_log_reader_take(reader, ret);
}

static int get_log_of_fd(void *userdata, const AdminGetLog *command, void *data)
{
        const int *fd = userdata;
        return admin_get_log(*fd, command, data);
}

int discovery_log_read(int fd, unsigned options, DiscoveryLog **ret, int *ret_status)
{
        AdminChannel channel = { .get_log = get_log_of_fd, .userdata = &fd };
        return admin_read_discovery_log(&channel, options, ADMIN_LOG_TIMEOUT_MSEC * USEC_PER_MSEC,
                                        ret, ret_status);
}

int admin_open(const char *dev_root, const char *sysfs_root, int instance, uint64_t inode)
{
        _cleanup_fd_ int fd = fd_open(O_RDWR, "%s/nvme%d", dev_root, instance);
        if (fd < 0)
                return fd == -ENOENT || fd == -ENXIO ? -ENODEV : fd;

        /* The open file pins its controller: whichever controller has the name now is the one that
         * was opened. */
        uint64_t found = 0;
        int r = inode == 0 ? 0 : sysfs_read_inode(sysfs_root, instance, &found);
        if (r < 0)
                return r;
        return found == inode ? fd_take(&fd) : -ESTALE;
}

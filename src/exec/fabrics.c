/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/fabrics.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/text.h"
#include "codec/fabrics_options.h"
#include "exec/write_apart.h"
#include "io/fd.h"
#include "io/line.h"
#include "observe/sysfs.h"

/* The answer and the list of options each fit in one page. */
#define ANSWER_SIZE 4096

static int open_fabrics(const char *dev_root)
{
        return fd_open(O_RDWR, "%s/nvme-fabrics", dev_root);
}

static int read_answer(int fd, char buf[static ANSWER_SIZE])
{
        ssize_t n = read(fd, buf, ANSWER_SIZE - 1);
        if (n < 0)
                return -errno;
        buf[n] = '\0';
        return 0;
}

int fabrics_connect(const char *dev_root, const char *options, int *ret_instance)
{
        char answer[ANSWER_SIZE];
        int instance;
        _cleanup_fd_ int fd = open_fabrics(dev_root);
        if (fd < 0)
                return fd;

        /* A single write: a second one would be a second connect. */
        int r = write_apart(fd, options, strlen(options));
        if (r == 0)
                r = read_answer(fd, answer);
        if (r < 0)
                return r;
        r = fabrics_answer_decode(answer, &instance);
        if (r < 0)
                return r;
        *ret_instance = instance;
        return fd_take(&fd);
}

/* Reads a parameter of nvme_core, in seconds. */
static usec_t read_timeout(const char *sysfs_root, const char *name, usec_t otherwise)
{
        char path[PATH_MAX], text[32];
        uint64_t seconds;

        (void) snprintf(path, sizeof(path), "%s/module/nvme_core/parameters/%s", sysfs_root, name);
        if (line_read(AT_FDCWD, path, text, sizeof(text)) < 0 ||
            text_to_u64(text, 1, UINT32_MAX, &seconds) < 0)
                return otherwise;
        return seconds * USEC_PER_SEC;
}

int fabrics_tell_timeout(const char *sysfs_root, int error, usec_t took)
{
        if (error != -EIO)
                return error;
        /* Before 5.11 the Connect command of an I/O queue uses the I/O timeout. */
        usec_t admin = read_timeout(sysfs_root, "admin_timeout", 60 * USEC_PER_SEC);
        usec_t io = read_timeout(sysfs_root, "io_timeout", 30 * USEC_PER_SEC);

        return took >= MIN(admin, io) ? -ETIME : error;
}

int fabrics_read_supported(const char *dev_root, unsigned *ret)
{
        char text[ANSWER_SIZE];
        struct utsname name;
        _cleanup_fd_ int fd = open_fabrics(dev_root);
        if (fd < 0)
                return fd;

        int r = read_answer(fd, text);
        if (r == 0) {
                *ret = fabrics_options_decode_supported(text);
                return 0;
        }
        /* Before 5.17 the file can be read only after a connect. */
        if (r != -EINVAL)
                return r;
        if (uname(&name) < 0)
                return -errno;
        *ret = fabrics_options_by_release(name.release);
        return 0;
}

int fabrics_open_controller(const char *sysfs_root, int instance, uint64_t inode)
{
        struct stat st;
        _cleanup_fd_ int dir_fd = sysfs_open_controller(sysfs_root, instance);
        if (dir_fd < 0)
                return dir_fd;
        if (fstat(dir_fd, &st) < 0)
                return -errno;
        return inode != 0 && st.st_ino != inode ? -ESTALE : fd_take(&dir_fd);
}

static int fabrics_read_state(int dir_fd, DeviceState *ret)
{
        char line[32];
        int r = line_read(dir_fd, "state", line, sizeof(line));
        if (r < 0)
                return r;
        *ret = device_state_from_string(line);
        return 0;
}

int fabrics_hide_keys(int dir_fd)
{
        static const char *const names[] = { "dhchap_secret", "dhchap_ctrl_secret" };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                /* ENOENT: the kernel was built without in-band authentication */
                if (fchmodat(dir_fd, names[i], S_IRUSR | S_IWUSR, 0) < 0 && errno != ENOENT &&
                    r == 0)
                        r = -errno;
        return r;
}

int fabrics_rescan(int dir_fd)
{
        int r = sysfs_has_namespaces(dir_fd);
        if (r != 0)
                return MIN(r, 0);
        _cleanup_fd_ int fd = openat(dir_fd, "rescan_controller", O_WRONLY | O_CLOEXEC);
        return fd < 0 || write(fd, "1", 1) < 0 ? -errno : 0;
}

/* Determines the outcome of a deletion: the kernel answers once the controller is removed, and does
 * not report a refusal (nvme_delete_ctrl_sync()). The request cannot be repeated, because its sysfs
 * file is removed first. Returns 0 if the controller has been removed. */
static int deletion_outcome(int dir_fd)
{
        DeviceState state;

        int r = fabrics_read_state(dir_fd, &state);
        if (r < 0)
                return r == -ENOENT || r == -ENODEV ? 0 : r;
        return state == DEVICE_DELETING ? -EALREADY : -ECANCELED;
}

/* The controller that was checked is the one that is deleted, because the descriptor refers to the
 * same directory even if the name is reused. */
int fabrics_delete(int dir_fd)
{
        DeviceState state;

        if (fabrics_read_state(dir_fd, &state) == 0 && state == DEVICE_FENCING)
                return -EAGAIN;
        _cleanup_fd_ int fd = openat(dir_fd, "delete_controller", O_WRONLY | O_CLOEXEC);
        if (fd < 0 && errno != ENOENT)
                return -errno;
        if (fd < 0) {
                int r = deletion_outcome(dir_fd);
                return r == 0 ? -ENODEV : r;
        }
        int r = write_apart(fd, "1", 1);
        if (r == 0)
                return deletion_outcome(dir_fd);
        /* Distinct from the -EBUSY of in_use_check(), which means that a device is in use. */
        return r == -EBUSY ? -EAGAIN : r;
}

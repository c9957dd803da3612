/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* File descriptors. */

#include <unistd.h>

#include "base/macro.h"

/* Does nothing if fd is negative. Errors are ignored, so data may not have reached the disk. */
static inline void fd_close(int fd)
{
        if (fd >= 0)
                (void) close(fd);
}

static inline void fd_closep(int *fd)
{
        fd_close(*fd);
}

/* Calls fd_close() when the variable goes out of scope. */
#define _cleanup_fd_ _cleanup_(fd_closep)

/* Transfers ownership out of a variable with a cleanup attribute. */
static inline int fd_take(int *fd)
{
        int taken = *fd;
        *fd = -1;
        return taken;
}

/* Opens the path formatted as by printf(), with the given flags and O_CLOEXEC. Returns the
 * descriptor, -ENAMETOOLONG or the negative errno of open(). */
_printf_(2, 3) int fd_open(int flags, const char *format, ...);

/* Reads from offset 0 with a single read(), regardless of the file position, so that sysfs
 * attributes are read consistently. The text is truncated to fit and always NUL-terminated. Returns
 * 0 or a negative errno, in which case buf is unmodified. */
int fd_read_text(int fd, char *buf, size_t size);

/* Writes all of the data, in several writes if necessary. Returns 0 or a negative errno. */
int fd_write_all(int fd, const void *data, size_t n);

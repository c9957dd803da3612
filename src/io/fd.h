/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Descriptors. */

#include <unistd.h>

#include "base/macro.h"

/* Unless it is negative. What was written through it is not known to be on its disk. */
static inline void fd_close(int fd)
{
        if (fd >= 0)
                (void) close(fd);
}

static inline void fd_closep(int *fd)
{
        fd_close(*fd);
}

/* fd_close() when the variable goes out of scope. */
#define _cleanup_fd_ _cleanup_(fd_closep)

/* Moves the descriptor out of a variable that is closed otherwise. */
static inline int fd_take(int *fd)
{
        int taken = *fd;
        *fd = -1;
        return taken;
}

/* Opens, with O_CLOEXEC and these flags, what has the path that printf() would make. The
 * descriptor, -ENAMETOOLONG or the negative errno of open(). */
_printf_(2, 3) int fd_open(int flags, const char *format, ...);

/* One read from the beginning, wherever the descriptor stands: an attribute of sysfs is whole then.
 * Cut where it does not fit, always terminated. 0 or a negative errno, with buf untouched. */
int fd_read_text(int fd, char *buf, size_t size);

/* Writes all of it, with as many writes as that takes. 0 or a negative errno. */
int fd_write_all(int fd, const void *data, size_t n);

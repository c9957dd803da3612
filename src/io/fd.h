/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <unistd.h>

#include "base/macro.h"

static inline void fd_closep(int *fd)
{
        if (*fd >= 0)
                (void) close(*fd);
}

/* Closes the descriptor, unless it is negative, when the variable goes out of scope. */
#define _cleanup_fd_ _cleanup_(fd_closep)

/* Moves the descriptor out of a variable that is closed otherwise. */
static inline int fd_take(int *fd)
{
        int taken = *fd;
        *fd = -1;
        return taken;
}

/* 0 or a negative errno. */
static inline int fd_write_all(int fd, const char *data, size_t n)
{
        while (n > 0) {
                ssize_t written = write(fd, data, n);

                if (written < 0 && errno == EINTR)
                        continue;
                if (written < 0)
                        return -errno;
                data += written;
                n -= (size_t) written;
        }
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "io/fd.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

int fd_open(int flags, const char *format, ...)
{
        char path[PATH_MAX];
        va_list args;

        va_start(args, format);
        int n = vsnprintf(path, sizeof(path), format, args);
        va_end(args);
        if (n < 0 || (size_t) n >= sizeof(path))
                return -ENAMETOOLONG;
        int fd = open(path, flags | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int fd_read_text(int fd, char *buf, size_t size)
{
        ssize_t n = pread(fd, buf, size - 1, 0);
        if (n < 0)
                return -errno;
        buf[n] = '\0';
        return 0;
}

int fd_write_all(int fd, const void *data, size_t n)
{
        const char *rest = data;

        while (n > 0) {
                ssize_t n_written = write(fd, rest, n);
                if (n_written < 0 && errno == EINTR)
                        continue;
                if (n_written < 0)
                        return -errno;
                rest += n_written;
                n -= (size_t) n_written;
        }
        return 0;
}

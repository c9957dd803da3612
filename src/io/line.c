/* SPDX-License-Identifier: Apache-2.0 */

#include "io/line.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "io/fd.h"

int line_read(int dir_fd, const char *path, char *buf, size_t size)
{
        struct stat st;
        _cleanup_fd_ int fd = openat(dir_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADMSG;

        int r = fd_read_text(fd, buf, size);
        if (r < 0)
                return r;
        buf[strcspn(buf, "\n")] = '\0';
        const char *trimmed = text_trim(buf);
        memmove(buf, trimmed, strlen(trimmed) + 1);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "io/line.h"

#include <fcntl.h>
#include <stdio.h>
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

        ssize_t n = read(fd, buf, size - 1);
        if (n < 0)
                return -errno;
        buf[n] = '\0';
        buf[strcspn(buf, "\n")] = '\0';
        const char *trimmed = text_trim(buf);
        memmove(buf, trimmed, strlen(trimmed) + 1);
        return 0;
}

char *lines_read(const char *path)
{
        char *text = NULL;
        size_t size = 0;
        FILE *f = fopen(path, "re");

        if (!f)
                return NULL;
        if (getdelim(&text, &size, '\0', f) < 0) {
                free(text);
                text = NULL;
        }
        (void) fclose(f);
        return text;
}

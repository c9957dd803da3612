/* SPDX-License-Identifier: Apache-2.0 */

#include "io/file_replace.h"

#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/dir.h"
#include "io/fd.h"

/* Takes ownership of fd, the open temporary file. r is the result so far. */
static int file_replace_finish(int fd, int r, const char *temporary, const char *path)
{
        if (close(fd) < 0 && r >= 0)
                r = -errno;
        if (r >= 0 && rename(temporary, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(temporary); /* return the first error */
        return r;
}

int file_replace_volatile(const char *path, const char *text)
{
        _cleanup_free_ char *temporary = NULL;

        if (asprintf(&temporary, "%s.new", path) < 0) {
                temporary = NULL;
                return -ENOMEM;
        }
        if (unlink(temporary) < 0 && errno != ENOENT)
                return -errno;
        int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        int r = fd_write_all(fd, text, strlen(text));
        return file_replace_finish(fd, r, temporary, path);
}

/* Opens the directory that contains path, creating it if missing. */
static int file_open_directory(const char *path)
{
        _cleanup_free_ char *copy = strdup(path);

        if (!copy)
                return -ENOMEM;
        const char *directory = dirname(copy);
        int r = dir_make(directory);
        if (r < 0 && r != -EACCES && r != -EROFS)
                return r;
        return fd_open(O_RDONLY | O_DIRECTORY, "%s", directory);
}

/* Sets the mode and owner of fd to those of the file it replaces. */
static int file_take_over_attributes(int fd, const char *old)
{
        struct stat st;

        if (stat(old, &st) < 0) {
                if (errno != ENOENT)
                        return -errno;
                return fchmod(fd, 0644) < 0 ? -errno : 0;
        }
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        if ((st.st_uid != geteuid() || st.st_gid != getegid()) &&
            fchown(fd, st.st_uid, st.st_gid) < 0)
                return -errno;
        return fchmod(fd, st.st_mode & 07777) < 0 ? -errno : 0;
}

int file_replace_durable(const char *path, const char *text)
{
        _cleanup_free_ char *target = realpath(path, NULL), *temporary = NULL;

        if (!target && errno == ENOENT)
                target = strdup(path);
        if (!target)
                return -errno;
        _cleanup_fd_ int directory = file_open_directory(target);
        if (directory < 0)
                return directory;
        if (asprintf(&temporary, "%s.XXXXXX", target) < 0) {
                temporary = NULL;
                return -ENOMEM;
        }
        int fd = mkostemp(temporary, O_CLOEXEC);
        if (fd < 0)
                return -errno;
        int r = file_take_over_attributes(fd, target);
        if (r >= 0)
                r = fd_write_all(fd, text, strlen(text));
        if (r >= 0 && fsync(fd) < 0)
                r = -errno;
        r = file_replace_finish(fd, r, temporary, target);
        return r >= 0 && fsync(directory) < 0 ? -errno : r;
}

int file_lock_directory(const char *path)
{
        _cleanup_fd_ int fd = file_open_directory(path);

        if (fd < 0)
                return fd;
        while (flock(fd, LOCK_EX) < 0)
                if (errno != EINTR)
                        return -errno;
        return fd_take(&fd);
}

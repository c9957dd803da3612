/* SPDX-License-Identifier: Apache-2.0 */
#include "io/file_replace.h"

#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum {
        SIZE_MAXIMUM = 1024 * 1024,
};

static void closep(int *fd)
{
        if (*fd >= 0)
                (void) close(*fd); /* what was written has been synced before */
}

#define _cleanup_close_ _cleanup_(closep)

static int read_all(int fd, TextBuffer *b)
{
        char chunk[4096];
        ssize_t n;

        while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (memchr(chunk, '\0', (size_t) n))
                        return -EINVAL;
                text_buffer_append_bytes(b, chunk, (size_t) n);
                if (b->length > SIZE_MAXIMUM)
                        return -EFBIG;
        }
        return 0;
}

int file_read_text(const char *path, char **ret)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        _cleanup_close_ int fd = -1;
        char *text;
        int r;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0 && errno != ENOENT)
                return -errno;
        r = fd < 0 ? 0 : read_all(fd, &b);
        if (r < 0)
                return r;
        text = text_buffer_take(&b);
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

/* Opens the directory that holds path; makes it when it is missing. */
static int open_directory(const char *path)
{
        _cleanup_free_ char *copy = NULL;
        const char *directory;
        int fd;

        copy = strdup(path);
        if (!copy)
                return -ENOMEM;
        directory = dirname(copy);
        if (mkdir(directory, 0755) < 0 && errno != EEXIST && errno != EACCES && errno != EROFS)
                return -errno;
        fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int write_all(int fd, const char *text)
{
        size_t n = strlen(text);

        while (n > 0) {
                ssize_t written = write(fd, text, n);

                if (written < 0 && errno == EINTR)
                        continue;
                if (written < 0)
                        return -errno;
                text += written;
                n -= (size_t) written;
        }
        return 0;
}

/* Gives fd the mode and owner of the file it is to replace. */
static int take_over_attributes(int fd, const char *old)
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

static int write_and_rename(int directory, int fd, const char *temporary, const char *path,
                            const char *text)
{
        int r;

        r = take_over_attributes(fd, path);
        if (r < 0)
                return r;
        r = write_all(fd, text);
        if (r < 0)
                return r;
        if (fsync(fd) < 0 || rename(temporary, path) < 0 || fsync(directory) < 0)
                return -errno;
        return 0;
}

int file_replace_text(const char *path, const char *text)
{
        _cleanup_free_ char *target = NULL, *temporary = NULL;
        _cleanup_close_ int directory = -1, fd = -1;
        int r;

        target = realpath(path, NULL);
        if (!target && errno == ENOENT)
                target = strdup(path);
        if (!target)
                return -errno;
        directory = open_directory(target);
        if (directory < 0)
                return directory;
        if (asprintf(&temporary, "%s.XXXXXX", target) < 0) {
                temporary = NULL;
                return -ENOMEM;
        }
        fd = mkostemp(temporary, O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = write_and_rename(directory, fd, temporary, target, text);
        if (r < 0)
                (void) unlink(temporary); /* the first error is the one to tell */
        return r;
}

int file_lock_directory(const char *path)
{
        int fd;

        fd = open_directory(path);
        if (fd < 0)
                return fd;
        while (flock(fd, LOCK_EX) < 0) {
                int r = -errno;

                if (r == -EINTR)
                        continue;
                (void) close(fd);
                return r;
        }
        return fd;
}

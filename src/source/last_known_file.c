/* SPDX-License-Identifier: Apache-2.0 */

#include "source/last_known_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/file_text.h"

static char *path_with(const char *path, const char *suffix)
{
        char *text;

        return asprintf(&text, "%s%s", path, suffix) < 0 ? NULL : text;
}

/* Kept for whoever looks into it; one is enough. */
static void set_aside(const char *path)
{
        _cleanup_free_ char *aside = path_with(path, ".damaged");

        if (aside)
                (void) rename(path, aside); /* it will be written anew in any case */
}

int last_known_file_peek(const char *path, LastKnown *ret)
{
        _cleanup_file_text_ FileText text = { 0 };
        int r = file_text_read(path, LAST_KNOWN_SIZE_MAX, &text);

        if (r == -EFBIG)
                return -EBADMSG;
        return r < 0 ? r : last_known_decode(text.data, text.n, ret);
}

int last_known_file_read(const char *path, LastKnown *ret)
{
        int r = last_known_file_peek(path, ret);

        if (r == -EBADMSG || r == -EPROTONOSUPPORT)
                set_aside(path);
        return r;
}

static int write_all(int fd, const char *data, size_t n)
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

/* A new file of that name, never one that somebody else made. */
static int write_new(const char *path, const char *data)
{
        if (unlink(path) < 0 && errno != ENOENT)
                return -errno;
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        int r = write_all(fd, data, strlen(data));
        if (close(fd) < 0 && r >= 0)
                r = -errno;
        return r;
}

int last_known_file_write(const char *path, const LastKnown *l)
{
        _cleanup_free_ char *text = last_known_encode(l), *temporary = path_with(path, ".new");

        if (!text || !temporary)
                return -ENOMEM;
        if (strlen(text) > LAST_KNOWN_SIZE_MAX)
                return -EFBIG;
        /* No fsync(): /run does not outlive the boot, rename() alone keeps readers from halves. */
        int r = write_new(temporary, text);
        if (r >= 0 && rename(temporary, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(temporary); /* the first error is the one to report */
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "io/file_text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "io/fd.h"

#define CHUNK_SIZE 4096U

void file_text_done(FileText *t)
{
        if (t->data)
                explicit_bzero(t->data, t->n);
        free(t->data);
        *t = (FileText) { 0 };
}

/* Not realloc(), which could leave a copy behind. */
static int file_text_grow(FileText *t, size_t n_allocated)
{
        char *data = malloc(n_allocated);

        if (!data)
                return -ENOMEM;
        if (t->n > 0)
                memcpy(data, t->data, t->n);
        size_t n = t->n;
        file_text_done(t);
        *t = (FileText) { .data = data, .n = n };
        return 0;
}

int file_text_read(const char *path, size_t max, FileText *ret)
{
        _cleanup_file_text_ FileText t = { 0 };
        _cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        size_t n_allocated = 0;
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        size_t n_expected = st.st_size > 0 ? MIN((size_t) st.st_size, max) : 0;

        for (;;) {
                if (t.n + 1 >= n_allocated) {
                        n_allocated = MAX(n_expected + 2, t.n + t.n / 2 + CHUNK_SIZE);
                        int r = file_text_grow(&t, n_allocated);
                        if (r < 0)
                                return r;
                }
                ssize_t n = read(fd, t.data + t.n, n_allocated - t.n - 1);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                t.n += (size_t) n;
                if (t.n > max)
                        return -EFBIG;
        }
        t.data[t.n] = '\0';
        *ret = t;
        t = (FileText) { 0 };
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "io/dir.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/text.h"
#include "io/fd.h"

int dir_open(int dir_fd, const char *path, DIR **ret)
{
        _cleanup_fd_ int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        DIR *dir = fdopendir(fd);
        if (!dir)
                return -errno;
        (void) fd_take(&fd);
        *ret = dir;
        return 0;
}

int dir_next(DIR *dir, const char **ret_name)
{
        const struct dirent *entry;

        do {
                errno = 0;
                entry = readdir(dir);
        } while (entry && (streq(entry->d_name, ".") || streq(entry->d_name, "..")));
        if (!entry)
                return -errno;
        *ret_name = entry->d_name;
        return 1;
}

void dir_paths_done(DirPaths *p)
{
        for (size_t i = 0; i < p->n; i++)
                free(p->items[i]);
        free(p->items);
        *p = (DirPaths) { 0 };
}

static int dir_paths_add(DirPaths *p, const char *folder, const char *name)
{
        char *path;

        if (ARRAY_RESERVE(p->items, p->n_allocated, p->n + 1) < 0 ||
            asprintf(&path, "%s/%s", folder, name) < 0)
                return -ENOMEM;
        p->items[p->n++] = path;
        return 0;
}

static int dir_compare_paths(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

int dir_list(const char *folder, bool (*accepts)(const char *name), DirPaths *ret)
{
        _cleanup_dir_paths_ DirPaths paths = { 0 };
        _cleanup_dir_ DIR *dir = NULL;
        const char *name;

        int r = dir_open(AT_FDCWD, folder, &dir);
        while (r >= 0 && (r = dir_next(dir, &name)) > 0)
                if (accepts(name))
                        r = dir_paths_add(&paths, folder, name);
        if (r < 0)
                return r;
        if (paths.n > 0)
                qsort(paths.items, paths.n, sizeof(*paths.items), dir_compare_paths);
        *ret = paths;
        paths = (DirPaths) { 0 };
        return 0;
}

int dir_make(const char *path)
{
        if (mkdir(path, 0755) < 0)
                return errno == EEXIST ? 0 : -errno;
        return chmod(path, 0755) < 0 ? -errno : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A directory that stands for /dev and /sys in tests. */

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macro.h"
#include "base/testing.h"

typedef struct Root {
        char path[64];
} Root;

static inline Root root_new(void)
{
        Root root;
        (void) snprintf(root.path, sizeof(root.path), "/tmp/test-root-XXXXXX");
        assert_non_null(mkdtemp(root.path));
        return root;
}

static inline int root_remove_entry(const char *path, const struct stat *st, int type,
                                    struct FTW *ftw)
{
        return remove(path);
}

static inline void root_remove(const Root *root)
{
        assert_int_equal(nftw(root->path, root_remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static inline char *root_path(const Root *root, const char *name, char path[static PATH_MAX])
{
        (void) snprintf(path, PATH_MAX, "%s/%s", root->path, name);
        return path;
}

static inline void root_make_dir(const Root *root, const char *name)
{
        char path[PATH_MAX];
        assert_int_equal(mkdir(root_path(root, name, path), 0755), 0);
}

/* Parent directories are created. */
static inline void root_put(const Root *root, const char *name, const char *text)
{
        char path[PATH_MAX];
        (void) root_path(root, name, path);
        for (char *slash = path + strlen(root->path) + 1; (slash = strchr(slash, '/')); slash++) {
                *slash = '\0';
                assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
                *slash = '/';
        }
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
        assert_int_equal(close(fd), 0);
}

static inline void root_get(const Root *root, const char *name, char *buf, size_t size)
{
        char path[PATH_MAX];
        int fd = open(root_path(root, name, path), O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        ssize_t n = read(fd, buf, size - 1);
        assert_true(n >= 0);
        buf[n] = '\0';
        assert_int_equal(close(fd), 0);
}

static inline void root_drop(const Root *root, const char *name)
{
        char path[PATH_MAX];
        assert_int_equal(remove(root_path(root, name, path)), 0);
}

static inline void root_link(const Root *root, const char *target, const char *name)
{
        char path[PATH_MAX];
        assert_int_equal(symlink(target, root_path(root, name, path)), 0);
}

static inline uint64_t root_inode(const Root *root, const char *name)
{
        char path[PATH_MAX];
        struct stat st;
        assert_int_equal(stat(root_path(root, name, path), &st), 0);
        return st.st_ino;
}

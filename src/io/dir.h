/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Folders. */

#include <dirent.h>

#include "base/macro.h"

static inline void dir_closep(DIR **dir)
{
        if (*dir)
                (void) closedir(*dir);
}

#define _cleanup_dir_ _cleanup_(dir_closep)

/* Opens a folder, below dir_fd where path is relative. 0 or a negative errno. */
int dir_open(int dir_fd, const char *path, DIR **ret);
/* 1: *ret_name is the next entry's, which is neither "." nor "..", until the next call; 0: there is
 * none; or a negative errno. */
int dir_next(DIR *dir, const char **ret_name);

/* Paths of entries of a folder. {0} has none. */
typedef struct DirPaths {
        char **items;
        size_t n, n_allocated;
} DirPaths;

/* Those whose names are accepted, sorted by their bytes. 0 or a negative errno. */
int dir_list(const char *folder, bool (*accepts)(const char *name), DirPaths *ret);
void dir_paths_done(DirPaths *p);

#define _cleanup_dir_paths_ _cleanup_(dir_paths_done)

/* Makes a folder, with mode 0755 whatever the umask; one that is there stays as it is. 0 or a
 * negative errno. */
int dir_make(const char *path);

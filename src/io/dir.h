/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Directories. */

#include <dirent.h>

#include "base/macro.h"

static inline void dir_closep(DIR **dir)
{
        if (*dir)
                (void) closedir(*dir);
}

#define _cleanup_dir_ _cleanup_(dir_closep)

/* Opens a directory. A relative path is relative to dir_fd. Returns 0 or a negative errno. */
int dir_open(int dir_fd, const char *path, DIR **ret);
/* Returns 1 and stores the name of the next entry, skipping "." and "..", in *ret_name, where it is
 * valid until the next call. Returns 0 at the end, or a negative errno. */
int dir_next(DIR *dir, const char **ret_name);

/* Paths of entries of a directory. { 0 } is empty. */
typedef struct DirPaths {
        char **items;
        size_t n, n_allocated;
} DirPaths;

/* Lists the entries whose names are accepted, sorted bytewise. Returns 0 or a negative errno. */
int dir_list(const char *folder, bool (*accepts)(const char *name), DirPaths *ret);
void dir_paths_done(DirPaths *p);

#define _cleanup_dir_paths_ _cleanup_(dir_paths_done)

/* Creates a directory with mode 0755 regardless of the umask. An existing one is left unchanged.
 * Returns 0 or a negative errno. */
int dir_make(const char *path);

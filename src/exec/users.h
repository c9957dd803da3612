/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Who uses block devices that can be opened exclusively:
 *
 *  1. the kernel, which exports them or makes another disk of them (exec/exports.h);
 *  2. a process that has one open, a partition or the character device of it (exec/openers.h);
 *  3. who reads and writes all the same (exec/io_watch.h). */

#include "exec/deletions.h"
#include "exec/io_watch.h"
#include "exec/openers.h"

typedef struct Users { /* what the workers share */
        const char *sysfs_root, *dev_root, *proc_root;
        Openers openers;
        IoWatches io_watches;
} Users;

/* The strings stay the caller's. socket_path: of stas-open-devices. */
void users_init(Users *u, const char *sysfs_root, const char *dev_root, const char *proc_root,
                const char *socket_path);
void users_done(Users *u);

/* Nobody wants nvmeN any more: what is read or written through it from now on counts, but what
 * somebody does who is known (is_used). */
void users_watch(Users *u, int instance, bool is_used);

/* dir_fd: the controller's folder in sysfs. d: its deletion, with the claims that it needs. 0,
 * -EBUSY, -ENODATA and -EINPROGRESS as in_use_check(). */
int users_look(Users *u, int dir_fd, const Deletion *d, char **ret_why);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Finds users of block devices that can be opened exclusively:
 *
 *  1. the kernel, which exports them or builds another disk on them (exec/exports.h);
 *  2. a process that has the device, a partition or its character device open (exec/openers.h);
 *  3. any other user that reads and writes (exec/io_watch.h). */

#include "exec/deletions.h"
#include "exec/io_watch.h"
#include "exec/openers.h"

typedef struct Users { /* shared by the workers */
        const char *sysfs_root, *dev_root, *proc_root;
        Openers openers;
        IoWatches io_watches;
} Users;

/* The caller keeps ownership of the strings. socket_path: that of stas-open-devices. */
void users_init(Users *u, const char *sysfs_root, const char *dev_root, const char *proc_root,
                const char *socket_path);
void users_done(Users *u);

/* nvmeN is no longer wanted: monitors I/O through it from now on, except that of a known user
 * (is_used). */
void users_watch(Users *u, int instance, bool is_used);

/* dir_fd: the controller's directory in sysfs. d: its deletion, with the required claims. Returns
 * 0, -EBUSY, -ENODATA or -EINPROGRESS as in_use_check(). */
int users_look(Users *u, int dir_fd, const Deletion *d, char **ret_why);

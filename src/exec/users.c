/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/users.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "exec/clock.h"
#include "exec/exports.h"
#include "exec/find_paths.h"
#include "io/fd.h"

void users_init(Users *u, const char *sysfs_root, const char *dev_root, const char *proc_root,
                const char *socket_path)
{
        u->sysfs_root = sysfs_root;
        u->dev_root = dev_root;
        u->proc_root = proc_root;
        openers_init(&u->openers, socket_path);
        io_watches_init(&u->io_watches);
}

void users_done(Users *u)
{
        openers_done(&u->openers);
        io_watches_done(&u->io_watches);
}

static int list_nodes(const Users *u, int dir_fd, const Deletion *d, DiskNodes *nodes)
{
        const DiskClaim *c;
        int r = 0;

        SLIST_FOREACH(c, &d->claims, entry)
        if (r == 0)
                r = disk_nodes_add(nodes, u->sysfs_root, c->name);
        return r == 0 ? disk_nodes_add_controller(nodes, dir_fd, d->instance) : r;
}

/* Returns 1 if there is a user, 0 if not, or a negative errno if this cannot be determined. Cheap
 * checks first. */
static int find_user(Users *u, int dir_fd, const Deletion *d, char **ret_why)
{
        _cleanup_disk_nodes_ DiskNodes nodes = { 0 };
        usec_t claimed_at = now_monotonic();

        int r = list_nodes(u, dir_fd, d, &nodes);
        if (r < 0) {
                if (asprintf(ret_why, "its nodes cannot be listed: %s",
                             text_or(strerrorname_np(-r), "?")) < 0)
                        *ret_why = NULL;
                return r;
        }
        if (nodes.n == 0)
                return 0; /* removed meanwhile */
        r = exports_find(u->sysfs_root, u->dev_root, &nodes, ret_why);
        /* The controller's own node does not use a disk unless it is exported as a whole. */
        return r == 0 && !SLIST_EMPTY(&d->claims)
                       ? openers_find(&u->openers, &nodes, claimed_at, ret_why)
                       : r;
}

static int users_open_disk(const Users *u, const char *name)
{
        return fd_open(O_PATH | O_DIRECTORY, "%s/class/block/%s", u->sysfs_root, name);
}

/* Opens the controller's path to a disk; -1 if the disk is its own path, or not an NVMe disk. */
static int open_path(int dir_fd, const char *disk, int instance)
{
        char name[64];
        int subsystem, head;

        if (sscanf(disk, "nvme%dn%d", &subsystem, &head) != 2)
                return -1;
        (void) snprintf(name, sizeof(name), "nvme%dc%dn%d", subsystem, instance, head);
        return openat(dir_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

typedef void (*CountedHandler)(Users *u, const char *disk, int folder_fd, void *userdata);

/* Covers the claimed disks and the paths to them that are being removed: some kernels count I/O
 * only for one of the two. */
static void for_each_counted(Users *u, int dir_fd, const Deletion *d, CountedHandler handler,
                             void *userdata)
{
        const DiskClaim *c;

        SLIST_FOREACH(c, &d->claims, entry)
        {
                _cleanup_fd_ int disk_fd = users_open_disk(u, c->name);
                _cleanup_fd_ int path_fd = open_path(dir_fd, c->name, d->instance);
                if (disk_fd >= 0)
                        handler(u, c->name, disk_fd, userdata);
                if (path_fd >= 0)
                        handler(u, c->name, path_fd, userdata);
        }
}

static void go_on(Users *u, const char *disk, int folder_fd, void *userdata)
{
        io_watch_begin(&u->io_watches, folder_fd, true);
}

static void expect_release(Users *u, const char *disk, int folder_fd, void *userdata)
{
        io_watch_expect_release(&u->io_watches, folder_fd);
}

typedef struct IoLook {
        IoState worst;
        const char *disk; /* the disk with that state */
} IoLook;

static void users_look_at_disk(Users *u, const char *disk, int folder_fd, void *userdata)
{
        IoLook *l = userdata;
        IoState state = io_watch_look(&u->io_watches, folder_fd);

        if (state > l->worst)
                *l = (IoLook) { .worst = state, .disk = disk };
}

static int look_at_io(Users *u, int dir_fd, const Deletion *d, char **ret_why)
{
        IoLook l = { .worst = IO_QUIET };

        for_each_counted(u, dir_fd, d, users_look_at_disk, &l);
        if (l.worst == IO_QUIET)
                return 0;
        if (l.worst != IO_BUSY)
                return -EINPROGRESS;
        if (asprintf(ret_why, "%s: read or written by an unknown user", l.disk) < 0)
                *ret_why = NULL;
        return -EBUSY;
}

int users_look(Users *u, int dir_fd, const Deletion *d, char **ret_why)
{
        for_each_counted(u, dir_fd, d, expect_release, NULL);
        int r = find_user(u, dir_fd, d, ret_why);
        if (r == 0)
                return look_at_io(u, dir_fd, d, ret_why);
        for_each_counted(u, dir_fd, d, go_on, NULL);
        return r > 0 ? -EBUSY : -ENODATA;
}

static void watch_path(Users *u, const char *path, bool is_used)
{
        char disk[64];
        int subsystem, head;

        _cleanup_fd_ int path_fd = fd_open(O_PATH | O_DIRECTORY, "%s", path);
        if (path_fd < 0)
                return;
        io_watch_begin(&u->io_watches, path_fd, is_used);
        if (sscanf(strrchr(path, '/'), "/nvme%dc%*dn%d", &subsystem, &head) != 2)
                return;
        (void) snprintf(disk, sizeof(disk), "nvme%dn%d", subsystem, head);
        _cleanup_fd_ int disk_fd = users_open_disk(u, disk);
        if (disk_fd >= 0)
                io_watch_begin(&u->io_watches, disk_fd, is_used);
}

void users_watch(Users *u, int instance, bool is_used)
{
        _cleanup_paths_ glob_t paths = { 0 };

        (void) find_paths(&paths, "%s/class/nvme/nvme%d/nvme*n*", u->sysfs_root, instance);
        for (size_t i = 0; i < paths.gl_pathc; i++)
                watch_path(u, paths.gl_pathv[i], is_used);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/disk_nodes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/array.h"
#include "base/text.h"
#include "exec/find_paths.h"
#include "io/line.h"

void disk_nodes_done(DiskNodes *d)
{
        free(d->nodes);
        *d = (DiskNodes) { 0 };
}

static int add_node(DiskNodes *d, const char *name, char kind, const char *number,
                    bool is_controller)
{
        int r = ARRAY_RESERVE(d->nodes, d->n_allocated, d->n + 1);
        if (r < 0)
                return r;
        DiskNode *node = &d->nodes[d->n];
        *node = (DiskNode) { .is_controller = is_controller };
        if ((size_t) snprintf(node->name, sizeof(node->name), "%s", name) >= sizeof(node->name) ||
            (size_t) snprintf(node->number, sizeof(node->number), "%c %s", kind, number) >=
                    sizeof(node->number))
                return -ENAMETOOLONG;
        d->n++;
        return 0;
}

/* path: the attribute "dev" in a device's directory. A device that was removed meanwhile cannot be
 * opened any more and is skipped. */
static int disk_nodes_add_path(DiskNodes *d, char kind, char *path)
{
        char number[24];
        int r = line_read(AT_FDCWD, path, number, sizeof(number));
        if (r < 0)
                return r == -ENOENT || r == -ENODEV ? 0 : r;
        *strrchr(path, '/') = '\0';
        return add_node(d, strrchr(path, '/') + 1, kind, number, false);
}

static int disk_nodes_add_paths(DiskNodes *d, char kind, const glob_t *paths)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < paths->gl_pathc; i++)
                r = disk_nodes_add_path(d, kind, paths->gl_pathv[i]);
        return r;
}

int disk_nodes_add(DiskNodes *d, const char *sysfs_root, const char *disk)
{
        _cleanup_paths_ glob_t disks = { 0 }, partitions = { 0 }, generic = { 0 };
        const char *suffix = text_after(disk, "nvme");

        int r = find_paths(&disks, "%s/class/block/%s/dev", sysfs_root, disk);
        if (r == 0)
                r = find_paths(&partitions, "%s/class/block/%s/%s*/dev", sysfs_root, disk, disk);
        if (r == 0 && suffix)
                r = find_paths(&generic, "%s/class/nvme-generic/ng%s/dev", sysfs_root, suffix);
        if (r == 0)
                r = disk_nodes_add_paths(d, 'b', &disks);
        if (r == 0)
                r = disk_nodes_add_paths(d, 'b', &partitions);
        return r == 0 ? disk_nodes_add_paths(d, 'c', &generic) : r;
}

int disk_nodes_add_controller(DiskNodes *d, int dir_fd, int instance)
{
        char name[32], number[24];

        if (line_read(dir_fd, "dev", number, sizeof(number)) < 0)
                return 0;
        (void) snprintf(name, sizeof(name), "nvme%d", instance);
        return add_node(d, name, 'c', number, true);
}

const DiskNode *disk_nodes_find(const DiskNodes *d, const char *number)
{
        for (size_t i = 0; i < d->n; i++)
                if (streq(d->nodes[i].number, number))
                        return &d->nodes[i];
        return NULL;
}

static const DiskNode *disk_nodes_find_name(const DiskNodes *d, const char *path)
{
        const char *slash = strrchr(path, '/');

        for (size_t i = 0; i < d->n; i++)
                if (streq(d->nodes[i].name, slash ? slash + 1 : path))
                        return &d->nodes[i];
        return NULL;
}

const DiskNode *disk_nodes_find_path(const DiskNodes *d, const char *dev_root, const char *path)
{
        char here[PATH_MAX], number[24];
        struct stat st;
        const char *rest = text_after(path, "/dev/");

        if (!rest || snprintf(here, sizeof(here), "%s/%s", dev_root, rest) >= (int) sizeof(here) ||
            stat(here, &st) < 0)
                return disk_nodes_find_name(d, path);
        if (!S_ISBLK(st.st_mode) && !S_ISCHR(st.st_mode))
                return NULL;
        (void) snprintf(number, sizeof(number), "%c %u:%u", S_ISBLK(st.st_mode) ? 'b' : 'c',
                        major(st.st_rdev), minor(st.st_rdev));
        return disk_nodes_find(d, number);
}

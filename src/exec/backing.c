/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/backing.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "codec/mountinfo.h"
#include "exec/find_paths.h"
#include "io/file_text.h"
#include "io/line.h"
#include "model/transport.h"

/* An overlay mounted over one of its own directories appears to be on itself. */
enum {
        DEPTH_MAX = 16,
        STEPS_MAX = 1000
};

typedef struct Walk {
        const char *sysfs_root, *mountinfo;
        FabricsDisk *found;
        unsigned n_steps;
} Walk;

static bool backing_is_over(Walk *w, unsigned depth)
{
        return depth == 0 || ++w->n_steps > STEPS_MAX;
}

static bool find_in_file_system(Walk *w, const char *path, unsigned depth);

/* With native multipath the device of a disk is its subsystem, which has controllers; without, it
 * is the controller. One fabrics controller is enough. */
static bool is_fabrics_disk(const Walk *w, const char *folder)
{
        _cleanup_paths_ glob_t own = { 0 }, of_subsystem = { 0 };
        const glob_t *all[] = { &own, &of_subsystem };
        FabricsDisk disk;

        if (find_paths(&own, "%s/device/transport", folder) < 0 ||
            find_paths(&of_subsystem, "%s/device/nvme*/transport", folder) < 0)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                for (size_t j = 0; j < all[i]->gl_pathc; j++) {
                        if (line_read(AT_FDCWD, all[i]->gl_pathv[j], disk.transport,
                                      sizeof(disk.transport)) < 0 ||
                            transport_from_string(disk.transport) < 0)
                                continue;
                        (void) snprintf(disk.name, sizeof(disk.name), "%s",
                                        strrchr(folder, '/') + 1);
                        *w->found = disk;
                        return true;
                }
        return false;
}

static bool find_below(Walk *w, const char *folder, unsigned depth);

/* pattern: names of devices in the directory. */
static bool find_below_any(Walk *w, const char *folder, const char *pattern, unsigned depth)
{
        _cleanup_paths_ glob_t paths = { 0 };

        if (find_paths(&paths, "%s/%s", folder, pattern) < 0)
                return false;
        for (size_t i = 0; i < paths.gl_pathc; i++)
                if (find_below(w, paths.gl_pathv[i], depth))
                        return true;
        return false;
}

static bool find_below(Walk *w, const char *folder, unsigned depth)
{
        _cleanup_free_ char *real = backing_is_over(w, depth) ? NULL : realpath(folder, NULL);

        if (!real)
                return false;
        if (is_fabrics_disk(w, real) || find_below_any(w, real, "slaves/*", depth - 1))
                return true;
        /* A partition is in the directory of its disk. */
        _cleanup_paths_ glob_t partition = { 0 };
        if (find_paths(&partition, "%s/partition", real) < 0 || partition.gl_pathc == 0)
                return false;
        *strrchr(real, '/') = '\0';
        return find_below(w, real, depth - 1);
}

/* Checks a device node and, for btrfs, the other devices of the file system, as mountinfo lists
 * only one. */
static bool find_below_node(Walk *w, const char *node, unsigned depth)
{
        _cleanup_free_ char *real = realpath(node, NULL);
        _cleanup_paths_ glob_t members = { 0 };
        char folder[PATH_MAX];

        if (!real)
                return false;
        const char *name = strrchr(real, '/') + 1;
        if ((size_t) snprintf(folder, sizeof(folder), "%s/class/block/%s", w->sysfs_root, name) <
                    sizeof(folder) &&
            find_below(w, folder, depth))
                return true;
        if (find_paths(&members, "%s/fs/btrfs/*/devices/%s", w->sysfs_root, name) < 0)
                return false;
        for (size_t i = 0; i < members.gl_pathc; i++) {
                char *member = members.gl_pathv[i];
                *strrchr(member, '/') = '\0';
                if (find_below_any(w, member, "*", depth))
                        return true;
        }
        return false;
}

static bool find_below_mount(Walk *w, uint64_t mount_id, unsigned depth)
{
        _cleanup_file_text_ FileText text = { 0 };
        _cleanup_free_ char *sources = NULL;

        if (file_text_read(w->mountinfo, SIZE_MAX, &text) < 0)
                return false;
        sources = mountinfo_sources(text.data, mount_id);
        char *lines = sources;
        for (char *line; (line = strsep(&lines, "\n"));)
                if (*line && (text_after(line, "/dev/") ? find_below_node(w, line, depth)
                                                        : find_in_file_system(w, line, depth)))
                        return true;
        return false;
}

static bool find_in_file_system(Walk *w, const char *path, unsigned depth)
{
        char folder[PATH_MAX];
        struct statx st;

        if (backing_is_over(w, depth) ||
            statx(AT_FDCWD, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_MNT_ID, &st) < 0)
                return false;
        if (st.stx_dev_major == 0) /* not on a block device */
                return (st.stx_mask & STATX_MNT_ID) &&
                       find_below_mount(w, st.stx_mnt_id, depth - 1);
        int n = snprintf(folder, sizeof(folder), "%s/dev/block/%u:%u", w->sysfs_root,
                         st.stx_dev_major, st.stx_dev_minor);
        return n > 0 && (size_t) n < sizeof(folder) && find_below(w, folder, depth - 1);
}

bool backing_find_below(const char *sysfs_root, const char *folder, FabricsDisk *ret)
{
        Walk w = { .sysfs_root = sysfs_root, .found = ret };
        return find_below(&w, folder, DEPTH_MAX);
}

bool backing_find(const char *sysfs_root, const char *mountinfo, const char *path, FabricsDisk *ret)
{
        Walk w = { .sysfs_root = sysfs_root, .mountinfo = mountinfo, .found = ret };
        return find_in_file_system(&w, path, DEPTH_MAX);
}

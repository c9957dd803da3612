/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/in_use.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/text.h"
#include "codec/nvme_name.h"
#include "exec/find_paths.h"
#include "exec/system_use.h"
#include "io/dir.h"
#include "io/fd.h"
#include "io/line.h"

typedef struct Walk {
        const char *sysfs_root, *dev_root, *proc_root;
        Deletion *deletion;
        bool force;
        char **why; /* describes the last device found in use; NULL: out of memory */
} Walk;

/* Called for each entry of a directory. Returns 1 to continue; 0 or a negative errno to stop. */
typedef int (*EntryHandler)(const Walk *w, const char *name, const void *userdata);

/* Returns the handler's last result, 1 after the last entry. */
static int for_each_entry(const Walk *w, int dir_fd, const char *path, EntryHandler handler,
                          const void *userdata)
{
        _cleanup_dir_ DIR *dir = NULL;
        const char *name;

        int r = dir_open(dir_fd, path, &dir);
        if (r < 0)
                return r;
        while ((r = dir_next(dir, &name)) > 0) {
                r = handler(w, name, userdata);
                if (r <= 0)
                        return r;
        }
        return r < 0 ? r : 1;
}

static int open_in_sysfs(const Walk *w, const char *folder, const char *name)
{
        return fd_open(O_PATH | O_DIRECTORY, "%s/%s/%s", w->sysfs_root, folder, name);
}

_printf_(2, 3) static void in_use_say(const Walk *w, const char *format, ...)
{
        va_list args;

        free(*w->why);
        va_start(args, format);
        if (vasprintf(w->why, format, args) < 0)
                *w->why = NULL;
        va_end(args);
        if (*w->why)
                text_make_printable(*w->why);
}

static int in_use_open_disk(const Walk *w, const char *name)
{
        return open_in_sysfs(w, "class/block", name);
}

static bool is_live(int dir_fd, const char *state)
{
        char line[64];
        return line_read(dir_fd, state, line, sizeof(line)) == 0 && streq(line, "live");
}

/* Without asymmetric namespace access (ANA) there is no attribute and all paths are equivalent. */
static bool is_accessible(int path_fd)
{
        char line[64];
        int r = line_read(path_fd, "ana_state", line, sizeof(line));
        return r == -ENOENT ||
               (r == 0 && (streq(line, "optimized") || streq(line, "non-optimized")));
}

/* Returns 0 if nvmeM is another live path to the device. */
static int is_other_path(const Walk *w, const char *name, const void *userdata)
{
        const NvmeName *path = userdata;
        NvmeName n;
        char entry[64];

        if (!nvme_name_parse(name, &n) || n.controller >= 0 || n.head >= 0 ||
            n.first == path->controller || n.first == w->deletion->instance ||
            deletion_sees(w->deletion, n.first))
                return 1;
        (void) snprintf(entry, sizeof(entry), "class/nvme-subsystem/nvme-subsys%d", path->first);
        _cleanup_fd_ int controller_fd = open_in_sysfs(w, entry, name);
        if (controller_fd < 0 || !is_live(controller_fd, "state"))
                return 1;
        (void) snprintf(entry, sizeof(entry), "nvme%dc%dn%d", path->first, n.first, path->head);
        _cleanup_fd_ int path_fd = openat(controller_fd, entry, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return path_fd >= 0 && is_accessible(path_fd) ? 0 : 1;
}

static bool has_other_path(const Walk *w, const NvmeName *path)
{
        char name[64];

        (void) snprintf(name, sizeof(name), "nvme-subsys%d", path->first);
        _cleanup_fd_ int subsystem_fd = open_in_sysfs(w, "class/nvme-subsystem", name);
        return subsystem_fd >= 0 && for_each_entry(w, subsystem_fd, ".", is_other_path, path) == 0;
}

/* Returns true if the opened device is the one described by sysfs. */
static bool is_device(int disk_fd, int fd)
{
        char line[64], number[64];
        struct stat st;

        if (fstat(fd, &st) < 0 || line_read(disk_fd, "dev", line, sizeof(line)) < 0)
                return false;
        (void) snprintf(number, sizeof(number), "%u:%u", major(st.st_rdev), minor(st.st_rdev));
        return streq(line, number);
}

static bool say_holder(const Walk *w, const char *name, const glob_t *holders)
{
        char dm_name[160];

        if (holders->gl_pathc == 0)
                return false;
        const char *holder = strrchr(holders->gl_pathv[0], '/') + 1;
        _cleanup_fd_ int fd = in_use_open_disk(w, holder);
        if (fd >= 0 && line_read(fd, "dm/name", dm_name, sizeof(dm_name)) == 0)
                in_use_say(w, "%s: held by %s (%s)", name, holder, dm_name);
        else
                in_use_say(w, "%s: held by %s", name, holder);
        return true;
}

/* Describes why the device cannot be claimed. */
static void say_claimed(const Walk *w, const char *name)
{
        _cleanup_paths_ glob_t own = { 0 }, of_partitions = { 0 };

        if (find_paths(&own, "%s/class/block/%s/holders/*", w->sysfs_root, name) < 0 ||
            find_paths(&of_partitions, "%s/class/block/%s/%s*/holders/*", w->sysfs_root, name,
                       name) < 0 ||
            (!say_holder(w, name, &own) && !say_holder(w, name, &of_partitions)))
                in_use_say(w, "%s: mounted, a swap, or opened exclusively", name);
}

/* Returns 0 if the device is claimed until the deletion ends, -EBUSY if it is in use or this cannot
 * be determined, -ENODATA if it cannot be opened. */
static int claim(const Walk *w, const char *name)
{
        _cleanup_fd_ int disk_fd = in_use_open_disk(w, name);
        if (disk_fd == -ENOENT) /* a head without any path that was ever usable */
                return 0;

        int fd = disk_fd < 0 ? disk_fd : deletion_claim(w->deletion, w->dev_root, name);
        if (fd == -EBUSY) {
                say_claimed(w, name);
                return -EBUSY;
        }
        if (fd < 0) {
                /* The device may have been removed meanwhile. */
                _cleanup_fd_ int again_fd = in_use_open_disk(w, name);
                if (again_fd == -ENOENT)
                        return 0;
                in_use_say(w, "%s: it cannot be opened: %s", name,
                           text_or(strerrorname_np(-fd), "?"));
                return fd == -EACCES || fd == -EPERM || fd == -ENXIO ? -ENODATA : -EBUSY;
        }
        if (is_device(disk_fd, fd))
                return 0;
        in_use_say(w, "%s: in %s this is another device", name, w->dev_root);
        return -EBUSY;
}

/* Returns 0 if the device is a live path of an NVMe controller that is not being deleted. */
static int is_live_slave(const Walk *w, const char *name, const void *userdata)
{
        const char *own = userdata;
        char target[PATH_MAX];
        NvmeName n;

        _cleanup_fd_ int disk_fd = streq(name, own) ? -1 : in_use_open_disk(w, name);
        if (disk_fd < 0 || !is_live(disk_fd, "device/state"))
                return 1;
        ssize_t length = readlinkat(disk_fd, "device", target, sizeof(target) - 1);
        if (length < 0)
                return 1;
        target[length] = '\0';
        const char *slash = strrchr(target, '/');
        if (!nvme_name_parse(slash ? slash + 1 : target, &n) || n.controller >= 0 || n.head >= 0)
                return 1;
        return n.first != w->deletion->instance && !deletion_sees(w->deletion, n.first) ? 0 : 1;
}

static bool is_map(int disk_fd)
{
        char uuid[256];
        return line_read(disk_fd, "dm/uuid", uuid, sizeof(uuid)) == 0 && text_after(uuid, "mpath-");
}

static bool has_other_slave(const Walk *w, int disk_fd, const char *slave)
{
        return for_each_entry(w, disk_fd, "slaves", is_live_slave, slave) == 0;
}

/* Returns 1 if the holder does not need the path: another one is live, or the holder itself is
 * unused. -EBUSY and -ENODATA as claim(). */
static int can_spare(const Walk *w, const char *name, const void *userdata)
{
        _cleanup_fd_ int disk_fd = in_use_open_disk(w, name);

        if (disk_fd < 0 || !is_map(disk_fd))
                return -EBUSY;
        if (has_other_slave(w, disk_fd, userdata))
                return 1;
        int r = claim(w, name);
        return r == 0 ? 1 : r;
}

static int count_entry(const Walk *w, const char *name, const void *userdata)
{
        return 0;
}

/* Returns 1 if the disk is used only by multipath maps that do not need this path. */
static int can_all_spare(const Walk *w, const char *name)
{
        _cleanup_fd_ int disk_fd = in_use_open_disk(w, name);

        if (disk_fd < 0 || for_each_entry(w, disk_fd, "holders", count_entry, NULL) != 0)
                return -EBUSY;
        int r = for_each_entry(w, disk_fd, "holders", can_spare, name);
        return r > 0 || r == -ENODATA ? r : -EBUSY;
}

static bool is_needed_by_system(const Walk *w, const char *name);

/* Returns 0 if this host runs from the holder's device and the holder has no other path. */
static int is_needed_holder(const Walk *w, const char *name, const void *userdata)
{
        _cleanup_fd_ int disk_fd = in_use_open_disk(w, name);
        bool is_spared = disk_fd >= 0 && is_map(disk_fd) && has_other_slave(w, disk_fd, userdata);

        return !is_spared && is_needed_by_system(w, name) ? 0 : 1;
}

static bool is_needed_node(const Walk *w, const DiskNode *node)
{
        _cleanup_fd_ int fd = in_use_open_disk(w, node->name);
        int r = fd < 0 ? fd : for_each_entry(w, fd, "holders", is_needed_holder, node->name);
        return r <= 0 && r != -ENOENT; /* a character device is not a block device */
}

/* Returns true if this host runs from the disk, a partition of it, or a device built on them. */
static bool is_needed_by_system(const Walk *w, const char *name)
{
        _cleanup_disk_nodes_ DiskNodes nodes = { 0 };
        _cleanup_free_ char *why = NULL;

        int r = disk_nodes_add(&nodes, w->sysfs_root, name);
        if (r == 0)
                r = system_use_find(w->proc_root, w->dev_root, &nodes, &why);
        if (r > 0)
                in_use_say(w, "%s", why);
        else if (r < 0)
                in_use_say(w, "%s: whether this host runs from it cannot be determined: %s", name,
                           text_or(strerrorname_np(-r), "?"));
        for (size_t i = 0; r == 0 && i < nodes.n; i++)
                r = is_needed_node(w, &nodes.nodes[i]);
        return r != 0;
}

static int check_entry(const Walk *w, const char *name, const void *userdata)
{
        NvmeName n;
        char disk[64];

        if (!nvme_name_parse(name, &n) || n.head < 0)
                return 1;
        if (n.controller >= 0 && has_other_path(w, &n))
                return 1;
        (void) snprintf(disk, sizeof(disk), "nvme%dn%d", n.first, n.head);
        if (w->force)
                return is_needed_by_system(w, disk) ? -EBUSY : 1;
        int r = claim(w, disk);
        if (r == 0)
                return 1;
        int q = n.controller < 0 ? can_all_spare(w, disk) : -EBUSY;
        return q == -EBUSY ? r : q;
}

int in_use_check(Users *u, int dir_fd, Deletion *d, bool force, char **ret_why)
{
        _cleanup_free_ char *why = NULL;
        const Walk walk = {
                .sysfs_root = u->sysfs_root,
                .dev_root = u->dev_root,
                .proc_root = u->proc_root,
                .deletion = d,
                .force = force,
                .why = &why,
        };

        int r = for_each_entry(&walk, dir_fd, ".", check_entry, NULL);
        if (r > 0)
                return force ? 0 : users_look(u, dir_fd, d, ret_why);
        if (r == -ENOENT || r == -ENODEV)
                return -ENODEV;
        if (r != -EBUSY && r != -ENODATA)
                in_use_say(&walk, "its namespaces cannot be listed: %s",
                           text_or(strerrorname_np(-r), "?"));
        users_watch(u, d->instance, true);
        *ret_why = TAKE_PTR(why);
        return r == -ENODATA ? r : -EBUSY;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/registry.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/text.h"
#include "io/dir.h"
#include "io/fd.h"
#include "io/line.h"
#include "observe/sysfs.h"

/* A hidden name, which other programs skip. */
#define ASIDE_PATTERN ".nvme%d.XXXXXX"

enum {
        N_REVEALS_MAX = 5
};

uint64_t registry_read_seqnum(const char *sysfs_root)
{
        char path[PATH_MAX], text[32];
        uint64_t seqnum = 0;

        int n = snprintf(path, sizeof(path), "%s/kernel/uevent_seqnum", sysfs_root);
        if (n > 0 && (size_t) n < sizeof(path) &&
            line_read(AT_FDCWD, path, text, sizeof(text)) == 0)
                (void) text_to_u64(text, 0, UINT64_MAX, &seqnum); /* on failure it remains 0 */
        return seqnum;
}

/* The registry is created by the first program that needs it, along with its parent directory. */
static int make_root(const char *registry_root)
{
        char parent[PATH_MAX];
        int r = dir_make(registry_root);
        if (r != -ENOENT)
                return r;

        int n = snprintf(parent, sizeof(parent), "%s", registry_root);
        char *slash = n > 0 && (size_t) n < sizeof(parent) ? strrchr(parent, '/') : NULL;
        if (!slash)
                return r;
        *slash = '\0';
        r = dir_make(parent);
        return r < 0 ? r : dir_make(registry_root);
}

static int put(int dir_fd, const char *name, const char *text)
{
        _cleanup_fd_ int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0 || fchmod(fd, 0644) < 0)
                return -errno;
        return dprintf(fd, "%s\n", text) < 0 ? -errno : 0;
}

static int put_number(int dir_fd, const char *name, uint64_t number)
{
        char text[32];
        (void) snprintf(text, sizeof(text), "%" PRIu64, number);
        return put(dir_fd, name, text);
}

static int put_attributes(const char *path, const char *daemon, uint64_t inode, uint64_t seqnum,
                          bool adopted)
{
        _cleanup_fd_ int dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0 || fchmod(dir_fd, 0755) < 0)
                return -errno;
        int r = put(dir_fd, "daemon", daemon);
        if (r == 0)
                r = put_number(dir_fd, "inode", inode);
        if (r == 0 && seqnum > 0)
                r = put_number(dir_fd, "seqnum", seqnum);
        if (r == 0 && adopted)
                r = put(dir_fd, "adopted", "1");
        return r == 0 ? put(dir_fd, "owner", DEVICE_OWNER_STAS) : r;
}

/* Removes an entry that no longer has a visible name. The owner is removed first: a reader that
 * still has it open must not mistake a partial entry for a complete one (registry_entry_read()). */
static void purge(const char *path)
{
        _cleanup_fd_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_dir_ DIR *dir = NULL;
        const char *name;

        if (fd < 0) {
                (void) unlink(path); /* another program's file in place of an entry */
                return;
        }
        if (dir_open(fd, ".", &dir) < 0)
                return;
        (void) unlinkat(fd, "owner", 0);
        while (dir_next(dir, &name) > 0)
                (void) unlinkat(fd, name, 0);
        (void) rmdir(path); /* anything left has a hidden name */
}

/* Atomic, so that an entry exists at all times. */
static int reveal(const char *aside, const char *path)
{
        for (unsigned i = 0; i < N_REVEALS_MAX; i++) {
                if (rename(aside, path) == 0)
                        return 0;
                if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR)
                        return -errno;
                if (renameat2(AT_FDCWD, aside, AT_FDCWD, path, RENAME_EXCHANGE) == 0) {
                        purge(aside);
                        return 0;
                }
                if (errno != ENOENT) /* otherwise the previous entry was removed meanwhile */
                        return -errno;
        }
        return -EAGAIN;
}

/* Returns the path of the entry and creates an empty directory next to it. */
static int make_aside(const char *registry_root, int instance, char path[static PATH_MAX],
                      char aside[static PATH_MAX])
{
        int n = snprintf(aside, PATH_MAX, "%s/" ASIDE_PATTERN, registry_root, instance);
        if (n < 0 || n >= PATH_MAX)
                return -ENAMETOOLONG;
        (void) snprintf(path, PATH_MAX, "%s/nvme%d", registry_root, instance);
        return mkdtemp(aside) ? 0 : -errno;
}

static int registry_write_entry(const Registry *registry, int instance, uint64_t inode,
                                uint64_t seqnum, bool adopted)
{
        char path[PATH_MAX] = "", aside[PATH_MAX];
        int r = make_root(registry->root);
        if (r < 0)
                return r;

        r = make_aside(registry->root, instance, path, aside);
        if (r == 0) {
                r = put_attributes(aside, registry->daemon, inode, seqnum, adopted);
                if (r == 0)
                        r = reveal(aside, path);
                if (r < 0)
                        purge(aside);
        }
        if (r < 0)
                purge(path);
        return r;
}

int registry_write(const Registry *registry, int instance, uint64_t inode, uint64_t seqnum)
{
        return registry_write_entry(registry, instance, inode, seqnum, false);
}

int registry_claim(const Registry *registry, const char *sysfs_root, int instance, uint64_t inode,
                   bool adopted)
{
        RegistryEntry entry;
        uint64_t seqnum = registry_read_seqnum(sysfs_root), present;

        int r = sysfs_read_inode(sysfs_root, instance, &present);
        if (r < 0)
                return r;
        if (present != inode)
                return -ESTALE;
        if (registry_entry_find(registry->root, instance, inode, &entry))
                return 0;
        r = registry_write_entry(registry, instance, inode, seqnum, adopted);
        /* The name may have been reused meanwhile. */
        return r < 0 ? r : registry_forget(registry->root, sysfs_root, instance);
}

/* The entry may have been replaced since it was read. Only after it was moved to a name that no
 * other program uses can it be checked reliably. */
static int remove_entry(const char *registry_root, int instance, uint64_t inode)
{
        char path[PATH_MAX], aside[PATH_MAX];
        RegistryEntry moved;
        int r = make_aside(registry_root, instance, path, aside);
        if (r < 0)
                return r;
        if (rename(path, aside) < 0) {
                r = errno == ENOENT ? 0 : -errno;
                (void) rmdir(aside);
                return r;
        }

        bool is_same = registry_entry_read(registry_root, strrchr(aside, '/') + 1, &moved) == 0 &&
                       moved.is_ours && moved.inode == inode;
        /* Moves it back unless a newer entry exists by now. */
        if (is_same || rename(aside, path) < 0)
                purge(aside);
        return 0;
}

int registry_disown(const char *registry_root, int instance, uint64_t inode)
{
        RegistryEntry entry;

        if (!registry_entry_find(registry_root, instance, inode, &entry) || !entry.is_ours)
                return 0;
        return remove_entry(registry_root, instance, inode);
}

int registry_forget(const char *registry_root, const char *sysfs_root, int instance)
{
        char name[32];
        RegistryEntry entry;
        uint64_t inode;

        (void) snprintf(name, sizeof(name), "nvme%d", instance);
        int r = registry_entry_read(registry_root, name, &entry);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (!entry.is_ours)
                return 0;
        r = sysfs_read_inode(sysfs_root, instance, &inode);
        if (r < 0 && r != -ENODEV)
                return r;
        if (r == 0 && (entry.inode == inode || entry.inode == 0))
                return 0;
        return remove_entry(registry_root, instance, entry.inode);
}

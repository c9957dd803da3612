/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/registry_entry.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "io/fd.h"
#include "io/line.h"

static uint64_t read_inode(int dir_fd)
{
        char text[32];
        uint64_t inode;

        int r = line_read(dir_fd, "inode", text, sizeof(text));
        if (r == -ENOENT)
                return 0;
        return r == 0 && text_to_u64(text, 1, UINT64_MAX - 1, &inode) == 0 ? inode : UINT64_MAX;
}

int registry_entry_read(const char *registry_root, const char *name, RegistryEntry *ret)
{
        RegistryEntry entry;

        /* All attributes of the same entry, even if it is replaced meanwhile. */
        _cleanup_fd_ int dir_fd =
                fd_open(O_PATH | O_DIRECTORY | O_NOFOLLOW, "%s/%s", registry_root, name);
        if (dir_fd < 0)
                return dir_fd == -ENOTDIR ? -ENOENT : dir_fd;

        /* The owner is read last: it is removed first, so if it exists the attributes read before
         * were complete. */
        entry.inode = read_inode(dir_fd);
        if (line_read(dir_fd, "daemon", entry.daemon, sizeof(entry.daemon)) < 0)
                *entry.daemon = '\0';
        text_make_printable(entry.daemon);
        entry.is_adopted = faccessat(dir_fd, "adopted", F_OK, 0) == 0;
        int r = line_read(dir_fd, "owner", entry.owner, sizeof(entry.owner));
        if (r < 0)
                return r;
        text_make_printable(entry.owner);
        entry.is_ours = streq(entry.owner, DEVICE_OWNER_STAS);
        *ret = entry;
        return 0;
}

bool registry_entry_find(const char *registry_root, int instance, uint64_t inode,
                         RegistryEntry *ret)
{
        char name[32];
        RegistryEntry entry;

        (void) snprintf(name, sizeof(name), "nvme%d", instance);
        if (registry_entry_read(registry_root, name, &entry) < 0 || !*entry.owner ||
            (entry.is_ours && entry.inode != 0 && entry.inode != inode))
                return false;
        *ret = entry;
        return true;
}

const char *registry_entry_owner(const RegistryEntry *e, const char *daemon, bool tells_kind)
{
        if (!e->is_ours)
                return e->owner;
        if (!*e->daemon)
                return tells_kind ? e->owner : NULL;
        return streq(e->daemon, daemon) ? e->owner : e->daemon;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/live_state.h"

#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "observe/sysfs.h"

enum {
        INSTANCES_MAX = 65536
};

void live_state_close(LiveState *l, int instance)
{
        if (instance < 0 || (size_t) instance >= l->n_files || l->files[instance].inode == 0)
                return;
        (void) close(l->files[instance].fd);
        l->files[instance] = (LiveStateFile) { .fd = -1 };
}

static LiveStateFile *get_file(LiveState *l, const Device *device)
{
        int i = device->instance;

        if (i < 0 || i >= INSTANCES_MAX || device->inode == 0 ||
            ARRAY_RESERVE(l->files, l->n_files, (size_t) i + 1) < 0)
                return NULL;
        if (l->files[i].inode == device->inode)
                return &l->files[i];

        live_state_close(l, i);
        int fd = sysfs_open_state(text_or(l->sysfs_root, "/sys"), i);
        if (fd < 0)
                return NULL;
        l->files[i] = (LiveStateFile) { .fd = fd, .inode = device->inode };
        return &l->files[i];
}

DeviceState live_state_read(LiveState *l, const Device *device)
{
        DeviceState state;
        const LiveStateFile *f = get_file(l, device);

        return f && sysfs_read_state(f->fd, &state) >= 0 ? state : DEVICE_STATE_UNKNOWN;
}

void live_state_done(LiveState *l)
{
        for (size_t i = 0; i < l->n_files; i++)
                live_state_close(l, (int) i);
        free(l->files);
        *l = (LiveState) { 0 };
}

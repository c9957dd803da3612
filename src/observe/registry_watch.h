/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* RegistryWatch: reports controllers whose owner in the registry may have changed. The registry and
 * its parent directory may be created and removed at any time. */

#include <systemd/sd-event.h>

#include "base/macro.h"

enum {
        /* For controllers from this number on, only added and removed entries are reported, not
         * changed attributes. */
        REGISTRY_INSTANCES_MAX = 4096
};

typedef struct RegistryWatch RegistryWatch;

/* Runs on the loop, never from within new(); must not free the watch. instance: N of nvmeN; -1: any
 * of them may have changed. error: 0, or the reason why later changes may go unnoticed. */
typedef void (*RegistryHandler)(int instance, int error, void *userdata);

/* root: absolute; its parent's parent directory must exist. Read the entries afterwards: later
 * changes are reported. Returns 0, -EINVAL, -ENOMEM, -ENOENT or an error of inotify(7) (-EMFILE,
 * -ENOSPC). */
int registry_watch_new(sd_event *event, const char *root, RegistryHandler handler, void *userdata,
                       RegistryWatch **ret);
RegistryWatch *registry_watch_free(RegistryWatch *w);
DEFINE_CLEANUP(RegistryWatch, registry_watch_free)

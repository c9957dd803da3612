/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* RegistryWatch: tells whose owner in the registry may have changed. The registry and the folder it
 * is in may come later and go. */

#include <systemd/sd-event.h>

#include "base/macro.h"

enum {
        /* Of controllers from this number on it is told when an entry comes and goes, not when an
         * attribute of it changes. */
        REGISTRY_INSTANCES_MAX = 4096
};

typedef struct RegistryWatch RegistryWatch;

/* On the loop, never from within new(); must not free the watch. instance: N of nvmeN; -1: any of
 * them may have changed. error: 0, or why later changes may go unnoticed. */
typedef void (*RegistryHandler)(int instance, int error, void *userdata);

/* root: absolute; the folder above the one that it is in must be there. Read the entries after
 * that: what changes later is told. 0, -EINVAL, -ENOMEM, -ENOENT or what inotify(7) gives (-EMFILE,
 * -ENOSPC). */
int registry_watch_new(sd_event *event, const char *root, RegistryHandler handler, void *userdata,
                       RegistryWatch **ret);
RegistryWatch *registry_watch_free(RegistryWatch *w);
DEFINE_CLEANUP(RegistryWatch, registry_watch_free)

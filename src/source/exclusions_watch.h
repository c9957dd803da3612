/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ExclusionsWatch: tells when the files of the exclusion list may have changed. Files and folders
 * may come later, be replaced and go. Who writes the list and then disconnects relies on it: events
 * of the watch have normal priority, and what may connect runs later and asks whether a change
 * waits. */

#include <systemd/sd-event.h>

#include "base/macro.h"

/* A burst of changes is one call: this long after the last of them, … */
#define EXCLUSIONS_QUIET_USEC (100 * USEC_PER_MSEC)
/* … and at the latest this long after the first. */
#define EXCLUSIONS_LATEST_USEC (1 * USEC_PER_SEC)

typedef struct ExclusionsWatch ExclusionsWatch;

/* On the loop, never from within new(); must not free the watch. error: 0, or why later changes may
 * go unnoticed. */
typedef void (*ExclusionsHandler)(int error, void *userdata);

/* Watches path (absolute), path.d and the folder that holds them, which need not exist; its parent
 * must. A first call comes in the first turn of the loop: for what changed before. 0, -EINVAL,
 * -ENOMEM, -ENOENT (no parent) or what inotify(7) gives (-EMFILE, -ENOSPC). */
int exclusions_watch_new(sd_event *event, const char *path, ExclusionsHandler handler,
                         void *userdata, ExclusionsWatch **ret);
/* A change is known of, and the handler has not been called for it yet. NULL: no. */
bool exclusions_watch_is_pending(const ExclusionsWatch *w);
ExclusionsWatch *exclusions_watch_free(ExclusionsWatch *w);
DEFINE_CLEANUP(ExclusionsWatch, exclusions_watch_free)

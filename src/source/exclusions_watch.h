/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ExclusionsWatch: reports when the files of the exclusion list may have changed. Files and
 * directories may be created, replaced and removed at any time. Programs that write the list and
 * then disconnect rely on this: events of the watch have normal priority, and code that may connect
 * runs later and checks whether a change is pending. */

#include <systemd/sd-event.h>

#include "base/macro.h"

/* A burst of changes is reported once: this long after the last change, … */
#define EXCLUSIONS_QUIET_USEC (100 * USEC_PER_MSEC)
/* … and at the latest this long after the first. */
#define EXCLUSIONS_LATEST_USEC (1 * USEC_PER_SEC)

typedef struct ExclusionsWatch ExclusionsWatch;

/* Runs on the loop, never from within new(); must not free the watch. error: 0, or the reason why
 * later changes may go unnoticed. */
typedef void (*ExclusionsHandler)(int error, void *userdata);

/* Watches path (absolute), path.d and their directory, which need not exist; its parent must. The
 * handler is first called in the first iteration of the loop, for earlier changes. Returns 0,
 * -EINVAL, -ENOMEM, -ENOENT (no parent) or an error of inotify(7) (-EMFILE, -ENOSPC). */
int exclusions_watch_new(sd_event *event, const char *path, ExclusionsHandler handler,
                         void *userdata, ExclusionsWatch **ret);
/* Returns true if a change was detected that the handler has not been called for; NULL: false. */
bool exclusions_watch_is_pending(const ExclusionsWatch *w);
ExclusionsWatch *exclusions_watch_free(ExclusionsWatch *w);
DEFINE_CLEANUP(ExclusionsWatch, exclusions_watch_free)

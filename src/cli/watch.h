/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A list that is shown until the user has seen enough. */

#include "cli/daemon_client.h"

typedef struct WatchedList {
        int (*get)(DaemonClient *c, struct json_object **ret); /* as in daemon_client.h */
        char *(*to_text)(const Invocation *i, struct json_object *rows);
        const char *nothing; /* in place of an empty text */
} WatchedList;

/* Asks every second. A terminal shows the latest list, in place, also while the daemon is being
 * restarted; elsewhere each change of it is printed, and a daemon that is away ends it. SIGINT is
 * the way out and exits with 0. A negative errno, reported. */
int watch_list(DaemonClient *c, const WatchedList *l);

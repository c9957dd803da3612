/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shows a list until the user interrupts it. */

#include "cli/daemon_client.h"

typedef struct WatchedList {
        int (*get)(DaemonClient *c, struct json_object **ret); /* as in daemon_client.h */
        char *(*to_text)(const Invocation *i, struct json_object *rows);
        const char *nothing; /* printed instead of an empty text */
} WatchedList;

/* Polls every second. On a terminal the latest list is shown in place, even while the daemon
 * restarts; otherwise each change is printed, and an unreachable daemon ends it. SIGINT exits with
 * 0. Returns a negative errno, reported. */
int watch_list(DaemonClient *c, const WatchedList *l);

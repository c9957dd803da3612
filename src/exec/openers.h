/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Queries stas-open-devices for the processes that have a device open (exec/open_devices.h). Blocks
 * for up to half a minute. One answer covers all devices, and is shared by workers that query at
 * the same time. */

#include <pthread.h>

#include "exec/disk_nodes.h"

typedef struct Openers {
        const char *path; /* of the socket */
        pthread_mutex_t lock;
        char *answer; /* the last one; NULL: see error */
        int error;
        usec_t asked_at; /* 0: never */
} Openers;

void openers_init(Openers *o, const char *path);
void openers_done(Openers *o);

/* since: opens after this time may be missed. Returns 1 if a process has one of the nodes open,
 * with *ret_why naming it, 0 if none has, or a negative errno if this cannot be determined, with
 * *ret_why giving the reason unless it is -ENOMEM. The caller frees *ret_why. */
int openers_find(Openers *o, const DiskNodes *nodes, usec_t since, char **ret_why);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Who has a device open, asked of stas-open-devices (exec/open_devices.h). Blocks, for half a
 * minute at most. One answer tells of all devices: workers that ask at the same time share it. */

#include <pthread.h>

#include "exec/disk_nodes.h"

typedef struct Openers {
        const char *path; /* of the socket */
        pthread_mutex_t lock;
        char *answer; /* the last one; NULL: error tells why there is none */
        int error;
        usec_t asked_at; /* 0: never */
} Openers;

void openers_init(Openers *o, const char *path);
void openers_done(Openers *o);

/* since: what is opened from then on does not count. 1: *ret_why tells who has one of the nodes
 * open; 0: nobody; a negative errno: it cannot be told, and *ret_why says why unless it is -ENOMEM.
 * The caller frees *ret_why. */
int openers_find(Openers *o, const DiskNodes *nodes, usec_t since, char **ret_why);

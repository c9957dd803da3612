/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The deletions of controllers that are under way: they run beside each other, and two of them must
 * not count on each other's path to a block device, nor take each other's claims for a user. */

#include <pthread.h>
#include <sys/queue.h>

#include "base/macro.h"

typedef struct DiskClaim { /* a block device held open exclusively: nobody mounts it meanwhile */
        SLIST_ENTRY(DiskClaim) entry;
        char name[32]; /* below /dev */
        int fd;        /* -1: is being opened */
} DiskClaim;

typedef struct Deletion {
        TAILQ_ENTRY(Deletion) entry;
        struct Deletions *all;
        int instance;
        SLIST_HEAD(, DiskClaim) claims;
} Deletion;

typedef struct Deletions { /* in the order in which they began */
        pthread_mutex_t lock;
        pthread_cond_t opened;
        TAILQ_HEAD(, Deletion) list;
} Deletions;

void deletions_init(Deletions *all);
/* None is under way. */
void deletions_done(Deletions *all);

/* nvmeN is going. d stays where it is until deletion_end(). */
void deletion_begin(Deletions *all, int instance, Deletion *d);
/* Gives up the claims. */
void deletion_end(Deletion *d);

/* Is nvmeN going by a deletion that began before d? Of two, the later one reckons with the earlier.
 */
bool deletion_sees(const Deletion *d, int instance);

/* Opens DEV_ROOT/name exclusively until d ends, or shares the claim of another deletion. The
 * descriptor, which stays d's, or a negative errno: -EBUSY when the device is in use. */
int deletion_claim(Deletion *d, const char *dev_root, const char *name);

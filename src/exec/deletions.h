/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Controller deletions in progress. They run concurrently: two of them must not rely on each
 * other's path to a block device, nor mistake each other's claims for users. */

#include <pthread.h>
#include <sys/queue.h>

#include "base/macro.h"

typedef struct DiskClaim { /* a block device held open exclusively, so that it cannot be mounted */
        SLIST_ENTRY(DiskClaim) entry;
        char name[32]; /* below /dev */
        int fd;        /* -1: being opened */
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
/* No deletion may be in progress. */
void deletions_done(Deletions *all);

/* Registers the deletion of nvmeN. d must not move before deletion_end(). */
void deletion_begin(Deletions *all, int instance, Deletion *d);
/* Releases the claims. */
void deletion_end(Deletion *d);

/* Returns true if nvmeN is being removed by a deletion that began before d. Of two deletions, the
 * later one takes the earlier one into account. */
bool deletion_sees(const Deletion *d, int instance);

/* Opens DEV_ROOT/name exclusively until d ends, or shares the claim of another deletion. Returns
 * the descriptor, which d owns, or a negative errno; -EBUSY if the device is in use. */
int deletion_claim(Deletion *d, const char *dev_root, const char *name);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Detects reads and writes of disks through the kernel's counters: the last guard against users
 * that cannot be detected otherwise. Needs two samples at least half a second apart.
 * Thread-safe. */

#include <pthread.h>
#include <sys/queue.h>

#include "base/macro.h"

typedef struct IoWatch IoWatch;

typedef struct IoWatches {
        pthread_mutex_t lock;
        SLIST_HEAD(, IoWatch) list;
} IoWatches;

typedef enum IoState { /* in increasing order of evidence against removal */
        IO_QUIET,      /* no I/O since the last sample, or no counters */
        IO_UNKNOWN,    /* no earlier sample, or too recent: check again in a second */
        IO_CHANGED,    /* I/O since the last sample, but not before: check again */
        IO_BUSY,       /* I/O in two consecutive samples */
} IoState;

void io_watches_init(IoWatches *w);
void io_watches_done(IoWatches *w);

/* Takes the first sample of a disk, or of a path to one, by its directory in sysfs; earlier samples
 * are forgotten. is_used: the disk has a known user; until it is gone, I/O is attributed to it. */
void io_watch_begin(IoWatches *w, int folder_fd, bool is_used);
/* Called before checking whether a known user is gone: from here on I/O is not attributed to it. */
void io_watch_expect_release(IoWatches *w, int folder_fd);
/* Takes the next sample. */
IoState io_watch_look(IoWatches *w, int folder_fd);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether disks are read or written, by the kernel's counters: the last guard against users that
 * nobody sees. It needs two looks, half a second apart at least. Any thread. */

#include <pthread.h>
#include <sys/queue.h>

#include "base/macro.h"

typedef struct IoWatch IoWatch;

typedef struct IoWatches {
        pthread_mutex_t lock;
        SLIST_HEAD(, IoWatch) list;
} IoWatches;

typedef enum IoState { /* the later, the more there is against taking it away */
        IO_QUIET,      /* neither since the last look, or it has no counters */
        IO_UNKNOWN,    /* there was no look, or only just: ask again in a second */
        IO_CHANGED,    /* read or written since the last look, and not before: so too */
        IO_BUSY,       /* at two looks in a row */
} IoState;

void io_watches_init(IoWatches *w);
void io_watches_done(IoWatches *w);

/* The first look at a disk, or at a path to one, by its folder in sysfs: what was before is
 * forgotten. is_used: somebody uses it who is known; until he is gone what is read and written is
 * his. */
void io_watch_begin(IoWatches *w, int folder_fd, bool is_used);
/* Before it is found out whether such a user is gone: from here on it is not his. */
void io_watch_expect_release(IoWatches *w, int folder_fd);
/* The next look. */
IoState io_watch_look(IoWatches *w, int folder_fd);

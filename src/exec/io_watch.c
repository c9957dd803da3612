/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/io_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "exec/clock.h"
#include "io/line.h"

#define APART (500 * USEC_PER_MSEC)
/* Samples further apart say nothing about the present. */
#define OUTDATED (60 * USEC_PER_SEC)

struct IoWatch {
        SLIST_ENTRY(IoWatch) entry;
        uint64_t inode; /* of the directory; never reused */
        uint64_t n_ios, n_under_way;
        usec_t looked_at;
        unsigned n_busy; /* consecutive samples with I/O */
        bool is_used;    /* by a known user */
};

void io_watches_init(IoWatches *w)
{
        (void) pthread_mutex_init(&w->lock, NULL);
        SLIST_INIT(&w->list);
}

void io_watches_done(IoWatches *w)
{
        for (IoWatch *i; (i = SLIST_FIRST(&w->list));) {
                SLIST_REMOVE_HEAD(&w->list, entry);
                free(i);
        }
        (void) pthread_mutex_destroy(&w->lock);
}

/* Completed reads, writes, discards and flushes, and requests in flight
 * (Documentation/block/stat.rst; fewer fields before 5.5). */
static int read_counters(int folder_fd, IoWatch *i)
{
        char line[512];
        uint64_t v[17] = { 0 };
        size_t n = 0;
        struct stat st;
        int length;

        int r = line_read(folder_fd, "stat", line, sizeof(line));
        if (r < 0 || fstat(folder_fd, &st) < 0)
                return r < 0 ? r : -errno;
        for (const char *s = line;
             n < ELEMENTSOF(v) && sscanf(s, "%" SCNu64 "%n", &v[n], &length) == 1; n++)
                s += length;
        i->inode = st.st_ino;
        i->n_ios = v[0] + v[4] + v[11] + v[15];
        i->n_under_way = v[8];
        i->looked_at = now_monotonic();
        return 0;
}

/* Returns the entry of this directory; frees outdated entries. */
static IoWatch *io_watch_find(IoWatches *w, const IoWatch *now)
{
        IoWatch *found = NULL, *i, *next;

        for (i = SLIST_FIRST(&w->list); i; i = next) {
                next = SLIST_NEXT(i, entry);
                if (usec_add(i->looked_at, OUTDATED) < now->looked_at) {
                        SLIST_REMOVE(&w->list, i, IoWatch, entry);
                        free(i);
                } else if (i->inode == now->inode) {
                        found = i;
                }
        }
        return found;
}

static void io_watch_note(IoWatches *w, IoWatch *i, const IoWatch *now)
{
        if (!i && !(i = calloc(1, sizeof(*i))))
                return; /* the next sample will be treated as the first */
        if (i->inode == 0)
                SLIST_INSERT_HEAD(&w->list, i, entry);
        i->inode = now->inode;
        i->n_ios = now->n_ios;
        i->looked_at = now->looked_at;
        i->n_busy = 0;
        i->is_used = now->is_used;
}

void io_watch_begin(IoWatches *w, int folder_fd, bool is_used)
{
        IoWatch now = { .is_used = is_used };

        if (read_counters(folder_fd, &now) < 0)
                return;
        (void) pthread_mutex_lock(&w->lock);
        io_watch_note(w, io_watch_find(w, &now), &now);
        (void) pthread_mutex_unlock(&w->lock);
}

void io_watch_expect_release(IoWatches *w, int folder_fd)
{
        IoWatch now = { .is_used = true };

        if (read_counters(folder_fd, &now) < 0)
                return;
        (void) pthread_mutex_lock(&w->lock);
        IoWatch *i = io_watch_find(w, &now);
        if (i && i->is_used)
                io_watch_note(w, i, &now);
        (void) pthread_mutex_unlock(&w->lock);
}

static IoState io_watch_compare(IoWatches *w, IoWatch *i, const IoWatch *now)
{
        if (!i) {
                io_watch_note(w, NULL, now);
                return IO_UNKNOWN;
        }
        if (i->n_ios == now->n_ios && now->n_under_way == 0)
                i->n_busy = 0;
        else
                i->n_busy++;
        if (i->n_busy == 0 && !i->is_used && usec_add(i->looked_at, APART) > now->looked_at)
                return IO_UNKNOWN;
        i->is_used = false;
        i->n_ios = now->n_ios;
        i->looked_at = now->looked_at;
        return i->n_busy == 0 ? IO_QUIET : i->n_busy == 1 ? IO_CHANGED : IO_BUSY;
}

IoState io_watch_look(IoWatches *w, int folder_fd)
{
        IoWatch now = { 0 };

        if (read_counters(folder_fd, &now) < 0)
                return IO_QUIET;
        (void) pthread_mutex_lock(&w->lock);
        IoState state = io_watch_compare(w, io_watch_find(w, &now), &now);
        (void) pthread_mutex_unlock(&w->lock);
        return state;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/deletions.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/text.h"
#include "io/fd.h"

void deletions_init(Deletions *all)
{
        (void) pthread_mutex_init(&all->lock, NULL);
        (void) pthread_cond_init(&all->opened, NULL);
        TAILQ_INIT(&all->list);
}

void deletions_done(Deletions *all)
{
        (void) pthread_cond_destroy(&all->opened);
        (void) pthread_mutex_destroy(&all->lock);
}

void deletion_begin(Deletions *all, int instance, Deletion *d)
{
        *d = (Deletion) { .all = all, .instance = instance };
        SLIST_INIT(&d->claims);
        (void) pthread_mutex_lock(&all->lock);
        TAILQ_INSERT_TAIL(&all->list, d, entry);
        (void) pthread_mutex_unlock(&all->lock);
}

static void claim_free(DiskClaim *c)
{
        fd_close(c->fd);
        free(c);
}

void deletion_end(Deletion *d)
{
        (void) pthread_mutex_lock(&d->all->lock);
        TAILQ_REMOVE(&d->all->list, d, entry);
        (void) pthread_mutex_unlock(&d->all->lock);

        /* Not under the lock: closing a block device may block. */
        for (DiskClaim *c; (c = SLIST_FIRST(&d->claims));) {
                SLIST_REMOVE_HEAD(&d->claims, entry);
                claim_free(c);
        }
}

bool deletion_sees(const Deletion *d, int instance)
{
        bool found = false;

        (void) pthread_mutex_lock(&d->all->lock);
        for (const Deletion *other = TAILQ_FIRST(&d->all->list); other != d && !found;
             other = TAILQ_NEXT(other, entry))
                found = other->instance == instance;
        (void) pthread_mutex_unlock(&d->all->lock);
        return found;
}

static const DiskClaim *deletions_find_claim(const Deletions *all, const char *name)
{
        const Deletion *d;
        const DiskClaim *c;

        TAILQ_FOREACH(d, &all->list, entry)
                SLIST_FOREACH(c, &d->claims, entry)
        if (streq(c->name, name))
                return c;
        return NULL;
}

/* Returns a copy of the descriptor of another deletion's claim, or -1. The copy keeps
 * the device claimed as the original does. Called under the lock. */
static int share_claim(Deletions *all, const char *name)
{
        const DiskClaim *other;

        while ((other = deletions_find_claim(all, name)) && other->fd < 0)
                (void) pthread_cond_wait(&all->opened, &all->lock);
        return other ? fcntl(other->fd, F_DUPFD_CLOEXEC, 0) : -1;
}

/* The lock is released during the open, which may block on the device, so that unrelated deletions
 * are not delayed. */
int deletion_claim(Deletion *d, const char *dev_root, const char *name)
{
        Deletions *all = d->all;
        DiskClaim *c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        if ((size_t) snprintf(c->name, sizeof(c->name), "%s", name) >= sizeof(c->name)) {
                free(c);
                return -ENAMETOOLONG;
        }

        (void) pthread_mutex_lock(&all->lock);
        int fd = c->fd = share_claim(all, name);
        SLIST_INSERT_HEAD(&d->claims, c, entry);
        if (fd < 0) {
                (void) pthread_mutex_unlock(&all->lock);
                fd = fd_open(O_RDONLY | O_EXCL | O_NONBLOCK, "%s/%s", dev_root, name);
                (void) pthread_mutex_lock(&all->lock);
                if (fd < 0)
                        SLIST_REMOVE(&d->claims, c, DiskClaim, entry);
                c->fd = fd;
                (void) pthread_cond_broadcast(&all->opened);
        }
        (void) pthread_mutex_unlock(&all->lock);
        if (fd < 0)
                free(c);
        return fd;
}

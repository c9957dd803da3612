/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/spool.h"

#include "base/text.h"
#include "exec/thread.h"
#include "observe/fd.h"

struct Spool {
        pthread_mutex_t lock;
        pthread_cond_t wake, ended;
        unsigned n_users; /* its owner and the thread, which may hang in a write */
        int fd;
        size_t n_max;
        TextBuffer waiting;
        int error; /* 0 or that of the write that failed */
        bool closed, has_ended;
};

/* The lock is held before and released after. */
static void spool_leave(Spool *s)
{
        bool is_last = --s->n_users == 0;

        (void) pthread_mutex_unlock(&s->lock);
        if (!is_last)
                return;
        (void) close(s->fd); /* what was written is written */
        text_buffer_done(&s->waiting);
        (void) pthread_cond_destroy(&s->wake);
        (void) pthread_cond_destroy(&s->ended);
        (void) pthread_mutex_destroy(&s->lock);
        free(s);
}

static void *spool_main(void *userdata)
{
        Spool *s = userdata;

        (void) pthread_setname_np(pthread_self(), "stas-spool");
        (void) pthread_mutex_lock(&s->lock);
        while (s->error == 0) {
                TextBuffer b = s->waiting;
                if (b.length == 0 && s->closed)
                        break;
                if (b.length == 0) {
                        (void) pthread_cond_wait(&s->wake, &s->lock);
                        continue;
                }
                s->waiting = (TextBuffer) { 0 };
                (void) pthread_mutex_unlock(&s->lock);
                int r = fd_write_all(s->fd, b.data, b.length);
                text_buffer_done(&b);
                (void) pthread_mutex_lock(&s->lock);
                s->error = r;
        }
        s->has_ended = true;
        (void) pthread_cond_signal(&s->ended);
        spool_leave(s);
        return NULL;
}

int spool_new(int fd, size_t n_max, Spool **ret)
{
        Spool *s = malloc(sizeof(*s));
        if (!s) {
                (void) close(fd);
                return -ENOMEM;
        }
        *s = (Spool) { .n_users = 2, .fd = fd, .n_max = n_max };
        (void) pthread_mutex_init(&s->lock, NULL);
        thread_cond_init(&s->wake);
        thread_cond_init(&s->ended);
        int r = thread_start(spool_main, s);
        if (r < 0) {
                (void) pthread_mutex_lock(&s->lock);
                s->n_users--;
                spool_leave(s);
                return r;
        }
        *ret = s;
        return 0;
}

static int append(Spool *s, const char *data, size_t n, size_t n_max)
{
        (void) pthread_mutex_lock(&s->lock);
        int r = s->error;
        if (r == 0 && n > n_max - MIN(s->waiting.length, n_max))
                r = -ENOBUFS;
        if (r == 0)
                text_buffer_append_bytes(&s->waiting, data, n);
        if (r == 0 && s->waiting.failed)
                r = -ENOMEM;
        (void) pthread_cond_signal(&s->wake);
        (void) pthread_mutex_unlock(&s->lock);
        return r;
}

int spool_append(Spool *s, const char *data, size_t n)
{
        return append(s, data, n, s->n_max);
}

int spool_append_last(Spool *s, const char *data, size_t n)
{
        return append(s, data, n, SIZE_MAX);
}

Spool *spool_free(Spool *s, usec_t timeout)
{
        if (!s)
                return NULL;

        const struct timespec deadline = thread_deadline(timeout);
        (void) pthread_mutex_lock(&s->lock);
        s->closed = true;
        (void) pthread_cond_signal(&s->wake);
        while (!s->has_ended && pthread_cond_timedwait(&s->ended, &s->lock, &deadline) != ETIMEDOUT)
                ;
        spool_leave(s);
        return NULL;
}

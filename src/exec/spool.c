/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/spool.h"

#include "base/text.h"
#include "exec/thread.h"
#include "io/fd.h"

struct Spool {
        pthread_mutex_t lock;
        pthread_cond_t wake, ended;
        unsigned n_users; /* owner and thread, which may hang in a write */
        SpoolConfig config;
        TextBuffer waiting;
        unsigned n_refused; /* dropped after the pending ones */
        int error;          /* 0 or the error of the failed write */
        bool closed, has_ended;
};

/* Called with the lock held, and releases it. */
static void spool_leave(Spool *s)
{
        bool is_last = --s->n_users == 0;

        (void) pthread_mutex_unlock(&s->lock);
        if (!is_last)
                return;
        fd_close(s->config.fd);
        text_buffer_done(&s->waiting);
        (void) pthread_cond_destroy(&s->wake);
        (void) pthread_cond_destroy(&s->ended);
        (void) pthread_mutex_destroy(&s->lock);
        free(s);
}

static int spool_write(const SpoolConfig *c, const TextBuffer *b, unsigned n_refused)
{
        if (!c->deliver)
                return fd_write_all(c->fd, b->data, b->length);
        c->deliver(b->data, b->length, n_refused);
        return 0;
}

static void *spool_main(void *userdata)
{
        Spool *s = userdata;

        (void) pthread_setname_np(pthread_self(), s->config.thread_name);
        (void) pthread_mutex_lock(&s->lock);
        while (s->error == 0) {
                TextBuffer b = s->waiting;
                unsigned n_refused = s->n_refused;
                if (b.length == 0 && n_refused == 0) {
                        if (s->closed)
                                break;
                        (void) pthread_cond_wait(&s->wake, &s->lock);
                        continue;
                }
                s->waiting = (TextBuffer) { 0 };
                s->n_refused = 0;
                (void) pthread_mutex_unlock(&s->lock);
                int r = spool_write(&s->config, &b, n_refused);
                text_buffer_done(&b);
                (void) pthread_mutex_lock(&s->lock);
                s->error = r;
        }
        s->has_ended = true;
        (void) pthread_cond_signal(&s->ended);
        spool_leave(s);
        return NULL;
}

int spool_new(const SpoolConfig *config, Spool **ret)
{
        Spool *s = malloc(sizeof(*s));
        if (!s) {
                fd_close(config->fd);
                return -ENOMEM;
        }
        *s = (Spool) { .n_users = 2, .config = *config };
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

/* Called under the lock. */
static bool has_room(const Spool *s, size_t n)
{
        size_t n_max = s->config.n_max;

        return s->n_refused == 0 && n <= n_max - MIN(s->waiting.length, n_max);
}

static int spool_add(Spool *s, const char *data, size_t n, bool always)
{
        (void) pthread_mutex_lock(&s->lock);
        int r = s->error;
        if (r == 0 && !always && !has_room(s, n))
                r = -ENOBUFS;
        if (r == 0)
                text_buffer_append_bytes(&s->waiting, data, n);
        if (r == 0 && s->waiting.failed)
                r = -ENOMEM;
        if (r < 0)
                s->n_refused++;
        (void) pthread_cond_signal(&s->wake);
        (void) pthread_mutex_unlock(&s->lock);
        return r;
}

int spool_append(Spool *s, const char *data, size_t n)
{
        return spool_add(s, data, n, false);
}

int spool_append_last(Spool *s, const char *data, size_t n)
{
        return spool_add(s, data, n, true);
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

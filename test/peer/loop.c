/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/loop.h"

#include <limits.h>
#include <time.h>
#include <unistd.h>

int loop_init(Loop *l)
{
        int fd = epoll_create1(EPOLL_CLOEXEC);
        if (fd < 0)
                return -errno;
        *l = (Loop) { .fd = fd };
        return 0;
}

void loop_done(Loop *l)
{
        (void) close(l->fd);
}

int loop_add(Loop *l, Watch *w)
{
        struct epoll_event e = { .events = w->events, .data.ptr = w };
        return epoll_ctl(l->fd, EPOLL_CTL_ADD, w->fd, &e) < 0 ? -errno : 0;
}

int loop_set_events(Loop *l, Watch *w, uint32_t events)
{
        struct epoll_event e = { .events = events, .data.ptr = w };
        if (events == w->events)
                return 0;
        if (epoll_ctl(l->fd, EPOLL_CTL_MOD, w->fd, &e) < 0)
                return -errno;
        w->events = events;
        return 0;
}

void loop_remove(Loop *l, Watch *w)
{
        if (w->fd < 0)
                return;
        (void) epoll_ctl(l->fd, EPOLL_CTL_DEL, w->fd, NULL);
        (void) close(w->fd);
        w->fd = -1;
}

usec_t loop_now(void)
{
        struct timespec ts;
        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (usec_t) ts.tv_sec * USEC_PER_SEC + (usec_t) ts.tv_nsec / 1000;
}

static int timeout_until(usec_t deadline)
{
        usec_t now = loop_now();
        if (deadline == USEC_INFINITY)
                return -1;
        if (deadline <= now)
                return 0;
        return (int) MIN((deadline - now) / USEC_PER_MSEC + 1, (usec_t) INT_MAX);
}

int loop_run_once(Loop *l, usec_t deadline)
{
        struct epoll_event e;
        int n = epoll_wait(l->fd, &e, 1, timeout_until(deadline));
        if (n < 0)
                return errno == EINTR ? 0 : -errno;
        if (n > 0) {
                Watch *w = e.data.ptr;
                w->handler(w->userdata, e.events);
        }
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/thread.h"

#include <limits.h>
#include <signal.h>

enum {
        STACK_SIZE = 256 * 1024
};

int thread_start(void *(*main)(void *), void *userdata)
{
        pthread_attr_t attr;
        pthread_t thread;
        sigset_t all, before;

        if (pthread_attr_init(&attr) != 0)
                return -ENOMEM;
        (void) pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
        (void) pthread_attr_setstacksize(&attr, MAX(STACK_SIZE, (int) PTHREAD_STACK_MIN));
        (void) sigfillset(&all);
        (void) pthread_sigmask(SIG_SETMASK, &all, &before);
        int r = pthread_create(&thread, &attr, main, userdata);
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        (void) pthread_attr_destroy(&attr);
        return r == 0 ? 0 : -ENOMEM;
}

void thread_cond_init(pthread_cond_t *c)
{
        pthread_condattr_t attr;

        (void) pthread_condattr_init(&attr);
        (void) pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        (void) pthread_cond_init(c, &attr);
        (void) pthread_condattr_destroy(&attr);
}

struct timespec thread_deadline(usec_t usec)
{
        struct timespec ts;
        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        uint64_t nsec = (uint64_t) ts.tv_nsec + usec % USEC_PER_SEC * 1000;
        ts.tv_sec += (time_t) (usec / USEC_PER_SEC + nsec / 1000000000);
        ts.tv_nsec = (long) (nsec % 1000000000);
        return ts;
}

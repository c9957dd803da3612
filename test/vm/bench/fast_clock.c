/* SPDX-License-Identifier: Apache-2.0 */

/* Preloaded into a daemon, makes CLOCK_MONOTONIC run FACTOR times as fast for it, so that an hour
 * of waits takes three minutes: its timers of that clock expire FACTOR times as early. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define FACTOR 20
#define NSEC_PER_SEC 1000000000LL

static int64_t to_nsec(const struct timespec *ts)
{
        return ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec;
}

static struct timespec to_timespec(int64_t nsec)
{
        return (struct timespec) { .tv_sec = nsec / NSEC_PER_SEC, .tv_nsec = nsec % NSEC_PER_SEC };
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
        int r = (int) syscall(SYS_clock_gettime, id, ts);

        if (r == 0 && (id == CLOCK_MONOTONIC || id == CLOCK_BOOTTIME))
                *ts = to_timespec(to_nsec(ts) * FACTOR);
        return r;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old)
{
        struct itimerspec real = *new;
        struct timespec now;

        (void) syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
        /* of CLOCK_REALTIME: far beyond what the other has reached */
        if (to_nsec(&new->it_value) < to_nsec(&now) * FACTOR + 1000000 * NSEC_PER_SEC) {
                int64_t at = to_nsec(&new->it_value);
                real.it_value = to_timespec(at > 0 && at < FACTOR ? 1 : at / FACTOR);
        }
        return (int) syscall(SYS_timerfd_settime, fd, flags, &real, old);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Number of threads of this process: those that an executor starts, and leaves behind. */

#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

#include "observe/testing.h"

static inline void *threads_do_nothing(void *userdata)
{
        return userdata;
}

/* Group setup: a sanitizer starts a thread of its own along with the first one of the program. */
static inline int threads_start_runtime(void **state)
{
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, threads_do_nothing, NULL), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        return 0;
}

static inline unsigned threads_count(void)
{
        DIR *dir = opendir("/proc/self/task");
        unsigned n = 0;
        assert_non_null(dir);
        for (const struct dirent *e; (e = readdir(dir));)
                n += e->d_name[0] != '.';
        assert_int_equal(closedir(dir), 0);
        return n;
}

/* Fails after a minute. */
static inline void threads_wait(unsigned n)
{
        for (int i = 0; threads_count() != n; i++) {
                assert_true(i < 30000);
                (void) usleep(2000);
        }
}

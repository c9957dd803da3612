/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/write_apart.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing.h"
#include "exec/thread.h"

static void make_pipe(int p[static 2])
{
        assert_int_equal(pipe2(p, O_CLOEXEC), 0);
}

/* A write to it waits until somebody reads. */
static void make_full_pipe(int p[static 2])
{
        char page[4096] = { 0 };

        make_pipe(p);
        assert_int_equal(fcntl(p[1], F_SETFL, O_NONBLOCK), 0);
        while (write(p[1], page, sizeof(page)) > 0)
                ;
        assert_int_equal(fcntl(p[1], F_SETFL, 0), 0);
}

static void *write_main(void *userdata)
{
        const int *fd = userdata;

        (void) write_apart(*fd, "x", 1);
        return NULL;
}

/* As the kernel's answer to a connect is read from where the write ended. */
static void test_the_file_position_is_shared(void **state)
{
        char text[8] = "";
        int fd = memfd_create("file", MFD_CLOEXEC);

        assert_true(fd >= 0);
        assert_int_equal(pwrite(fd, "????rest", 8, 0), 8);
        assert_int_equal(write_apart(fd, "1234", 4), 0);
        assert_int_equal(read(fd, text, sizeof(text)), 4);
        assert_memory_equal(text, "rest", 4);
        assert_int_equal(close(fd), 0);
}

static void test_the_error_is_that_of_the_write(void **state)
{
        int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

        assert_int_equal(write_apart(fd, "1", 1), -ENOSPC);
        assert_int_equal(close(fd), 0);
        assert_int_equal(write_apart(fd, "1", 1), -EBADF);
}

static bool has_child(void)
{
        siginfo_t info;

        return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* A disk that is checked at the same time must not stay open. */
static void test_nothing_else_stays_open(void **state)
{
        int full[2], other[2];

        make_full_pipe(full);
        make_pipe(other);
        assert_int_equal(thread_start(write_main, &full[1]), 0);
        while (!has_child())
                (void) usleep(1000);
        assert_int_equal(close(other[1]), 0);
        struct pollfd p = { .fd = other[0] };
        assert_int_equal(poll(&p, 1, 10000), 1); /* nobody can write to it */
        assert_int_equal(close(other[0]), 0);

        assert_int_equal(close(full[0]), 0); /* ends the write */
        while (has_child())
                (void) usleep(1000);
        assert_int_equal(close(full[1]), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_file_position_is_shared),
                cmocka_unit_test(test_the_error_is_that_of_the_write),
                cmocka_unit_test(test_nothing_else_stays_open),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "io/fd.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/wait.h>

#include "base/testing.h"

static void test_open(void **state)
{
        char name[PATH_MAX + 1];

        _cleanup_fd_ int fd = fd_open(O_RDONLY | O_DIRECTORY, "/%s/%d/..", "proc", 1);
        assert_true(fd >= 0);
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        assert_int_equal(fd_open(O_RDONLY, "/%s", "no such file"), -ENOENT);
        memset(name, 'x', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        assert_int_equal(fd_open(O_RDONLY, "/%s", name), -ENAMETOOLONG);
}

static void test_take(void **state)
{
        int fd = 5;

        assert_int_equal(fd_take(&fd), 5);
        assert_int_equal(fd, -1);
}

/* An attribute can be read again through the same descriptor. */
static void test_read_text(void **state)
{
        char text[8], cut[3];
        _cleanup_fd_ int fd = fd_open(O_RDONLY, "/proc/%s/osrelease", "sys/kernel");

        assert_int_equal(fd_read_text(fd, text, sizeof(text)), 0);
        assert_int_equal(fd_read_text(fd, cut, sizeof(cut)), 0);
        assert_int_equal(strlen(cut), 2);
        assert_memory_equal(cut, text, 2);
        assert_int_equal(fd_read_text(-1, text, sizeof(text)), -EBADF);
}

/* More than fits into a pipe. */
static void test_write_all(void **state)
{
        static char data[1 << 20];
        int fds[2], status;
        size_t n_read = 0;
        ssize_t n;

        memset(data, 'x', sizeof(data));
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        pid_t pid = fork();
        if (pid == 0)
                _exit(fd_write_all(fds[1], data, sizeof(data)) == 0 ? 0 : 1);
        assert_int_equal(close(fds[1]), 0);
        while ((n = read(fds[0], data, sizeof(data))) > 0)
                n_read += (size_t) n;
        assert_int_equal(n_read, sizeof(data));
        assert_int_equal(close(fds[0]), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        assert_int_equal(fd_write_all(-1, "x", 1), -EBADF);
        assert_int_equal(fd_write_all(-1, NULL, 0), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_open),
                cmocka_unit_test(test_take),
                cmocka_unit_test(test_read_text),
                cmocka_unit_test(test_write_all),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

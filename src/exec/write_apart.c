/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/write_apart.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/fd.h"

/* Between fork() and _exit() of a process with threads, only system calls are made. */
static void close_from(int first, int end)
{
#ifdef SYS_close_range
        if (syscall(SYS_close_range, first, ~0U, 0) == 0)
                return;
#endif
        for (int fd = first; fd < end; fd++)
                (void) close(fd);
}

/* The process: its own result goes to the pipe, as tools that check memory change the exit status.
 */
static void write_and_exit(int fd, int pipe_fd, int end, const void *data, size_t n)
{
        /* Both are out of the way of 0 and 1 then, whichever they are. */
        int from = fcntl(fd, F_DUPFD, 2), to = fcntl(pipe_fd, F_DUPFD, 2), error = 0;

        if (from < 0 || to < 0 || dup2(from, 0) < 0 || dup2(to, 1) < 0)
                error = errno;
        close_from(2, end);
        if (error == 0 && write(0, data, n) < 0)
                error = errno;
        _exit(write(1, &error, sizeof(error)) < 0);
}

int write_apart(int fd, const void *data, size_t n)
{
        struct rlimit limit;
        int end =
                getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (int) MIN(limit.rlim_cur, 1U << 20) : 1024;
        int fds[2], error;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        _cleanup_fd_ int result_fd = fds[0], pipe_fd = fds[1];
        pid_t pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0)
                write_and_exit(fd, pipe_fd, end, data, n);
        fd_close(fd_take(&pipe_fd));
        ssize_t n_read = read(result_fd, &error, sizeof(error));
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        return n_read == sizeof(error) ? -error : -ECANCELED;
}

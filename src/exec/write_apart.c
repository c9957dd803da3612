/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/write_apart.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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

int write_apart(int fd, const void *data, size_t n)
{
        struct rlimit limit;
        int end =
                getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (int) MIN(limit.rlim_cur, 1U << 20) : 1024;

        pid_t pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                if (dup2(fd, 0) < 0)
                        _exit(errno);
                close_from(1, end);
                _exit(write(0, data, n) < 0 ? errno : 0);
        }
        int status;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECANCELED;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <unistd.h>

#include "base/macro.h"

static inline void fd_closep(int *fd)
{
        if (*fd >= 0)
                (void) close(*fd);
}

/* Closes the descriptor, unless it is negative, when the variable goes out of scope. */
#define _cleanup_fd_ _cleanup_(fd_closep)

/* Moves the descriptor out of a variable that is closed otherwise. */
static inline int fd_take(int *fd)
{
        int taken = *fd;
        *fd = -1;
        return taken;
}

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

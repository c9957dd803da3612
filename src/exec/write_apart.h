/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Connects and disconnects wait for the target within a write(), uninterruptibly, and a process
 * does not exit before all of its threads do. Therefore, such a write is made by a process of its
 * own, for which the thread only waits: a daemon that is stopped meanwhile exits at once. */

#include "base/macro.h"

/* Writes the data to fd by a single write(); the file position is that of fd. The process has no
 * other open file, so that nothing else stays open for as long as the kernel waits. Returns 0, a
 * negative errno, or -ECANCELED if the process was killed. */
int write_apart(int fd, const void *data, size_t n);

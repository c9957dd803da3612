/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Keeps the whole process in memory: its program, libraries, heap and stacks, and anything it would
 * load later. It then continues to work while the disk that holds its files does not respond. */

/* Makes all threads share one heap; call it before any thread starts. Otherwise most threads have
 * their own, which keeps its peak size and reserves 64 MiB, which count towards the limit of locked
 * memory. */
void memory_share_heap(void);
/* Call after memory_share_heap(). nsswitch: "/etc/nsswitch.conf". Returns 0, -EPERM if the process
 * may not lock as much memory as it needs (RLIMIT_MEMLOCK), or an error of mlockall(2). */
int memory_lock(const char *nsswitch);
void memory_unlock(void);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Keeps all of the process in memory: its program, libraries, heap and stacks, and what it would
 * load later. So it goes on when the disk that holds its files does not answer. */

/* One heap for all threads, before any starts: else most have one of their own, which keeps what it
 * once needed and reserves 64 MiB, which count where memory is locked. */
void memory_share_heap(void);
/* After memory_share_heap(). nsswitch: "/etc/nsswitch.conf". 0; -EPERM:
 * the process may not lock as much as it needs (RLIMIT_MEMLOCK); or a negative errno of
 * mlockall(2). */
int memory_lock(const char *nsswitch);
void memory_unlock(void);

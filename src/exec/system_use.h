/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What this host itself runs from: the file systems on /, /usr and /var, swaps, and the file
 * systems that swap files are on. */

#include "exec/disk_nodes.h"

/* By /proc/self/mountinfo and /proc/swaps, see proc(5). 1: one of the nodes is needed, *ret_why
 * tells which and for what, "nvme0n1p2: mounted on /", and the caller frees it; 0: none is; or a
 * negative errno. */
int system_use_find(const char *proc_root, const char *dev_root, const DiskNodes *nodes,
                    char **ret_why);

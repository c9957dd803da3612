/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What this host itself runs from: the file systems on /, /usr and /var, swap devices, and the file
 * systems that contain swap files. */

#include "exec/disk_nodes.h"

/* Reads /proc/self/mountinfo and /proc/swaps, see proc(5). Returns 1 if one of the nodes is needed,
 * with *ret_why naming it and its use, "nvme0n1p2: mounted on /" (freed by the caller); 0 if not;
 * or a negative errno. */
int system_use_find(const char *proc_root, const char *dev_root, const DiskNodes *nodes,
                    char **ret_why);

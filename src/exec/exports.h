/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the kernel itself has open without a claim: it serves a disk to others (nvmet, LIO), or
 * makes another disk of it (loop). The first word is theirs in configfs and sysfs: a path, as it
 * was given. */

#include "exec/disk_nodes.h"

/* 1: *ret_why tells who exports one of the nodes, the caller frees it; 0: nobody; or a negative
 * errno. dev_root: where the nodes are. */
int exports_find(const char *sysfs_root, const char *dev_root, const DiskNodes *nodes,
                 char **ret_why);

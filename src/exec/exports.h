/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Users of disks within the kernel that hold no exclusive claim: targets that export a disk (nvmet,
 * LIO), or loop devices on top of it. They are found through the paths in configfs and sysfs, as
 * they were configured. */

#include "exec/disk_nodes.h"

/* Returns 1 if one of the nodes is exported, with *ret_why naming the exporter (freed by the
 * caller), 0 if not, or a negative errno. dev_root: the directory of the nodes. */
int exports_find(const char *sysfs_root, const char *dev_root, const DiskNodes *nodes,
                 char **ret_why);

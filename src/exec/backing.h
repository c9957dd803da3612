/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether a file system lies on NVMe-oF: on a disk that one of fabrics' transports leads to,
 * through partitions, device mapper, md, btrfs and overlays. What the kernel does not tell, as of
 * ZFS, is not seen. Nothing is read from the file system itself, which may not answer. */

#include "base/macro.h"

typedef struct FabricsDisk {
        char name[32];     /* "nvme0n1" */
        char transport[8]; /* "tcp" */
} FabricsDisk;

/* folder: of a block device in sysfs, "/sys/dev/block/259:1". */
bool backing_find_below(const char *sysfs_root, const char *folder, FabricsDisk *ret);
/* path: of anything in the file system. mountinfo: "/proc/self/mountinfo". */
bool backing_find(const char *sysfs_root, const char *mountinfo, const char *path,
                  FabricsDisk *ret);

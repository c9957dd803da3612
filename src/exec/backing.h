/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Determines whether a file system is on NVMe-oF: on a disk behind one of the fabrics transports,
 * through partitions, device mapper, md, btrfs and overlays. Dependencies that the kernel does not
 * expose (as with ZFS) are not detected. The file system itself, which may not respond, is not
 * read. */

#include "base/macro.h"

typedef struct FabricsDisk {
        char name[32];     /* "nvme0n1" */
        char transport[8]; /* "tcp" */
} FabricsDisk;

/* folder: a block device in sysfs, "/sys/dev/block/259:1". */
bool backing_find_below(const char *sysfs_root, const char *folder, FabricsDisk *ret);
/* path: anything in the file system. mountinfo: "/proc/self/mountinfo". */
bool backing_find(const char *sysfs_root, const char *mountinfo, const char *path,
                  FabricsDisk *ret);

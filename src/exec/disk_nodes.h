/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The device nodes through which a program can access a disk. */

#include "base/macro.h"

typedef struct DiskNode {
        char name[32];      /* kernel name: "nvme0n1", "nvme0n1p2", "ng0n1", "nvme3" */
        char number[24];    /* "b 259:3" or "c 241:0" */
        bool is_controller; /* considered only if exported: a process that has it open may just
                               monitor it */
} DiskNode;

typedef struct DiskNodes { /* {0}: empty */
        DiskNode *nodes;
        size_t n, n_allocated;
} DiskNodes;

void disk_nodes_done(DiskNodes *d);
#define _cleanup_disk_nodes_ _cleanup_(disk_nodes_done)

/* Adds the disk's own node, those of its partitions, and the character device of its namespace.
 * Returns 0 or a negative errno. */
int disk_nodes_add(DiskNodes *d, const char *sysfs_root, const char *disk);
/* Adds nvmeN; dir_fd is its directory. Returns 0, also if it has no node, or -ENOMEM. */
int disk_nodes_add_controller(DiskNodes *d, int dir_fd, int instance);
/* Returns the node with this device number, or NULL. */
const DiskNode *disk_nodes_find(const DiskNodes *d, const char *number);
/* Returns the node that a path refers to, or NULL. Compares device numbers, or names if there is no
 * such node below dev_root, as the path may come from another mount namespace. Accesses nothing
 * outside /dev, as a file may be on a server that does not respond. */
const DiskNode *disk_nodes_find_path(const DiskNodes *d, const char *dev_root, const char *path);

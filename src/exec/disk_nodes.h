/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The nodes by which a program can reach a disk. */

#include "base/macro.h"

typedef struct DiskNode {
        char name[32];      /* of the kernel: "nvme0n1", "nvme0n1p2", "ng0n1", "nvme3" */
        char number[24];    /* "b 259:3" or "c 241:0" */
        bool is_controller; /* counts where it is exported: who has it open may only watch it */
} DiskNode;

typedef struct DiskNodes { /* {0}: none */
        DiskNode *nodes;
        size_t n, n_allocated;
} DiskNodes;

void disk_nodes_done(DiskNodes *d);
#define _cleanup_disk_nodes_ _cleanup_(disk_nodes_done)

/* Adds the disk's own, those of its partitions, and the character device of its namespace. 0 or a
 * negative errno. */
int disk_nodes_add(DiskNodes *d, const char *sysfs_root, const char *disk);
/* Adds nvmeN, of which dir_fd is the folder. 0, also when it has none, or -ENOMEM. */
int disk_nodes_add_controller(DiskNodes *d, int dir_fd, int instance);
/* The node with that number, or NULL. */
const DiskNode *disk_nodes_find(const DiskNodes *d, const char *number);
/* The node that a path is of, or NULL: by its number. By its name where there is no such node below
 * dev_root: the path is of a mount namespace that may be another. Nothing but what is in /dev is
 * touched, as a file may be on a server that does not answer. */
const DiskNode *disk_nodes_find_path(const DiskNodes *d, const char *dev_root, const char *path);

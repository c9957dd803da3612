/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The registry of owners: what orchestrators on one host tell each other about their controllers.
 * REGISTRY_ROOT/nvmeN/ has a file for each attribute: `owner`, who answers for nvmeN; `seqnum`, for
 * the udev rule that removes entries (libnvme, design/REGISTRY.md). No entry: nobody does. `inode`
 * is an attribute of our own, of the controller's sysfs directory: a name is given again, and with
 * it an entry that is left from the controller before. */

#include "model/device.h"

#define REGISTRY_ROOT "/run/nvme/registry"

typedef struct RegistryEntry {
        char owner[64]; /* printable; "": nobody */
        bool is_ours;
        uint64_t inode; /* 0: the entry does not tell; UINT64_MAX: what it tells is no number */
} RegistryEntry;

/* name: of the entry's folder in the registry. 0; -ENOENT: there is none; another negative errno:
 * it cannot be read. */
int registry_entry_read(const char *registry_root, const char *name, RegistryEntry *ret);

/* Of the controller nvmeN with this inode: a text, or NULL for none, an entry of ours that is left
 * from another controller, or one that cannot be read. 0 or -ENOMEM. */
int registry_read_owner(const char *registry_root, int instance, uint64_t inode, char **ret);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The registry of owners: what orchestrators on one host tell each other about their controllers.
 * REGISTRY_ROOT/nvmeN/ has a file for each attribute: `owner`, who answers for nvmeN; `seqnum`, for
 * the udev rule that removes entries (libnvme, design/REGISTRY.md). No entry: nobody does. Two
 * attributes are our own: `inode`, of the controller's sysfs directory, because a name is given
 * again, and with it an entry that is left from the controller before; `daemon`, stafd or stacd. */

#include "model/device.h"

#define REGISTRY_ROOT "/run/nvme/registry"

typedef struct Registry { /* borrowed */
        const char *root;
        const char *daemon; /* who reads and writes it */
} Registry;

typedef struct RegistryEntry {
        char owner[64]; /* printable; "": nobody */
        bool is_ours;
        char daemon[16]; /* of ours: printable; "": written before there was this attribute */
        uint64_t inode;  /* 0: the entry does not tell; UINT64_MAX: what it tells is no number */
} RegistryEntry;

/* name: of the entry's folder in the registry. 0; -ENOENT: there is none; another negative errno:
 * it cannot be read. */
int registry_entry_read(const char *registry_root, const char *name, RegistryEntry *ret);

/* The entry of the controller nvmeN with this inode. False: there is none, it is one of ours that
 * is left from another controller, or it cannot be read. */
bool registry_entry_find(const char *registry_root, int instance, uint64_t inode,
                         RegistryEntry *ret);
/* Who answers for the controller: DEVICE_OWNER_STAS for this daemon, the other one of ours by its
 * name. NULL, nobody: of ours, where neither the entry nor the controller (tells_kind) says which
 * of the two it is. */
const char *registry_entry_owner(const RegistryEntry *e, const char *daemon, bool tells_kind);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The registry of owners, where orchestrators on a host inform each other about their controllers.
 * REGISTRY_ROOT/nvmeN/ has one file per attribute: `owner`, the orchestrator responsible for nvmeN;
 * `seqnum`, for the udev rule that removes entries (libnvme, design/REGISTRY.md). A controller
 * without an entry has no owner. Three attributes are our own: `inode`, of the controller's sysfs
 * directory, because names are reused, and an entry may be left over from an earlier controller;
 * `daemon`, stafd or stacd; `adopted`, if that daemon uses a connection that it did not make. */

#include "model/device.h"

#define REGISTRY_ROOT "/run/nvme/registry"

typedef struct Registry { /* borrowed */
        const char *root;
        const char *daemon; /* daemon that reads and writes it */
} Registry;

typedef struct RegistryEntry {
        char owner[64]; /* printable; "": none */
        bool is_ours, is_adopted;
        char daemon[16]; /* for our own entries: printable; "": written by an older version */
        uint64_t inode;  /* 0: not specified; UINT64_MAX: not a number */
} RegistryEntry;

/* name: of the entry's directory in the registry. Returns 0, -ENOENT if there is no entry, or
 * another negative errno if it cannot be read. */
int registry_entry_read(const char *registry_root, const char *name, RegistryEntry *ret);

/* Finds the entry of the controller nvmeN with this inode. Returns false if there is none, if it is
 * our own and left over from another controller, or if it cannot be read. */
bool registry_entry_find(const char *registry_root, int instance, uint64_t inode,
                         RegistryEntry *ret);
/* Returns the owner of the controller: DEVICE_OWNER_STAS for this daemon, the name of our other
 * daemon, or another orchestrator. NULL: none, for an entry of ours if neither the entry nor the
 * controller (tells_kind) shows which daemon it belongs to. */
const char *registry_entry_owner(const RegistryEntry *e, const char *daemon, bool tells_kind);

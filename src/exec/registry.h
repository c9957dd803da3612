/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Our own entries in the registry of owners (observe/registry_entry.h). They are added and removed
 * atomically, by a rename; entries of other owners are never removed while their controller
 * exists. */

#include "observe/registry_entry.h"

/* Returns the kernel's uevent sequence number (/sys/kernel/uevent_seqnum), 0 if it cannot be read.
 * For a new controller, read it after the kernel's answer and before the inode. It then lies
 * between the events of the controller's addition and removal, and above those of earlier
 * controllers with the same name: the udev rule removes an entry only on an event above its
 * stamp. */
uint64_t registry_read_seqnum(const char *sysfs_root);

/* Registers nvmeN as owned by the daemon that made it; the caller ensures that the name is not
 * reused during the call. An existing entry of that name is left over from another controller and
 * is replaced. seqnum 0: none. Returns 0, or a negative errno; there is no entry then. */
int registry_write(const Registry *registry, int instance, uint64_t inode, uint64_t seqnum);

/* The same for an existing connection, whose name may be reused. adopted: not made by the daemon.
 * Returns 0, also if the controller has an owner already; -ENODEV or -ESTALE if it is gone; or
 * another negative errno. */
int registry_claim(const Registry *registry, const char *sysfs_root, int instance, uint64_t inode,
                   bool adopted);

/* Removes our entry of this controller, which the daemon no longer uses. Returns 0, also if there
 * is none, or a negative errno. */
int registry_disown(const char *registry_root, int instance, uint64_t inode);

/* Removes our entry of nvmeN unless it belongs to the controller that currently has the name.
 * Returns 0, also if there is nothing to remove, or a negative errno. */
int registry_forget(const char *registry_root, const char *sysfs_root, int instance);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Our own entries in the registry of owners (observe/registry_entry.h). They come and go whole, by
 * a rename, and nobody else's is ever removed while its controller is there. */

#include "observe/registry_entry.h"

/* The kernel's count of uevents (/sys/kernel/uevent_seqnum), 0 when it cannot be read. Of a new
 * controller: after the kernel's answer and before its inode is read. Then it lies between the
 * events of its coming and of its going, and the events of those that had the name before are
 * below it: the udev rule removes an entry by an event above its stamp only. */
uint64_t registry_read_seqnum(const char *sysfs_root);

/* Says that nvmeN is the daemon's, for the controller whose name the caller keeps from being given
 * away. What is there by that name is left from another controller and is replaced. seqnum 0: none.
 * 0 or a negative errno, with nothing changed. */
int registry_write(const Registry *registry, int instance, uint64_t inode, uint64_t seqnum);

/* Removes our entry of nvmeN unless it belongs to the controller that has the name. 0, also when
 * there is nothing to remove, or a negative errno. */
int registry_forget(const char *registry_root, const char *sysfs_root, int instance);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The devices below a file system, according to /proc/self/mountinfo (proc_pid_mountinfo(5)). For
 * file systems whose device number is not that of a block device, such as btrfs and overlays. */

#include "base/macro.h"

/* text is the whole file. Returns the device nodes ("/dev/mapper/root"; bcachefs has several) of
 * the mount with that ID (statx(2), STATX_MNT_ID), or the directories that an overlay consists of,
 * one per line; nothing if it has neither. The caller must free the result. Returns NULL if out of
 * memory. */
char *mountinfo_sources(const char *text, uint64_t mount_id);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a file system lies on, as /proc/self/mountinfo tells it (proc_pid_mountinfo(5)): for those
 * whose device number is none of a block device, as of btrfs and overlays. */

#include "base/macro.h"

/* text: of the whole file. Of the mount with that ID (statx(2), STATX_MNT_ID): its device nodes
 * ("/dev/mapper/root"; bcachefs has several), or the folders that an overlay is made of; one a
 * line, none where it lies on neither. The caller frees it; NULL: out of memory. */
char *mountinfo_sources(const char *text, uint64_t mount_id);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Atomic replacement of small text files: readers see either the old or the new text. */

#include "base/macro.h"

/* For files that do not outlive the boot: nothing is synced. The new file is owned by us and has
 * mode 0600; a symbolic link is itself replaced. Only one process at a time may write to path: a
 * left-over PATH.new, e.g. of a writer that was killed, is removed. Returns 0 or a negative
 * errno. */
int file_replace_volatile(const char *path, const char *text);

/* At any time, even after a power failure, the file holds either the old or the new text. Mode and
 * owner are preserved, new files get 0644; symbolic links are followed. A missing directory is
 * created with mode 0755, but not its parents. Returns 0 or a negative errno. */
int file_replace_durable(const char *path, const char *text);

/* Locks the directory of path, which is created if missing, against other callers of this function.
 * Blocks until the lock is acquired. The lock is held until the returned descriptor is closed. */
int file_lock_directory(const char *path);

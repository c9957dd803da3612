/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Small text files, read and replaced as a whole. */

#include "base/macro.h"

/* The whole file; a missing one is "". -EFBIG over 1 MiB, -EINVAL with NUL bytes in it, else a
 * negative errno. */
int file_read_text(const char *path, char **ret);

/* Replaces path so that at any moment, a loss of power too, it has its old text or the new one.
 * Mode and owner stay, new files get 0644; of a symbolic link the target is replaced. A missing
 * directory is made, 0755; not its parents. 0 or a negative errno. */
int file_replace_text(const char *path, const char *text);

/* Holds others of our kind off the files in path's directory, made if need be, until the descriptor
 * returned is closed. Waits for them. */
int file_lock_directory(const char *path);

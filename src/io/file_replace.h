/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Small text files, replaced as a whole: who reads one gets the old text or the new one. */

#include "base/macro.h"

/* For what does not outlive the boot: nothing is synced. The new file is ours, with mode 0600; a
 * symbolic link is replaced itself. One at a time writes to the path: what has the name PATH.new,
 * as of a writer that was killed, is removed. 0 or a negative errno. */
int file_replace_volatile(const char *path, const char *text);

/* At any moment, a loss of power too, there is the old text or the new one. Mode and owner stay,
 * new files get 0644; of a symbolic link the target is replaced. A missing directory is made, 0755;
 * not its parents. 0 or a negative errno. */
int file_replace_durable(const char *path, const char *text);

/* Holds others of our kind off the files in path's directory, made if need be, until the descriptor
 * returned is closed. Waits for them. */
int file_lock_directory(const char *path);

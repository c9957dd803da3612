/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "codec/last_known.h"

/* Reads the state file. -ENOENT: it does not exist. A damaged file, or one of another version, is
 * renamed to PATH.damaged, and -EBADMSG or -EPROTONOSUPPORT returned. */
int last_known_file_read(const char *path, LastKnown *ret);
/* Same, but leaves a damaged file in place. */
int last_known_file_peek(const char *path, LastKnown *ret);
/* Replaces the file atomically, mode 0600. Blocks as long as the file system does. -EFBIG: too
 * large to be read back. */
int last_known_file_write(const char *path, const LastKnown *l);

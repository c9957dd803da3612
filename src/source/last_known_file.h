/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "codec/last_known.h"

/* Reads the state file. -ENOENT: none. Damaged or of another version: it is renamed to PATH.damaged
 * and -EBADMSG or -EPROTONOSUPPORT returned. */
int last_known_file_read(const char *path, LastKnown *ret);
/* The same, and leaves a damaged file where it is. */
int last_known_file_peek(const char *path, LastKnown *ret);
/* Replaces it atomically, mode 0600. Blocks, as long as the file system does. -EFBIG: it would not
 * be read. */
int last_known_file_write(const char *path, const LastKnown *l);

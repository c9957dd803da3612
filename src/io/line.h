/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* Reads the first line of a small file (an attribute of sysfs or of the registry), without
 * surrounding white space and truncated to fit. Never blocks: returns -EBADMSG for anything but a
 * regular file. Returns 0 or a negative errno. */
int line_read(int dir_fd, const char *path, char *buf, size_t size);

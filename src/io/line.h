/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* The first line of a small file (an attribute of sysfs or of the registry), without the white
 * space around it; cut where it does not fit. Never waits: anything but a regular file is -EBADMSG.
 * 0 or a negative errno. */
int line_read(int dir_fd, const char *path, char *buf, size_t size);

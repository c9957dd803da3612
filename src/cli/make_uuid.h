/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "codec/host_uuid.h"

/* From the first source that exists below the directory root, otherwise random. 0, -EACCES if a
 * source that may hold it cannot be read, or another negative errno. */
int make_host_uuid(const char *root, UuidText ret);
/* A random version 4 UUID. */
int make_random_uuid(UuidText ret);

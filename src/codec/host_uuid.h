/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The UUID of a host, for its NQN (docs/SPECIFICATION.md §10.2): constant on a machine if at all
 * possible, and the same as that of nvme-cli and Python's stasadm. */

#include "base/macro.h"

enum {
        UUID_TEXT_SIZE = 37, /* including the NUL */
        UUID_SIZE = 16,
};

typedef char UuidText[UUID_TEXT_SIZE];

/* From the contents of /etc/machine-id: HMAC-SHA256 of its 16 bytes, turned into a version 4 UUID.
 * Returns -EINVAL if it contains no machine ID. */
int host_uuid_from_machine_id(const char *text, UuidText ret);
/* From the contents of /sys/class/dmi/id/product_uuid, with the byte order of the first three
 * fields swapped (SMBIOS 3.0, 7.2.1). Returns -EINVAL if it is not a UUID, or one that a careless
 * vendor uses for all boards (all bits 0 or 1). */
int host_uuid_from_dmi(const char *text, UuidText ret);
/* From /proc/device-tree/ibm,partition-uuid, unchanged. */
int host_uuid_from_device_tree(const char *text, UuidText ret);

/* Sources used by stasadm, in this order. path is relative to the root directory. */
typedef struct HostUuidSource {
        const char *path;
        int (*convert)(const char *text, UuidText ret);
} HostUuidSource;

enum {
        N_HOST_UUID_SOURCES = 3
};
extern const HostUuidSource host_uuid_sources[N_HOST_UUID_SOURCES];

void uuid_to_text(const uint8_t u[static UUID_SIZE], UuidText ret);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The UUID of a host, for its NQN (docs/SPECIFICATION.md §10.2): always the same on the same
 * machine if that is possible at all, and the same that nvme-cli and Python's stasadm give. */

#include "base/macro.h"

enum {
        UUID_TEXT_SIZE = 37, /* with the terminator */
        UUID_SIZE = 16,
};

typedef char UuidText[UUID_TEXT_SIZE];

/* From the text of /etc/machine-id: HMAC-SHA256 of its 16 bytes, made a version 4 UUID. -EINVAL: it
 * holds no machine ID. */
int host_uuid_from_machine_id(const char *text, UuidText ret);
/* From the text of /sys/class/dmi/id/product_uuid: the first three fields change their byte order
 * (SMBIOS 3.0, 7.2.1). -EINVAL: no UUID, or one that all boards of a careless vendor share (all
 * bits 0 or 1). */
int host_uuid_from_dmi(const char *text, UuidText ret);
/* From /proc/device-tree/ibm,partition-uuid, as it is. */
int host_uuid_from_device_tree(const char *text, UuidText ret);

/* Where stasadm looks for it, in this order; path is below the root directory. */
typedef struct HostUuidSource {
        const char *path;
        int (*convert)(const char *text, UuidText ret);
} HostUuidSource;

enum {
        N_HOST_UUID_SOURCES = 3
};
extern const HostUuidSource host_uuid_sources[N_HOST_UUID_SOURCES];

void uuid_to_text(const uint8_t u[static UUID_SIZE], UuidText ret);

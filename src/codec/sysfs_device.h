/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Converts the attributes of /sys/class/nvme/nvmeN to Device (drivers/nvme/host/sysfs.c,
 * fabrics.c). */

#include "model/device.h"

typedef struct SysfsAddress {                                         /* the "address" attribute:
                                                                         "traddr=…,trsvcid=…,host_traddr=…,src_addr=…" */
        char *traddr, *trsvcid, *host_traddr, *host_iface, *src_addr; /* NULL if missing */
} SysfsAddress;

/* Unknown keys are ignored. An FC traddr contains ':' but no ','; an IPv6 one has no brackets.
 * Returns 0, -EBADMSG (not key=value) or -ENOMEM. */
int sysfs_address_parse(const char *text, SysfsAddress *ret);
/* The same for the "uevent" attribute, with lines "NVME_TRADDR=…" etc. (since 5.4,
 * drivers/nvme/host/core.c, nvme_class_uevent()) and without src_addr. Returns 0, -EBADMSG
 * (duplicate key) or -ENOMEM. */
int sysfs_uevent_parse(const char *text, SysfsAddress *ret);
void sysfs_address_done(SysfsAddress *a);

/* Attribute files of a device; any may be NULL (older kernel). If "address" is NULL, the address is
 * taken from "uevent". */
typedef struct SysfsAttributes {
        char *address, *uevent, *transport, *state, *subsysnqn, *hostnqn, *hostid, *cntrltype,
                *dctype, *model, *serial, *kato;
        /* src_addr is shown for live TCP connections (since 6.1, drivers/nvme/host/tcp.c,
         * nvme_tcp_get_address()). */
        bool shows_source;
        bool is_stafds; /* made by stafd according to the registry, hence a discovery controller */
} SysfsAttributes;

void sysfs_attributes_done(SysfsAttributes *a);

/* Returns true if the attribute reports the type of the controller. It is "" before 5.18, and
 * "reserved" for a controller that does not report its type. */
bool sysfs_type_is_told(const char *cntrltype);

/* Builds the device. Its kind is taken from cntrltype ("discovery"), or, before 5.18 or if the
 * controller does not report it, from the well-known NQN and is_stafds. Returns 0, -EOPNOTSUPP (not
 * a fabrics controller: transport pcie, apple-nvme), -EBADMSG (unusable) or -ENOMEM. */
int sysfs_device_build(int instance, const SysfsAttributes *a, Device **ret);

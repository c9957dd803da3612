/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The attributes of /sys/class/nvme/nvmeN as text to Device (drivers/nvme/host/sysfs.c, fabrics.c).
 */

#include "model/device.h"

typedef struct SysfsAddress {                                         /* the "address" attribute:
                                                                         "traddr=…,trsvcid=…,host_traddr=…,src_addr=…" */
        char *traddr, *trsvcid, *host_traddr, *host_iface, *src_addr; /* NULL where not there */
} SysfsAddress;

/* Unknown keys are ignored. An FC traddr contains ':' and no ','; an IPv6 one has no brackets. 0,
 * -EBADMSG (not key=value) or -ENOMEM. */
int sysfs_address_parse(const char *text, SysfsAddress *ret);
/* The same of the "uevent" attribute, "NVME_TRADDR=…" and so on, one to a line (since 5.4,
 * drivers/nvme/host/core.c, nvme_class_uevent()), which has no src_addr. 0, -EBADMSG (one key
 * twice) or -ENOMEM. */
int sysfs_uevent_parse(const char *text, SysfsAddress *ret);
void sysfs_address_done(SysfsAddress *a);

/* Attribute files read for a device; any may be NULL (an older kernel). Where "address" is NULL,
 * the address is that of "uevent". */
typedef struct SysfsAttributes {
        char *address, *uevent, *transport, *state, *subsysnqn, *hostnqn, *hostid, *cntrltype,
                *dctype, *model, *serial;
        /* src_addr is shown of a TCP connection that is live (since 6.1,
         * drivers/nvme/host/tcp.c, nvme_tcp_get_address()). */
        bool shows_source;
        bool is_stafds; /* by the registry stafd made it, so it is a discovery controller */
} SysfsAttributes;

void sysfs_attributes_done(SysfsAttributes *a);

/* Does the attribute say what the controller is? It is "" below 5.18, and "reserved" of a
 * controller that reports nothing. */
bool sysfs_type_is_told(const char *cntrltype);

/* Builds the device: kind from cntrltype ("discovery"), else (before 5.18, or where the controller
 * reports none) from the well-known NQN and is_stafds.
 * -EOPNOTSUPP: not a fabrics controller (transport pcie, apple-nvme); -EBADMSG: unusable; -ENOMEM.
 */
int sysfs_device_build(int instance, const SysfsAttributes *a, Device **ret);

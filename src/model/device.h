/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An NVMe-oF controller as shown in /sys/class/nvme/nvmeN: an immutable snapshot. Names are reused
 * after removal; a controller is identified by its name and the contents of sysfs. */

#include "base/macro.h"
#include "model/tid.h"

/* Registry values for connections of nvme-stas: the owner, and the daemon if that is stafd. */
#define DEVICE_OWNER_STAS "stas"
#define DEVICE_MAKER_STAFD "stafd"
/* Returns true if the controller belongs to another program, which alone may adopt or disconnect
 * it. NULL (no owner) is not foreign. */
bool device_owner_is_foreign(const char *owner);

typedef enum DeviceState { /* drivers/nvme/host/core.c, nvme_sysfs_show_state() */
        DEVICE_NEW,
        DEVICE_LIVE,
        DEVICE_RESETTING,
        DEVICE_CONNECTING,
        DEVICE_FENCING, /* also "fenced": after an error, commands in flight are held back until the
                           target can no longer execute them (TP8028) */
        DEVICE_DELETING, /* also "deleting (no IO)" */
        DEVICE_DEAD,
        DEVICE_STATE_UNKNOWN,
        _DEVICE_STATE_MAX,
        _DEVICE_STATE_INVALID = -EINVAL,
} DeviceState;

const char *device_state_to_string(DeviceState s);
DeviceState device_state_from_string(const char *s); /* UNKNOWN if not listed */

typedef struct Device {
        int instance;   /* N of nvmeN */
        uint64_t inode; /* of the sysfs directory; unlike the name, never reused (kernfs). 0 if
                           unknown */
        DeviceState state;
        ControllerKind kind;
        Tid *tid; /* transport, traddr, trsvcid, subsysnqn, host_* and the host NQN as used by the
                     kernel */
        Address src_address; /* ADDRESS_NONE if not shown by the kernel */
        bool source_hidden;  /* shown by the kernel once the connection is live */
        char *host_id, *model, *serial, *cntrltype, *dctype; /* never NULL, "" if unknown */
        char *owner;                                         /* registry entry, NULL if unowned */
        bool no_keep_alive; /* no timeout: usually connected for a single query; false if unknown */
        bool adopted;       /* by its owner: another program has connected it */
} Device;

Device *device_free(Device *d);
DEFINE_CLEANUP(Device, device_free)
/* Returns true for a discovery controller that accepts registrations (TP8010), over a transport for
 * which they are defined. */
bool device_takes_registration(const Device *d);
/* Returns true for a direct discovery controller: one that represents its own subsystem, not a
 * fabric. */
bool device_is_ddc(const Device *d);
/* Returns true if this is the same controller, not just the same name: instance and inode match.
 * CNTLID is not compared, since a target may assign a new one on each reconnect. If an inode is
 * unknown, TID and serial number are compared instead. */
bool device_is_same(const Device *a, const Device *b);

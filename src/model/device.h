/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An NVMe-oF controller as the kernel shows it in /sys/class/nvme/nvmeN: an immutable snapshot.
 * A name is recycled after removal; identity is the name plus what sysfs says. */

#include "base/macro.h"
#include "model/tid.h"

/* What the registry says of connections that this daemon has made; the other one of ours is called
 * by its name. */
#define DEVICE_OWNER_STAS "stas"
#define DEVICE_MAKER_STAFD "stafd"
/* Somebody else's, who alone may adopt or disconnect it. NULL: nobody's, not foreign. */
bool device_owner_is_foreign(const char *owner);

typedef enum DeviceState { /* drivers/nvme/host/core.c, nvme_sysfs_show_state() */
        DEVICE_NEW,
        DEVICE_LIVE,
        DEVICE_RESETTING,
        DEVICE_CONNECTING,
        DEVICE_FENCING,  /* also "fenced": after an error commands under way are held back until the
                            target cannot carry them out any more (TP8028) */
        DEVICE_DELETING, /* also "deleting (no IO)" */
        DEVICE_DEAD,
        DEVICE_STATE_UNKNOWN,
        _DEVICE_STATE_MAX,
        _DEVICE_STATE_INVALID = -EINVAL,
} DeviceState;

const char *device_state_to_string(DeviceState s);
DeviceState device_state_from_string(const char *s); /* what is not listed: UNKNOWN */

typedef struct Device {
        int instance;   /* N of nvmeN */
        uint64_t inode; /* of its sysfs directory: unlike the name never given twice (kernfs); 0:
                           not known */
        DeviceState state;
        ControllerKind kind;
        Tid *tid; /* transport, traddr, trsvcid, subsysnqn, host_* and host NQN of the kernel */
        Address src_address; /* ADDRESS_NONE when the kernel does not show it */
        bool source_hidden;  /* the kernel will show it once the connection is live */
        char *host_id, *model, *serial, *cntrltype, *dctype; /* never NULL, "" when not known */
        char *owner;                                         /* registry entry, NULL: unowned */
} Device;

Device *device_free(Device *d);
DEFINE_CLEANUP(Device, device_free)
/* TP8010: a discovery controller that takes registrations, over a transport for which they are
 * defined. */
bool device_takes_registration(const Device *d);
/* A direct discovery controller: one that speaks for its own subsystem, not for a fabric. */
bool device_is_ddc(const Device *d);
/* The same controller, not merely the same name: instance and inode agree. CNTLID does not count: a
 * target may give another one at each reconnect. Without an inode TID and serial number decide. */
bool device_is_same(const Device *a, const Device *b);

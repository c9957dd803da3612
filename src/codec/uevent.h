/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Kernel uevents (lib/kobject_uevent.c; netlink group 1): bytes to Uevent. */

#include "base/macro.h"

typedef enum UeventAction {
        UEVENT_ADD,
        UEVENT_REMOVE,
        UEVENT_CHANGE,
        UEVENT_OTHER,
        UEVENT_NAMESPACE_REMOVED, /* of a namespace, whichever controllers had it: no other field is
                                     used */
} UeventAction;

typedef enum NvmeEvent { /* NVME_EVENT= of drivers/nvme/host/core.c */
        NVME_EVENT_NONE,
        NVME_EVENT_CONNECTED,
        NVME_EVENT_REDISCOVER,
        NVME_EVENT_OTHER,
} NvmeEvent;

/* NVME_AEN of a discovery log change notice (NVMe Base 2.x, Asynchronous Event Information). */
#define NVME_AEN_DISCOVERY_LOG_CHANGED 0x70f002U

typedef struct Uevent {
        UeventAction action;
        NvmeEvent event;
        uint32_t aen; /* 0 if none */
        int instance; /* N of the controller nvmeN */
} Uevent;

/* Decodes one message of n bytes ("action@devpath" NUL "KEY=value" NUL …). Returns 0 for an event
 * of an NVMe controller (SUBSYSTEM=nvme, DEVNAME nvmeN) and for the removal of a namespace
 * (SUBSYSTEM=block, DEVNAME nvmeNnM), -ENODATA for any other event, -EBADMSG if malformed. */
int uevent_decode(const char *data, size_t n, Uevent *ret);

/* SPDX-License-Identifier: Apache-2.0 */

#include "model/device.h"

#include "base/text.h"

static const char *const device_state_names[_DEVICE_STATE_MAX] = {
        [DEVICE_NEW] = "new",
        [DEVICE_LIVE] = "live",
        [DEVICE_RESETTING] = "resetting",
        [DEVICE_CONNECTING] = "connecting",
        [DEVICE_FENCING] = "fencing",
        [DEVICE_DELETING] = "deleting",
        [DEVICE_DEAD] = "dead",
        [DEVICE_STATE_UNKNOWN] = "unknown",
};

const char *device_state_to_string(DeviceState s)
{
        return s >= 0 && s < _DEVICE_STATE_MAX ? device_state_names[s] : "unknown";
}

DeviceState device_state_from_string(const char *s)
{
        for (DeviceState state = 0; s && state < _DEVICE_STATE_MAX; state++)
                if (streq(s, device_state_names[state]))
                        return state;
        if (streq_ptr(s, "fenced"))
                return DEVICE_FENCING;
        return streq_ptr(s, "deleting (no IO)") ? DEVICE_DELETING : DEVICE_STATE_UNKNOWN;
}

bool device_owner_is_foreign(const char *owner)
{
        return owner && !streq(owner, DEVICE_OWNER_STAS);
}

Device *device_free(Device *d)
{
        if (!d)
                return NULL;
        (void) tid_free(d->tid);
        free(d->host_id);
        free(d->model);
        free(d->serial);
        free(d->cntrltype);
        free(d->dctype);
        free(d->owner);
        free(d);
        return NULL;
}

bool device_takes_registration(const Device *d)
{
        return d->kind == CONTROLLER_DISCOVERY && d->tid->transport == TRANSPORT_TCP &&
               (streq(d->dctype, "cdc") || device_is_ddc(d));
}

bool device_is_ddc(const Device *d)
{
        return d->kind == CONTROLLER_DISCOVERY && streq(d->dctype, "ddc");
}

bool device_is_same(const Device *a, const Device *b)
{
        if (a->instance != b->instance)
                return false;
        if (a->inode != 0 && b->inode != 0)
                return a->inode == b->inode;
        return tid_compare(a->tid, b->tid) == 0 &&
               (!*a->serial || !*b->serial || streq(a->serial, b->serial));
}

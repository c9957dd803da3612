/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/outages.h"

#include <stdlib.h>

#include "base/array.h"

enum {
        INSTANCES_MAX = 65536
};

/* The event of the first connect may arrive after the first poll. */
#define FIRST_CONNECT_USEC (2 * USEC_PER_SEC)

void outages_done(Outages *o)
{
        free(o->items);
        *o = (Outages) { 0 };
}

static Outage *outages_find(const Outages *o, int instance)
{
        return instance >= 0 && (size_t) instance < o->n_items ? &o->items[instance] : NULL;
}

static Outage *outages_get(Outages *o, const Device *device, usec_t now)
{
        if (device->instance >= INSTANCES_MAX || device->inode == 0 ||
            ARRAY_RESERVE(o->items, o->n_items, (size_t) device->instance + 1) < 0)
                return NULL;
        Outage *item = &o->items[device->instance];
        if (item->inode != device->inode)
                *item = (Outage) {
                        .inode = device->inode,
                        .live_since = device->state == DEVICE_LIVE ? now : 0,
                };
        return item;
}

static OutageChange see_live(Outage *o, usec_t now, usec_t *ret_took)
{
        bool reconnected = o->reconnected;
        usec_t lost_at = o->lost_at;

        o->reconnected = false;
        o->lost_at = 0;
        if (o->live_since == 0)
                o->live_since = now;
        if (lost_at == 0)
                return reconnected ? OUTAGE_SHORT : OUTAGE_NOTHING;
        *ret_took = now - lost_at;
        return OUTAGE_ENDED;
}

OutageChange outages_look(Outages *o, const Device *device, DeviceState state, usec_t now,
                          usec_t *ret_took)
{
        Outage *item = outages_get(o, device, now);

        if (!item)
                return OUTAGE_NOTHING;
        switch (state) {
        case DEVICE_LIVE:
                return see_live(item, now, ret_took);
        case DEVICE_RESETTING:
        case DEVICE_CONNECTING:
        case DEVICE_FENCING:
                /* A controller that was never seen live is still being connected. */
                if (item->lost_at != 0 || item->live_since == 0)
                        return OUTAGE_NOTHING;
                item->lost_at = now;
                return OUTAGE_BEGAN;
        case DEVICE_NEW:
        case DEVICE_DELETING:
        case DEVICE_DEAD:
        case DEVICE_STATE_UNKNOWN: /* removed */
        case _DEVICE_STATE_MAX:
        case _DEVICE_STATE_INVALID:
                break;
        }
        return OUTAGE_NOTHING;
}

bool outages_connected(Outages *o, int instance, usec_t now)
{
        Outage *item = outages_find(o, instance);

        if (!item || item->live_since == 0)
                return false;
        item->reconnected = usec_add(item->live_since, FIRST_CONNECT_USEC) < now;
        return item->reconnected || item->lost_at != 0;
}

void outages_forget(Outages *o, int instance)
{
        Outage *item = outages_find(o, instance);

        if (item)
                *item = (Outage) { 0 };
}

usec_t outages_lost_at(const Outages *o, int instance)
{
        const Outage *item = outages_find(o, instance);

        return item ? item->lost_at : 0;
}

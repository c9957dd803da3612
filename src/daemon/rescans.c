/* SPDX-License-Identifier: Apache-2.0 */

/* The kernel shows a namespace under one subsystem only. If its target moves it to another
 * subsystem, to which a connection exists already, the kernel has ignored it there, and does not
 * look again by itself once the namespace has gone from the first one. */

#include "daemon/daemon.h"

/* Namespaces of one controller, or of several, are removed one after the other. Only controllers
 * without any are queried, because a scan interrupts the I/O of those that it finds again: it must
 * not begin before the last one is gone. */
#define RESCAN_QUIET_USEC (300 * USEC_PER_MSEC)
#define RESCAN_QUIET_MAX_USEC (5 * USEC_PER_SEC)
/* A subsystem may have no namespaces for this host: it is not queried more often. */
#define RESCAN_PACE_USEC (2 * USEC_PER_SEC)

static int rescans_on_time(sd_event_source *s, uint64_t usec, void *userdata)
{
        Daemon *d = userdata;

        d->kernel.rescans.last = daemon_now(d);
        d->kernel.rescans.first_removal = 0;
        for (const DeviceNode *n = engine_next_device(d->engine, NULL); n;
             n = engine_next_device(d->engine, n)) {
                if (!n->ours || !n->device)
                        continue;
                Job job = {
                        .operation = OPERATION_RESCAN,
                        .instance = n->instance,
                        .inode = n->device->inode,
                };
                (void) executor_submit(d->kernel.executor, &job); /* without data of its own */
        }
        return 0;
}

static usec_t rescan_at(const Rescans *r, usec_t now)
{
        usec_t at = MIN(usec_add(now, RESCAN_QUIET_USEC),
                        usec_add(r->first_removal, RESCAN_QUIET_MAX_USEC));

        return r->last > 0 ? MAX(at, usec_add(r->last, RESCAN_PACE_USEC)) : at;
}

void rescans_namespace_removed(Daemon *d)
{
        Rescans *r = &d->kernel.rescans;
        usec_t now = daemon_now(d);

        if (d->type->role != CONTROLLER_IO)
                return;
        if (r->first_removal == 0)
                r->first_removal = now;
        if (!r->timer) {
                (void) sd_event_add_time(d->loop.event, &r->timer, CLOCK_MONOTONIC,
                                         rescan_at(r, now), 0, rescans_on_time, d);
                return;
        }
        (void) sd_event_source_set_time(r->timer, rescan_at(r, now));
        (void) sd_event_source_set_enabled(r->timer, SD_EVENT_ONESHOT);
}

void rescans_done(Daemon *d)
{
        (void) sd_event_source_unref(d->kernel.rescans.timer);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Connections of this daemon whose entry in the registry of owners could not be written, usually
 * because /run is full. They are written one after the other, once the first one succeeds. */

#include <string.h>

#include "base/array.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "plan/backoff.h"

static int on_time(sd_event_source *s, uint64_t usec, void *userdata);

static void set_timer(Daemon *d)
{
        Owners *o = &d->kernel.owners;
        usec_t at = usec_add(daemon_now(d), backoff_delay(o->n_failures, BACKOFF_MAX, 0));

        if (!o->timer) {
                (void) sd_event_add_time(d->loop.event, &o->timer, CLOCK_MONOTONIC, at, 0, on_time,
                                         d);
                return;
        }
        (void) sd_event_source_set_time(o->timer, at);
        (void) sd_event_source_set_enabled(o->timer, SD_EVENT_ONESHOT);
}

static void failed(Daemon *d, int instance, int error)
{
        Owners *o = &d->kernel.owners;

        if (error != o->error)
                log_warning(MESSAGE_REGISTRY_INCOMPLETE,
                            "Cannot write %s/nvme%i, which records %s as the owner of the "
                            "connection: %s; it is written later, until then other programs may "
                            "treat the connection as unowned",
                            d->type->paths->registry, instance, d->type->name, strerror(-error));
        o->error = error;
        o->n_failures++;
        set_timer(d);
}

static void begin_writing(Daemon *d)
{
        Owners *o = &d->kernel.owners;

        if (o->is_writing || o->n == 0)
                return;
        o->writing = o->items[0];
        Job job = {
                .operation = OPERATION_CLAIM_OWNER,
                .instance = o->writing.instance,
                .inode = o->writing.inode,
        };
        int r = executor_submit(d->kernel.executor, &job);
        o->is_writing = r >= 0;
        if (r < 0)
                failed(d, o->writing.instance, r);
}

static int on_time(sd_event_source *s, uint64_t usec, void *userdata)
{
        begin_writing(userdata);
        return 0;
}

static void owners_remove(Owners *o, size_t i)
{
        memmove(o->items + i, o->items + i + 1, (--o->n - i) * sizeof(*o->items));
}

void owners_add(Daemon *d, int instance, uint64_t inode, int error)
{
        Owners *o = &d->kernel.owners;

        if (error >= 0) {
                if (o->n == 0) /* the connections without an entry are gone */
                        o->error = 0;
                return;
        }
        if (ARRAY_RESERVE(o->items, o->n_allocated, o->n + 1) < 0)
                return;
        o->items[o->n++] = (Owner) { .instance = instance, .inode = inode };
        if (o->n == 1 && !o->is_writing)
                failed(d, instance, error); /* else the next try is under way or scheduled */
}

void owners_forget(Daemon *d, int instance)
{
        Owners *o = &d->kernel.owners;

        for (size_t i = o->n; i-- > 0;)
                if (o->items[i].instance == instance)
                        owners_remove(o, i);
}

static void written(Owners *o)
{
        for (size_t i = o->n; i-- > 0;)
                if (o->items[i].instance == o->writing.instance &&
                    o->items[i].inode == o->writing.inode)
                        owners_remove(o, i);
        o->n_failures = 0;
}

void owner_is_claimed(Daemon *d, int error)
{
        Owners *o = &d->kernel.owners;

        o->is_writing = false;
        if (error < 0 && error != -ENODEV && error != -ESTALE) {
                failed(d, o->writing.instance, error);
                return;
        }
        written(o); /* or the connection is gone */
        begin_writing(d);
        if (o->n > 0)
                return;
        log_info(MESSAGE_REGISTRY_COMPLETE, "The registry of owners (%s) is complete again",
                 d->type->paths->registry);
        o->error = 0;
}

void owners_done(Daemon *d)
{
        (void) sd_event_source_unref(d->kernel.owners.timer);
        free(d->kernel.owners.items);
}

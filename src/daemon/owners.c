/* SPDX-License-Identifier: Apache-2.0 */

/* Connections of this daemon without an entry in the registry of owners: it did not make them but
 * uses them, or the entry could not be written, usually because /run is full. */

#include <string.h>

#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/to_engine.h"

static bool lacks_owner(const Row *row)
{
        const Device *device = row_device(row);

        return device && device->inode != 0 && !device->owner && row->node->ours &&
               row_is_wanted(row);
}

static bool owners_claim(Daemon *d, const DeviceNode *n)
{
        Job job = {
                .operation = OPERATION_CLAIM_OWNER,
                .instance = n->instance,
                .inode = n->device->inode,
                .adopted = !device_node_is_made(n),
        };

        return executor_submit(d->kernel.executor, &job) >= 0;
}

void owners_look(Daemon *d)
{
        Owners *o = &d->kernel.owners;
        bool is_complete = true;

        if (o->n_writing > 0)
                return;
        for (const Row *row = engine_next_row(d->engine, NULL); row;
             row = engine_next_row(d->engine, row)) {
                if (!lacks_owner(row))
                        continue;
                is_complete = false;
                o->n_writing += owners_claim(d, row->node);
                if (o->error < 0)
                        return; /* one is enough to see whether it is possible again */
        }
        if (!is_complete || o->told == 0 || o->error < 0)
                return;
        log_info(MESSAGE_REGISTRY_COMPLETE, "The registry of owners (%s) is complete again",
                 d->type->paths->registry);
        o->told = 0;
}

static void failed(Daemon *d, int instance, int error)
{
        Owners *o = &d->kernel.owners;

        if (error != o->told)
                log_warning(MESSAGE_REGISTRY_INCOMPLETE,
                            "Cannot write %s/nvme%i, which records %s as the owner of the "
                            "connection: %s; it is written later, until then other programs may "
                            "treat the connection as unowned",
                            d->type->paths->registry, instance, d->type->name, strerror(-error));
        o->error = o->told = error;
}

void owners_connected(Daemon *d, int instance, int error)
{
        d->kernel.owners.error = 0;
        if (error < 0)
                failed(d, instance, error);
}

void owners_claimed(Daemon *d, int instance, int error)
{
        d->kernel.owners.n_writing--;
        if (error == -ENODEV || error == -ESTALE) /* the connection is gone */
                return;
        d->kernel.owners.error = 0;
        if (error < 0)
                failed(d, instance, error);
        else
                (void) to_engine(
                        d, (EngineInput) { .kind = INPUT_OWNER_CHANGED, .instance = instance });
}

void owners_let_go(Daemon *d, const Device *device)
{
        Job job = {
                .operation = OPERATION_FORGET_OWNER,
                .instance = device->instance,
                .inode = device->inode,
        };

        (void) executor_submit(d->kernel.executor, &job);
}

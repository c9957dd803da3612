/* SPDX-License-Identifier: Apache-2.0 */

/* Uevents of the kernel's controllers. */

#include "plan/engine-internal.h"

static int device_added(Engine *e, DeviceNode *n)
{
        if (!e->connecting || n->device || n->read_op_id != 0)
                return engine_request_read(e, n);
        if (n->unread)
                return 0;
        /* Most likely the connection being made: read once, after its completion. */
        n->unread = true;
        TAILQ_INSERT_TAIL(&e->unread, n, unread_entry);
        return 0;
}

/* Commands on the admin queue, whose effect ends with the connection. */
static bool is_conversation(Operation op)
{
        return op == OPERATION_REGISTER || op == OPERATION_READ_SUPPORTED_LOGS ||
               op == OPERATION_READ_LOG;
}

static void users_reconnected(Engine *e, DeviceNode *n)
{
        Row *row;

        LIST_FOREACH(row, &n->users, user_entry) {
                engine_mark_dirty(e, row);
                log_connected(&row->log);
                row_begin_introduction(row);
                if (is_conversation(row->op.operation))
                        row->op.outdated = true;
                row_forget_log_state(e, row);
        }
}

static void users_log_changed(Engine *e, DeviceNode *n)
{
        Row *row;

        LIST_FOREACH(row, &n->users, user_entry) {
                engine_mark_dirty(e, row);
                log_changed(&row->log);
        }
}

static int events_take(Engine *e, KernelEvent event, int instance, usec_t now)
{
        DeviceNode *n;

        if (event == KERNEL_REMOVED)
                return engine_forget_instance(e, instance, now);
        if (event == KERNEL_LOG_CHANGED && e->policy->role == CONTROLLER_IO)
                return 0; /* read by stafd */

        int r = engine_get_device(e, instance, &n);
        if (r < 0)
                return r;
        n->touched = ++e->touched;
        switch (event) {
        case KERNEL_REDISCOVERED:
                engine_begin_notice(e, n);
                users_reconnected(e, n);
                return device_added(e, n);
        case KERNEL_CONNECTED:
                users_reconnected(e, n);
                if (n->indexed)
                        engine_forgive_live(e, n);
                return device_added(e, n);
        case KERNEL_LOG_CHANGED:
                engine_begin_notice(e, n);
                users_log_changed(e, n);
                return n->device ? 0 : device_added(e, n);
        case KERNEL_REMOVED:
                return 0;
        case KERNEL_ADDED:
                n->early = n->early && !(e->connects_over && e->actual_known);
                break;
        }
        return device_added(e, n);
}

int engine_kernel_event(Engine *e, KernelEvent event, int instance, usec_t now)
{
        engine_begin(e);
        return engine_recover(e, events_take(e, event, instance, now), now);
}

void engine_kernel_events_lost(Engine *e)
{
        Row *row;

        engine_begin(e);
        engine_request_scan(e);
        engine_distrust_reads(e);
        /* A change notification may have been lost: any log may be outdated. */
        RB_FOREACH(row, RowTree, &e->controllers) {
                log_distrust(&row->log);
                row_begin_introduction(row);
                if (is_conversation(row->op.operation))
                        row->op.outdated = true; /* the name may have been reused */
                engine_mark_dirty(e, row);
        }
}

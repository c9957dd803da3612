/* SPDX-License-Identifier: Apache-2.0 */

/* Change notifications of discovery controllers that other programs have connected: the engine does
 * not read their logs, and nvme-cli's udev rule, which would read them, is overridden. */

#include "plan/engine-internal.h"

void engine_begin_notice(Engine *e, DeviceNode *n)
{
        if (e->policy->role != CONTROLLER_DISCOVERY || n->has_notice)
                return;
        n->has_notice = true;
        TAILQ_INSERT_TAIL(&e->notices, n, notice_entry);
}

void engine_end_notice(Engine *e, DeviceNode *n)
{
        if (n->has_notice)
                TAILQ_REMOVE(&e->notices, n, notice_entry);
        n->has_notice = false;
}

/* Returns true once the device's identity and owner are known. */
static bool is_known(const Engine *e, const DeviceNode *n)
{
        return n->read_op_id == 0 && !n->unread && !n->settling && !engine_connecting_may_use(e, n);
}

static bool is_held(const DeviceNode *n)
{
        const Row *u;

        LIST_FOREACH(u, &n->users, user_entry)
                if (row_is_wanted(u))
                        return true;
        return n->ours;
}

void engine_tell_notices(Engine *e, usec_t now)
{
        DeviceNode *next;

        for (DeviceNode *n = TAILQ_FIRST(&e->notices); n; n = next) {
                next = TAILQ_NEXT(n, notice_entry);
                if (!is_known(e, n) || n->notice_at > now)
                        continue;
                engine_end_notice(e, n);
                if (!n->device || n->device->kind != CONTROLLER_DISCOVERY || is_held(n))
                        continue;
                engine_note_device(e, NOTE_FOREIGN_NOTICE, n);
                n->notice_at = usec_add(now, ENGINE_NOTICE_PACE);
        }
}

usec_t engine_next_notice(const Engine *e, usec_t now)
{
        const DeviceNode *n;
        usec_t at = USEC_INFINITY;

        TAILQ_FOREACH(n, &e->notices, notice_entry)
                if (n->notice_at > now)
                        at = MIN(at, n->notice_at);
        return at;
}

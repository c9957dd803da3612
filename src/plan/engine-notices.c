/* SPDX-License-Identifier: Apache-2.0 */

/* Change notifications of discovery controllers that other programs have connected: the engine does
 * not read their logs, and nvme-cli's udev rule, which would read them, is overridden. */

#include "base/text.h"
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

static bool is_used(const DeviceNode *n)
{
        const Row *u;

        LIST_FOREACH(u, &n->users, user_entry)
                if (row_is_wanted(u))
                        return true;
        return n->ours;
}

/* Its owner follows its log, or we do, if over another connection to it, or a single query is all
 * that it was connected for. */
static bool is_held(const Engine *e, const DeviceNode *n)
{
        const Tid *tid = n->device->tid;
        Tid first = engine_first_of_nqn(tid, tid->subsysnqn);
        Device device = { .tid = &first };
        DeviceNode probe = { .instance = -1, .device = &device };
        struct DeviceTree *tree = (struct DeviceTree *) &e->devices;

        if (is_used(n) || device_owner_is_foreign(n->device->owner) || n->device->no_keep_alive)
                return true;
        for (DeviceNode *o = RB_NFIND(DeviceTree, tree, &probe);
             o && tid_compare_portal(o->device->tid, tid) == 0 &&
             streq(o->device->tid->subsysnqn, tid->subsysnqn);
             o = RB_NEXT(DeviceTree, tree, o))
                if (is_used(o))
                        return true;
        return false;
}

void engine_tell_notices(Engine *e, usec_t now)
{
        DeviceNode *next;

        for (DeviceNode *n = TAILQ_FIRST(&e->notices); n; n = next) {
                next = TAILQ_NEXT(n, notice_entry);
                if (!is_known(e, n) || n->notice_at > now)
                        continue;
                engine_end_notice(e, n);
                if (!n->device || n->device->kind != CONTROLLER_DISCOVERY || is_held(e, n))
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

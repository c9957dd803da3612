/* SPDX-License-Identifier: Apache-2.0 */

/* Finds the rows that each of the kernel's controllers serves, and rows for those without. */

#include <assert.h>

#include "base/text.h"
#include "plan/engine-internal.h"
#include "plan/match.h"

Tid engine_first_of_nqn(const Tid *t, const char *subsysnqn)
{
        Tid first = *t;

        first.host_address = (Address) { .family = ADDRESS_NONE };
        first.address.scope[0] = '\0';
        first.subsysnqn = subsysnqn;
        first.host_traddr = first.host_iface = first.host_nqn = "";
        return first;
}

static bool wants_any_nqn(const Row *row)
{
        return row->kind == CONTROLLER_DISCOVERY && streq(row->tid->subsysnqn, NQN_DISCOVERY);
}

/* Returns the first device that matches the row, or the next one after n. */
static DeviceNode *next_match(const Engine *e, const Row *row, DeviceNode *n)
{
        bool any_nqn = wants_any_nqn(row);
        Tid first = engine_first_of_nqn(row->tid, any_nqn ? "" : row->tid->subsysnqn);
        Device device = { .tid = &first };
        DeviceNode probe = { .instance = -1, .device = &device };
        struct DeviceTree *tree = (struct DeviceTree *) &e->devices;

        for (n = n ? RB_NEXT(DeviceTree, tree, n) : RB_NFIND(DeviceTree, tree, &probe); n;
             n = RB_NEXT(DeviceTree, tree, n)) {
                if (tid_compare_portal(n->device->tid, row->tid) != 0 ||
                    (!any_nqn && !streq(n->device->tid->subsysnqn, row->tid->subsysnqn)))
                        break;
                if (match_device(row->tid, row->kind, n->device, &e->network))
                        return n;
        }
        return NULL;
}

bool engine_has_live_neighbour(const Engine *e, const Row *row)
{
        Tid first = engine_first_of_nqn(row->tid, "");
        Device device = { .tid = &first };
        DeviceNode probe = { .instance = -1, .device = &device };
        struct DeviceTree *tree = (struct DeviceTree *) &e->devices;

        for (const DeviceNode *n = RB_NFIND(DeviceTree, tree, &probe);
             n && tid_compare_portal(n->device->tid, row->tid) == 0;
             n = RB_NEXT(DeviceTree, tree, (DeviceNode *) n))
                if (n != row->node && n->device->state == DEVICE_LIVE)
                        return true;
        return false;
}

/* The owner of a discovery controller uses what its log lists; to us the log is unknown. */
static void leave_to_owner(Engine *e, Row *row, bool is_foreign)
{
        bool left = is_foreign && row->kind == CONTROLLER_DISCOVERY && row_is_wanted(row);

        if (left == row->left_to_owner)
                return;
        row->left_to_owner = left;
        log_connected(&row->log); /* to be read once it is ours */
        row->registration.done = false;
        if (!left)
                return;
        row_forget_log_state(e, row);
        engine_note(e, NOTE_LEFT_TO_OWNER, row, 0);
}

void engine_adopt(Engine *e, Row *row)
{
        DeviceNode *n = row->node;
        bool is_foreign = device_owner_is_foreign(n->device->owner);

        leave_to_owner(e, row, is_foreign);
        if (!row_is_wanted(row) || !row->wanted.active || n->ours || is_foreign)
                return;
        n->ours = true;
        n->let_go = false;
        engine_note(e, NOTE_ADOPTED, row, 0);
}

void engine_attach(Engine *e, Row *row, DeviceNode *n, bool made_by_us, usec_t now)
{
        assert(!row->node && n->device);
        engine_mark_dirty(e, row);
        row->node = n;
        n->unwanted_since = now;
        n->quiet = row->wanted.quiet;
        LIST_INSERT_HEAD(&n->users, row, user_entry);
        attempts_attach(&row->attempts, made_by_us, now);
        log_connected(&row->log);
        row->registration.done = false;
        row_begin_introduction(row);
        engine_adopt(e, row);
        /* Rows that share the device may have to leave the decision to this row, or this row to
         * them. */
        engine_mark_users_dirty(e, n);
}

void engine_detach(Engine *e, Row *row)
{
        if (!row->node)
                return;
        LIST_REMOVE(row, user_entry);
        engine_mark_users_dirty(e, row->node);
        if (LIST_EMPTY(&row->node->users))
                engine_want_row(e, row->node);
        row->node = NULL;
        row->left_to_owner = false;
        row_end_introduction(row);
        if (row->op.operation != OPERATION_NONE)
                row->op.outdated = true;
        if (!row->attempts.polled) /* otherwise its state remains valid until the next poll */
                row_forget_log_state(e, row);
}

bool engine_connecting_may_use(const Engine *e, const DeviceNode *n)
{
        const Row *row = e->connecting;

        return row && ((row->wanted.is_wanted && !e->releasing) || row->wanted.firmware) &&
               n->indexed && match_device(row->tid, row->kind, n->device, &e->network);
}

void engine_defer_rivals(Engine *e, const Row *row, usec_t now)
{
        for (DeviceNode *n = next_match(e, row, NULL); n; n = next_match(e, row, n)) {
                n->unwanted_since = now;
                engine_mark_users_dirty(e, n);
                if (LIST_EMPTY(&n->users))
                        engine_want_row(e, n);
        }
}

static bool has_firmware_row(const Engine *e, const DeviceNode *n, const char *subsysnqn)
{
        Tid first = engine_first_of_nqn(n->device->tid, subsysnqn);
        Row probe = { .tid = &first };
        struct RowTree *tree = (struct RowTree *) &e->controllers;

        for (Row *row = RB_NFIND(RowTree, tree, &probe); row; row = RB_NEXT(RowTree, tree, row)) {
                if (tid_compare_portal(row->tid, n->device->tid) != 0 ||
                    !streq(row->tid->subsysnqn, subsysnqn))
                        return false;
                if (row->wanted.firmware &&
                    match_device(row->tid, row->kind, n->device, &e->network))
                        return true;
        }
        return false;
}

bool engine_is_firmware_device(const Engine *e, const DeviceNode *n)
{
        const Row *u;

        LIST_FOREACH(u, &n->users, user_entry)
                if (u->wanted.firmware)
                        return true;
        return n->indexed &&
               (has_firmware_row(e, n, n->device->tid->subsysnqn) ||
                (n->device->kind == CONTROLLER_DISCOVERY && has_firmware_row(e, n, NQN_DISCOVERY)));
}

/* A discovery controller that another program, such as "nvme discover", has connected for a query
 * is about to go. */
static bool is_passing(const Engine *e, const DeviceNode *n, const Row *row)
{
        if (n->device->kind != CONTROLLER_DISCOVERY || !n->device->no_keep_alive || n->ours ||
            !row_is_wanted(row) || row->attempts.brief)
                return false;
        Settings s = settings_merge(&e->policy->settings, &row_origin(row)->entry->settings);
        return s.value[SETTING_KATO] != 0;
}

static bool may_serve(const Engine *e, const DeviceNode *n, const Row *row)
{
        return !is_passing(e, n, row) && (n->inherited || !match_must_wait(row->tid, n->device));
}

void engine_match_controller(Engine *e, Row *row, usec_t now)
{
        if (row->node || row->op.operation == OPERATION_CONNECT ||
            row->op.operation == OPERATION_SETTLE)
                return; /* decided when the operation ends */

        DeviceNode *n = next_match(e, row, NULL);
        while (n && !may_serve(e, n, row))
                n = next_match(e, row, n);
        if (n)
                engine_attach(e, row, n, false, now);
}

/* Attaches the device to all rows that wait for it. */
void engine_match_device(Engine *e, DeviceNode *n, const char *subsysnqn, usec_t now)
{
        Tid first = engine_first_of_nqn(n->device->tid, subsysnqn);
        Row probe = { .tid = &first };

        for (Row *row = RB_NFIND(RowTree, &e->controllers, &probe); row;
             row = RB_NEXT(RowTree, &e->controllers, row)) {
                if (tid_compare_portal(row->tid, n->device->tid) != 0 ||
                    !streq(row->tid->subsysnqn, subsysnqn))
                        break;
                if (!row->node && match_device(row->tid, row->kind, n->device, &e->network))
                        engine_match_controller(e, row, now);
        }
}

static bool is_made_by_us(const DeviceNode *n)
{
        return (n->device->owner && !n->device->adopted) || device_node_is_made(n);
}

static void let_go(Engine *e, Row *row, usec_t now)
{
        DeviceNode *n = row->node;

        engine_mark_dirty(e, row);
        engine_note(e, NOTE_LET_GO, row, 0);
        attempts_let_go(&row->attempts, now);
        n->unwanted_since = now;
        engine_detach(e, row);
        if (LIST_EMPTY(&n->users) && !is_made_by_us(n)) { /* it was adopted by mistake */
                n->ours = false;
                n->let_go = true;
        }
        engine_match_controller(e, row, now);
}

void engine_follow_source(Engine *e, DeviceNode *n, usec_t now)
{
        Row *row, *next;

        for (row = LIST_FIRST(&n->users); row; row = next) {
                next = LIST_NEXT(row, user_entry);
                if (row->op.operation != OPERATION_DISCONNECT &&
                    match_goes_another_way(row->tid, n->device, &e->network))
                        let_go(e, row, now);
        }
}

/* Returns true if the connection is to be removed once it is not wanted. A connection of another
 * program may still be in progress, so that its identity is not known yet. */
static bool is_removable(const Engine *e, const DeviceNode *n)
{
        if (engine_is_firmware_device(e, n))
                return false;
        if (n->ours)
                return true;
        return n->device->state == DEVICE_LIVE && !device_owner_is_foreign(n->device->owner) &&
               plan_scope_allows(e->policy, n->device, false);
}

void engine_want_row(Engine *e, DeviceNode *n)
{
        if (n->rowless)
                return;
        n->rowless = true;
        TAILQ_INSERT_TAIL(&e->rowless, n, rowless_entry);
}

void engine_dequeue_rowless(Engine *e, DeviceNode *n)
{
        if (n->rowless)
                TAILQ_REMOVE(&e->rowless, n, rowless_entry);
        n->rowless = false;
}

/* Returns true if the row with the device's identity may give up its present connection for this
 * one. It must not lose track of the present one, nor replace one that serves it by another
 * program's. */
static bool may_take(const Engine *e, const DeviceNode *n, const Row *row)
{
        if (!row->node)
                return row->op.operation != OPERATION_CONNECT &&
                       row->op.operation != OPERATION_SETTLE;
        if (row->op.operation != OPERATION_NONE ||
            tid_compare(row->node->device->tid, row->tid) == 0)
                return false;

        bool is_alone = LIST_FIRST(&row->node->users) == row && !LIST_NEXT(row, user_entry);
        return n->ours || (!row_is_wanted(row) && (!is_alone || !is_removable(e, row->node)));
}

/* Returns 1 if the device has a row or needs none, 0 if it must wait. */
static int give_row(Engine *e, DeviceNode *n, usec_t now)
{
        Row *row;

        if (!n->indexed || !LIST_EMPTY(&n->users) || !is_removable(e, n))
                return 1;
        int r = engine_get_controller(e, n->device->tid, &row);
        if (r < 0)
                return r;
        if (!may_take(e, n, row))
                return 0;
        if (row->node)
                row->node->unwanted_since = now;
        engine_detach(e, row);
        engine_attach(e, row, n, false, now);
        return 1;
}

int engine_give_rows(Engine *e, usec_t now)
{
        DeviceNode *next;

        for (DeviceNode *n = TAILQ_FIRST(&e->rowless); n; n = next) {
                int r = give_row(e, n, now);
                if (r < 0)
                        return r;
                next = TAILQ_NEXT(n, rowless_entry); /* the row may have given up another one */
                if (r > 0)
                        engine_dequeue_rowless(e, n);
        }
        return 0;
}

bool engine_is_settling_for(const Engine *e, const Row *row)
{
        const DeviceNode *n;

        TAILQ_FOREACH(n, &e->settling, settling_entry)
                if (tid_compare_portal(n->settling->tid, row->tid) == 0 &&
                    (wants_any_nqn(row) || wants_any_nqn(n->settling) ||
                     streq(n->settling->tid->subsysnqn, row->tid->subsysnqn)))
                        return true;
        return false;
}

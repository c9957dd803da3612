/* SPDX-License-Identifier: Apache-2.0 */

/* Which rows each of the kernel's controllers serves, and which row one gets that serves none. */

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

static bool wants_any_nqn(const Controller *c)
{
        return c->kind == CONTROLLER_DISCOVERY && streq(c->tid->subsysnqn, NQN_DISCOVERY);
}

/* The first device, or the next one after n, that is what the row wants. */
static DeviceNode *next_match(const Engine *e, const Controller *c, DeviceNode *n)
{
        bool any_nqn = wants_any_nqn(c);
        Tid first = engine_first_of_nqn(c->tid, any_nqn ? "" : c->tid->subsysnqn);
        Device device = { .tid = &first };
        DeviceNode probe = { .instance = -1, .device = &device };
        struct DeviceTree *tree = (struct DeviceTree *) &e->devices;

        for (n = n ? RB_NEXT(DeviceTree, tree, n) : RB_NFIND(DeviceTree, tree, &probe); n;
             n = RB_NEXT(DeviceTree, tree, n)) {
                if (tid_compare_portal(n->device->tid, c->tid) != 0 ||
                    (!any_nqn && !streq(n->device->tid->subsysnqn, c->tid->subsysnqn)))
                        break;
                if (match_device(c->tid, c->kind, n->device, &e->network))
                        return n;
        }
        return NULL;
}

void engine_adopt(Engine *e, Controller *c)
{
        DeviceNode *n = c->node;

        if (!controller_is_wanted(c) || !c->wanted.active || n->ours ||
            device_owner_is_foreign(n->device->owner))
                return;
        n->ours = true;
        engine_note(e, NOTE_ADOPTED, c, 0);
}

void engine_attach(Engine *e, Controller *c, DeviceNode *n, usec_t now)
{
        assert(!c->node && n->device);
        engine_mark_dirty(e, c);
        c->node = n;
        n->unwanted_since = now;
        n->quiet = c->wanted.quiet;
        LIST_INSERT_HEAD(&n->users, c, user_entry);
        c->attempts.n_attempts = 0;
        c->attempts.brief = c->attempts.polled = c->attempts.made = false;
        c->attempts.last_error = 0;
        c->attempts.in_use = false;
        c->attempts.since = now;
        log_connected(&c->log);
        c->registration.done = false;
        controller_begin_introduction(c);
        engine_adopt(e, c);
        /* Whoever else uses it may have to leave the decision to this one, or this one to them. */
        engine_mark_users_dirty(e, n);
}

void engine_detach(Engine *e, Controller *c)
{
        if (!c->node)
                return;
        LIST_REMOVE(c, user_entry);
        engine_mark_users_dirty(e, c->node);
        if (LIST_EMPTY(&c->node->users))
                engine_want_row(e, c->node);
        c->node = NULL;
        if (c->op.operation != OPERATION_NONE)
                c->op.outdated = true;
        if (!c->attempts.polled) /* else what it said lasts until it is asked again */
                controller_forget_log_state(e, c);
}

bool engine_connecting_may_use(const Engine *e, const DeviceNode *n)
{
        const Controller *c = e->connecting;

        return c && ((c->wanted.is_wanted && !e->releasing) || c->wanted.firmware) && n->indexed &&
               match_device(c->tid, c->kind, n->device, &e->network);
}

void engine_defer_rivals(Engine *e, const Controller *c, usec_t now)
{
        for (DeviceNode *n = next_match(e, c, NULL); n; n = next_match(e, c, n)) {
                n->unwanted_since = now;
                engine_mark_users_dirty(e, n);
                if (LIST_EMPTY(&n->users))
                        engine_want_row(e, n);
        }
}

static bool has_firmware_row(const Engine *e, const DeviceNode *n, const char *subsysnqn)
{
        Tid first = engine_first_of_nqn(n->device->tid, subsysnqn);
        Controller probe = { .tid = &first };
        struct ControllerTree *tree = (struct ControllerTree *) &e->controllers;

        for (Controller *c = RB_NFIND(ControllerTree, tree, &probe); c;
             c = RB_NEXT(ControllerTree, tree, c)) {
                if (tid_compare_portal(c->tid, n->device->tid) != 0 ||
                    !streq(c->tid->subsysnqn, subsysnqn))
                        return false;
                if (c->wanted.firmware && match_device(c->tid, c->kind, n->device, &e->network))
                        return true;
        }
        return false;
}

bool engine_is_firmware_device(const Engine *e, const DeviceNode *n)
{
        const Controller *u;

        LIST_FOREACH(u, &n->users, user_entry)
                if (u->wanted.firmware)
                        return true;
        return n->indexed &&
               (has_firmware_row(e, n, n->device->tid->subsysnqn) ||
                (n->device->kind == CONTROLLER_DISCOVERY && has_firmware_row(e, n, NQN_DISCOVERY)));
}

static bool may_serve(const DeviceNode *n, const Controller *c)
{
        return n->inherited || !match_must_wait(c->tid, n->device);
}

void engine_match_controller(Engine *e, Controller *c, usec_t now)
{
        if (c->node || c->op.operation == OPERATION_CONNECT || c->op.operation == OPERATION_SETTLE)
                return; /* the end of the operation will tell */

        DeviceNode *n = next_match(e, c, NULL);
        while (n && !may_serve(n, c))
                n = next_match(e, c, n);
        if (n)
                engine_attach(e, c, n, now);
}

/* Gives the device to every row that waits for it. */
void engine_match_device(Engine *e, DeviceNode *n, const char *subsysnqn, usec_t now)
{
        Tid first = engine_first_of_nqn(n->device->tid, subsysnqn);
        Controller probe = { .tid = &first };

        for (Controller *c = RB_NFIND(ControllerTree, &e->controllers, &probe); c;
             c = RB_NEXT(ControllerTree, &e->controllers, c)) {
                if (tid_compare_portal(c->tid, n->device->tid) != 0 ||
                    !streq(c->tid->subsysnqn, subsysnqn))
                        break;
                if (!c->node && match_device(c->tid, c->kind, n->device, &e->network))
                        engine_match_controller(e, c, now);
        }
}

static bool is_made_by_us(const DeviceNode *n)
{
        return n->device->owner || (n->made_inode != 0 && n->made_inode == n->device->inode);
}

static void let_go(Engine *e, Controller *c, usec_t now)
{
        DeviceNode *n = c->node;

        engine_mark_dirty(e, c);
        engine_note(e, NOTE_LET_GO, c, 0);
        n->unwanted_since = c->attempts.since = now;
        engine_detach(e, c);
        if (LIST_EMPTY(&n->users) && !is_made_by_us(n))
                n->ours = false; /* it was adopted as what it is not */
        engine_match_controller(e, c, now);
}

void engine_follow_source(Engine *e, DeviceNode *n, usec_t now)
{
        Controller *c, *next;

        for (c = LIST_FIRST(&n->users); c; c = next) {
                next = LIST_NEXT(c, user_entry);
                if (c->op.operation != OPERATION_DISCONNECT &&
                    match_goes_another_way(c->tid, n->device, &e->network))
                        let_go(e, c, now);
        }
}

/* A connection that is to be removed should nobody want it. One of others may still be on its way
 * up, before anybody can know what it is. */
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

/* May the row of the device's identity leave the connection it has for this one? What it leaves
 * must not be lost sight of, and what serves it must not be changed for one of others. */
static bool may_take(const Engine *e, const DeviceNode *n, const Controller *c)
{
        if (!c->node)
                return c->op.operation != OPERATION_CONNECT && c->op.operation != OPERATION_SETTLE;
        if (c->op.operation != OPERATION_NONE || tid_compare(c->node->device->tid, c->tid) == 0)
                return false;

        bool is_alone = LIST_FIRST(&c->node->users) == c && !LIST_NEXT(c, user_entry);
        return n->ours || (!controller_is_wanted(c) && (!is_alone || !is_removable(e, c->node)));
}

/* 1: it has a row, or needs none; 0: not yet. */
static int give_row(Engine *e, DeviceNode *n, usec_t now)
{
        Controller *c;

        if (!n->indexed || !LIST_EMPTY(&n->users) || !is_removable(e, n))
                return 1;
        int r = engine_get_controller(e, n->device->tid, &c);
        if (r < 0)
                return r;
        if (!may_take(e, n, c))
                return 0;
        if (c->node)
                c->node->unwanted_since = now;
        engine_detach(e, c);
        engine_attach(e, c, n, now);
        return 1;
}

int engine_give_rows(Engine *e, usec_t now)
{
        DeviceNode *next;

        for (DeviceNode *n = TAILQ_FIRST(&e->rowless); n; n = next) {
                int r = give_row(e, n, now);
                if (r < 0)
                        return r;
                next = TAILQ_NEXT(n, rowless_entry); /* the row may have left another one */
                if (r > 0)
                        engine_dequeue_rowless(e, n);
        }
        return 0;
}

bool engine_is_settling_for(const Engine *e, const Controller *c)
{
        const DeviceNode *n;

        TAILQ_FOREACH(n, &e->settling, settling_entry)
                if (tid_compare_portal(n->settling->tid, c->tid) == 0 &&
                    (wants_any_nqn(c) || wants_any_nqn(n->settling) ||
                     streq(n->settling->tid->subsysnqn, c->tid->subsysnqn)))
                        return true;
        return false;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Operations: how they end, and what the kernel says meanwhile. */

#include "base/text.h"
#include "plan/backoff.h"
#include "plan/engine-internal.h"

static int controller_compare_op(const Controller *a, const Controller *b)
{
        return a->op.id < b->op.id ? -1 : a->op.id > b->op.id;
}

RB_GENERATE(OpTree, Controller, by_op, controller_compare_op)

void controller_set_op(Engine *e, Controller *c, OpKind kind, uint64_t id)
{
        engine_mark_dirty(e, c);
        if (c->node)
                engine_mark_users_dirty(e, c->node);
        if (c->op.kind != OP_NONE)
                RB_REMOVE(OpTree, &e->ops, c);
        c->op = (Op) { .kind = kind, .id = id };
        if (kind != OP_NONE)
                RB_INSERT(OpTree, &e->ops, c);
}

Controller *engine_take_op(Engine *e, uint64_t op_id, OpKind kind)
{
        Controller probe = { .op.id = op_id };
        Controller *c = RB_FIND(OpTree, &e->ops, &probe);
        if (!c || c->op.kind != kind)
                return NULL;

        bool outdated = c->op.outdated;
        controller_set_op(e, c, OP_NONE, 0);
        return outdated ? NULL : c;
}

static uint64_t tid_seed(const Tid *t)
{
        return text_hash(text_hash(TEXT_HASH_BEGIN, t->subsysnqn), t->traddr);
}

void controller_fail_attempt(Engine *e, Controller *c, usec_t now)
{
        engine_mark_dirty(e, c);
        c->attempts.n_failures++;
        c->attempts.connect_at =
                usec_add(now, backoff_delay(c->attempts.n_failures, tid_seed(c->tid)));
}

void controller_forget_log_state(Engine *e, Controller *c)
{
        if (c->log.state == SOURCE_UNKNOWN)
                return;
        c->log.state = SOURCE_UNKNOWN;
        c->log.generation++;
        e->referrals_changed = true;
        engine_note(e, NOTE_LOG_CHANGED, c, 0);
}

/* Refused as a host that stays, it may be taken as one that asks and goes (NVMe Base 2.x: a Connect
 * with a Keep Alive Timeout is a wish for an explicit persistent connection); or the other way
 * round, should the controller have learnt it. */
static void try_other_way(Controller *c, int error)
{
        if (c->kind == CONTROLLER_DISCOVERY && error == -EIO)
                c->attempts.brief = !c->attempts.brief;
        c->attempts.polled = false;
}

static void connect_failed(Engine *e, Controller *c, int error, usec_t now)
{
        controller_fail_attempt(e, c, now);
        try_other_way(c, error);
        /* Connected by somebody else meanwhile: find out by whom. */
        if (error == -EALREADY)
                engine_request_scan(e);
        if (error != c->attempts.last_error)
                engine_note(e, NOTE_CONNECT_FAILED, c, error);
        c->attempts.last_error = error;
        engine_match_controller(e, c, now);
}

static int connect_succeeded(Engine *e, Controller *c, int instance, uint64_t inode, usec_t now)
{
        DeviceNode *n;

        int r = engine_get_device(e, instance, &n);
        if (r < 0)
                return r;
        /* Of an earlier connection with this name, should its removal have been lost. */
        engine_lose_settling(e, n, now);
        n->read_op_id = 0; /* a read begun before says nothing of this connection */
        n->read_again = false;
        n->touched = ++e->touched;
        engine_begin_settling(e, n, c, inode);
        c->attempts.since = now;
        c->attempts.made = true;
        controller_set_op(e, c, OP_SETTLE, ++e->last_op_id);
        return engine_request_read(e, n);
}

static void learn_from_connect(Engine *e, Controller *c, int error, usec_t now)
{
        if (!stall_is(error, now - e->connecting_since)) {
                if (c->portal)
                        engine_learn_answer(e, c->portal, error, now);
        } else if (!e->connecting_excused) {
                engine_learn_stall(e, c, e->connecting_since, now);
        }
}

static int connect_done(Engine *e, uint64_t op_id, int error, int instance, uint64_t inode,
                        usec_t now)
{
        int r = 0;

        engine_begin(e);
        Controller *c = engine_take_op(e, op_id, OP_CONNECT);
        if (!c)
                return 0;
        e->connecting = NULL;
        learn_from_connect(e, c, error, now);
        engine_defer_rivals(e, c, now);

        if (error < 0)
                connect_failed(e, c, error, now);
        else
                r = connect_succeeded(e, c, instance, inode, now);
        int q = engine_read_unread(e);
        return engine_recover(e, r < 0 ? r : q, now);
}

int engine_connect_done(Engine *e, uint64_t op_id, int error, int instance, usec_t now)
{
        return connect_done(e, op_id, error, instance, 0, now);
}

int engine_connected(Engine *e, uint64_t op_id, int instance, uint64_t inode, usec_t now)
{
        return connect_done(e, op_id, 0, instance, inode, now);
}

void engine_note_end(Engine *e, Controller *c, usec_t now)
{
        if (c->attempts.brief && c->wanted.is_wanted) {
                c->attempts.polled = true;
                c->attempts.connect_at = usec_add(now, PLAN_POLL_USEC);
                c->attempts.n_failures = 0;
                engine_note(e, NOTE_PARKED, c, 0);
        } else {
                engine_note(e, NOTE_DISCONNECTED, c, 0);
        }
        c->attempts.since = now;
}

/* The uevent of the removal was lost, else the row would have no device by now. */
static void disconnected(Engine *e, Controller *c, usec_t now)
{
        DeviceNode *n = c->node;

        engine_note_end(e, c, now);
        engine_detach(e, c);
        engine_end_device(e, n, now);
        engine_match_controller(e, c, now); /* it may be wanted again, and there another one */
}

static void keep_in_use(Engine *e, Controller *c, bool in_doubt, char *used_by, usec_t now)
{
        free(c->attempts.in_use_by);
        c->attempts.in_use_by = used_by;
        if (!c->attempts.in_use || (c->attempts.in_doubt && !in_doubt))
                engine_note(e, NOTE_IN_USE, c, 0);
        c->attempts.in_doubt = in_doubt && (c->attempts.in_doubt || !c->attempts.in_use);
        c->attempts.in_use = true;
        c->attempts.last_error = 0;
        c->attempts.disconnect_at = usec_add(now, PLAN_IN_USE_RETRY_USEC);
}

void engine_disconnect_kept(Engine *e, uint64_t op_id, bool in_doubt, char *used_by, usec_t now)
{
        engine_begin(e);
        Controller *c = engine_take_op(e, op_id, OP_DISCONNECT);
        if (c)
                keep_in_use(e, c, in_doubt, used_by, now);
        else
                free(used_by);
}

void engine_disconnect_done(Engine *e, uint64_t op_id, int error, usec_t now)
{
        engine_begin(e);
        Controller *c = engine_take_op(e, op_id, OP_DISCONNECT);
        if (!c)
                return;
        if (error >= 0 || error == -ENODEV || error == -ENOENT) {
                disconnected(e, c, now);
                return;
        }

        if (error == -EBUSY) {
                keep_in_use(e, c, false, NULL, now);
                return;
        }

        c->attempts.in_use = false;
        c->attempts.disconnect_at =
                usec_add(now, error == -EINPROGRESS ? PLAN_WATCH_USEC : PLAN_DISCONNECT_RETRY_USEC);
        if (error == -EINPROGRESS)
                return;
        /* The name was given to another controller, or this one is going: look before the next try.
         */
        if (error == -ESTALE || error == -EALREADY)
                (void) engine_request_read(e, c->node);
        else if (error != c->attempts.last_error)
                engine_note(e, NOTE_DISCONNECT_FAILED, c, error);
        c->attempts.last_error = error;
}

void engine_note_status(Engine *e, int nvme_status)
{
        if (e->output.n_notes > 0)
                e->output.notes[e->output.n_notes - 1].nvme_status = nvme_status;
}

static void read_log_failed(Engine *e, Controller *c, int error, int nvme_status, usec_t now)
{
        c->log.stale = true;
        if (nvme_status > 0 && controller_drop_offers(c)) {
                c->log.paced_until = 0;
                return;
        }
        c->log.n_failures++;
        c->log.retry_at = usec_add(now, PLAN_LOG_RETRY_USEC);
        if (error != c->log.last_error) {
                engine_note(e, NOTE_LOG_FAILED, c, error);
                engine_note_status(e, nvme_status);
        }
        c->log.last_error = error;
        if (error == -ENODEV || error == -ENOENT || error == -ENXIO || error == -ESTALE)
                (void) engine_request_read(e, c->node);
}

void engine_read_log_done(Engine *e, uint64_t op_id, int error, int nvme_status,
                          DiscoveryLog *taken, usec_t now)
{
        _cleanup_(discovery_log_freep) DiscoveryLog *log = taken;

        engine_begin(e);
        Controller *c = engine_take_op(e, op_id, OP_READ_LOG);
        if (!c)
                return; /* its connection has gone: the log of the next one counts */
        if (error < 0) {
                read_log_failed(e, c, error, nvme_status, now);
                return;
        }

        c->log.n_failures = 0;
        c->log.last_error = 0;
        c->log.retry_at = 0;
        c->log.n_left_out = 0;
        bool changed = c->log.state != SOURCE_COMPLETE || !c->log.log ||
                       !discovery_log_equal(c->log.log, log);
        (void) discovery_log_free(c->log.log);
        c->log.log = TAKE_PTR(log);
        c->log.state = SOURCE_COMPLETE;
        if (!changed)
                return;
        c->log.generation++;
        e->referrals_changed = true;
        engine_note(e, NOTE_LOG_CHANGED, c, 0);
}

static int device_added(Engine *e, DeviceNode *n)
{
        if (!e->connecting || n->device || n->read_op_id != 0)
                return engine_request_read(e, n);
        if (n->unread)
                return 0;
        /* Most likely the connection being made: its completion will have it read, once. */
        n->unread = true;
        TAILQ_INSERT_TAIL(&e->unread, n, unread_entry);
        return 0;
}

/* On the admin queue of a connection: what is said there ends with it. */
static bool is_conversation(OpKind op)
{
        return op == OP_REGISTER || op == OP_READ_SUPPORTED_LOGS || op == OP_READ_LOG;
}

static void users_reconnected(Engine *e, DeviceNode *n)
{
        Controller *c;

        LIST_FOREACH(c, &n->users, user_entry) {
                engine_mark_dirty(e, c);
                c->log.stale = true;
                c->log.retry_at = c->log.paced_until = 0;
                controller_begin_introduction(c);
                if (is_conversation(c->op.kind))
                        c->op.outdated = true;
                controller_forget_log_state(e, c);
        }
}

static void users_log_changed(Engine *e, DeviceNode *n)
{
        Controller *c;

        LIST_FOREACH(c, &n->users, user_entry) {
                engine_mark_dirty(e, c);
                c->log.stale = true;
                c->log.retry_at = 0;
        }
}

static int take_kernel_event(Engine *e, KernelEvent event, int instance, usec_t now)
{
        DeviceNode *n;

        if (event == KERNEL_REMOVED)
                return engine_forget_instance(e, instance, now);
        if (event == KERNEL_LOG_CHANGED && e->policy->role == CONTROLLER_IO)
                return 0; /* stafd reads it */

        int r = engine_get_device(e, instance, &n);
        if (r < 0)
                return r;
        n->touched = ++e->touched;
        switch (event) {
        case KERNEL_REDISCOVERED:
                engine_begin_news(e, n);
                users_reconnected(e, n);
                return device_added(e, n);
        case KERNEL_CONNECTED:
                users_reconnected(e, n);
                if (n->indexed)
                        engine_forgive_live(e, n);
                return device_added(e, n);
        case KERNEL_LOG_CHANGED:
                engine_begin_news(e, n);
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
        return engine_recover(e, take_kernel_event(e, event, instance, now), now);
}

void engine_kernel_events_lost(Engine *e)
{
        Controller *c;

        engine_begin(e);
        engine_request_scan(e);
        engine_distrust_reads(e);
        /* A change notice may be among the lost: a log that is thought to be current may not be. */
        RB_FOREACH(c, ControllerTree, &e->controllers) {
                c->log.stale = true;
                controller_begin_introduction(c);
                if (is_conversation(c->op.kind))
                        c->op.outdated = true; /* the name may mean another one already */
                engine_mark_dirty(e, c);
        }
}

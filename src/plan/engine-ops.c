/* SPDX-License-Identifier: Apache-2.0 */

/* Operations: of whom they are, and how connects and disconnects end. */

#include <assert.h>

#include "base/text.h"
#include "plan/backoff.h"
#include "plan/engine-internal.h"

static int controller_compare_op(const Controller *a, const Controller *b)
{
        return a->op.id < b->op.id ? -1 : a->op.id > b->op.id;
}

RB_GENERATE(OpTree, Controller, by_op, controller_compare_op)

void controller_set_op(Engine *e, Controller *c, Operation operation, uint64_t id)
{
        assert(operation == OPERATION_NONE || operation == OPERATION_SETTLE ||
               c->op.operation == OPERATION_NONE);
        engine_mark_dirty(e, c);
        if (c->node)
                engine_mark_users_dirty(e, c->node);
        if (c->op.operation != OPERATION_NONE)
                RB_REMOVE(OpTree, &e->ops, c);
        c->op = (Op) { .operation = operation, .id = id };
        if (operation != OPERATION_NONE)
                RB_INSERT(OpTree, &e->ops, c);
}

/* A recording does not tell the two apart. */
static bool is_end_of(Operation end, Operation o)
{
        return end == o || (end == OPERATION_REGISTER && o == OPERATION_DEREGISTER);
}

/* Whose operation it was, which is over; NULL: nobody's any more. */
static Controller *take_op(Engine *e, Completion *end)
{
        Controller key = { .op.id = end->op_id };
        Controller *c = RB_FIND(OpTree, &e->ops, &key);
        if (!c || !is_end_of(end->operation, c->op.operation))
                return NULL;

        bool outdated = c->op.outdated;
        end->operation = c->op.operation;
        controller_set_op(e, c, OPERATION_NONE, 0);
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

static int connect_succeeded(Engine *e, Controller *c, const Completion *end, usec_t now)
{
        DeviceNode *n;

        int r = engine_get_device(e, end->instance, &n);
        if (r < 0)
                return r;
        /* Of an earlier connection with this name, should its removal have been lost. */
        engine_lose_settling(e, n, now);
        n->read_op_id = 0; /* a read begun before says nothing of this connection */
        n->read_again = false;
        n->touched = ++e->touched;
        engine_begin_settling(e, n, c, end->inode);
        c->attempts.since = now;
        c->attempts.made = true;
        controller_set_op(e, c, OPERATION_SETTLE, ++e->last_op_id);
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

static int connect_ended(Engine *e, Controller *c, Completion *end, usec_t now)
{
        int r = 0;

        e->connecting = NULL;
        learn_from_connect(e, c, end->error, now);
        engine_defer_rivals(e, c, now);

        if (end->error < 0)
                connect_failed(e, c, end->error, now);
        else
                r = connect_succeeded(e, c, end, now);
        int q = engine_read_unread(e);
        return engine_recover(e, r < 0 ? r : q, now);
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

static void disconnect_failed(Engine *e, Controller *c, int error, usec_t now)
{
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

static int disconnect_ended(Engine *e, Controller *c, Completion *end, usec_t now)
{
        if (end->error >= 0 || end->error == -ENODEV || end->error == -ENOENT)
                disconnected(e, c, now);
        else if (end->error == -EBUSY || end->error == -ENODATA)
                keep_in_use(e, c, end->error == -ENODATA, TAKE_PTR(end->used_by), now);
        else
                disconnect_failed(e, c, end->error, now);
        return 0;
}

void engine_note_status(Engine *e, int nvme_status)
{
        if (e->output.n_notes > 0)
                e->output.notes[e->output.n_notes - 1].nvme_status = nvme_status;
}

bool engine_command_is_lost(int error)
{
        return error == -EINTR || error == -ETIME || error == -ETIMEDOUT;
}

void engine_look_after(Engine *e, Controller *c, int error)
{
        if (error == -ENODEV || error == -ENOENT || error == -ENXIO || error == -ESTALE)
                (void) engine_request_read(e, c->node);
}

/* Of a row, whose connection is there still; else the next one counts. */
static int (*const row_ends[_OPERATION_MAX])(Engine *e, Controller *c, Completion *end,
                                             usec_t now) = {
        [OPERATION_CONNECT] = connect_ended,
        [OPERATION_DISCONNECT] = disconnect_ended,
        [OPERATION_REGISTER] = engine_register_ended,
        [OPERATION_DEREGISTER] = engine_deregister_ended,
        [OPERATION_READ_SUPPORTED_LOGS] = engine_read_supported_logs_ended,
        [OPERATION_READ_LOG] = engine_read_log_ended,
};

/* Of none. */
static int (*const other_ends[_OPERATION_MAX])(Engine *e, Completion *end, usec_t now) = {
        [OPERATION_PROBE] = engine_probe_ended,
        [OPERATION_READ_DEVICE] = engine_read_device_ended,
        [OPERATION_SCAN] = engine_scan_ended,
};

int engine_complete(Engine *e, Completion completion, usec_t now)
{
        _cleanup_completion_ Completion end = completion;

        engine_begin(e);
        if (other_ends[end.operation])
                return other_ends[end.operation](e, &end, now);
        Controller *c = row_ends[end.operation] ? take_op(e, &end) : NULL;
        return c ? row_ends[end.operation](e, c, &end, now) : 0;
}

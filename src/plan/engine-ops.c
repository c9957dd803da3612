/* SPDX-License-Identifier: Apache-2.0 */

/* Operations: their rows, and the completion of connects and disconnects. */

#include <assert.h>

#include "base/text.h"
#include "plan/backoff.h"
#include "plan/engine-internal.h"

static int row_compare_op(const Row *a, const Row *b)
{
        return a->op.id < b->op.id ? -1 : a->op.id > b->op.id;
}

RB_GENERATE(OpTree, Row, by_op, row_compare_op)

void row_set_op(Engine *e, Row *row, Operation operation, uint64_t id)
{
        assert(operation == OPERATION_NONE || operation == OPERATION_SETTLE ||
               row->op.operation == OPERATION_NONE);
        engine_mark_dirty(e, row);
        if (row->node)
                engine_mark_users_dirty(e, row->node);
        if (row->op.operation != OPERATION_NONE)
                RB_REMOVE(OpTree, &e->ops, row);
        row->op = (Op) { .operation = operation, .id = id };
        if (operation != OPERATION_NONE)
                RB_INSERT(OpTree, &e->ops, row);
}

/* Recordings do not distinguish the two. */
static bool is_end_of(Operation end, Operation o)
{
        return end == o || (end == OPERATION_REGISTER && o == OPERATION_DEREGISTER);
}

/* Ends an operation. Returns its row, or NULL if the result no longer applies. */
static Row *take_op(Engine *e, Completion *end)
{
        Row key = { .op.id = end->op_id };
        Row *row = RB_FIND(OpTree, &e->ops, &key);
        if (!row || !is_end_of(end->operation, row->op.operation))
                return NULL;

        bool outdated = row->op.outdated;
        end->operation = row->op.operation;
        row_set_op(e, row, OPERATION_NONE, 0);
        return outdated ? NULL : row;
}

/* If an explicit persistent connection is refused, one without a keep-alive timeout may be accepted
 * (NVMe Base 2.x: a Connect with a Keep Alive Timeout requests an explicit persistent connection),
 * or vice versa, if the controller has changed. */
static bool may_go_another_way(const Engine *e, const Row *row, int error)
{
        return row->kind == CONTROLLER_DISCOVERY && error == -EIO &&
               row_persistence(e, row) == PERSISTENT_AUTO;
}

static void connect_failed(Engine *e, Row *row, int error, usec_t now)
{
        engine_mark_dirty(e, row);
        /* Connected by another program meanwhile: find out by which. */
        if (error == -EALREADY)
                engine_request_scan(e);
        if (error != row->attempts.last_error)
                engine_note(e, NOTE_CONNECT_FAILED, row, error);
        attempts_fail(&row->attempts, error, now - e->connecting_since,
                      may_go_another_way(e, row, error), row_seed(row), now);
        engine_match_controller(e, row, now);
}

/* This host lacks something, which concerns all rows: the target has not been asked. */
static void connect_not_begun(Engine *e, Row *row, int error, usec_t now)
{
        engine_mark_dirty(e, row);
        if (!engine_shortage_is_told(e, error, now))
                engine_note(e, NOTE_CONNECT_FAILED, row, error);
        attempts_postpone(&row->attempts, error, usec_add(now, PORTAL_SHORTAGE_USEC));
        engine_match_controller(e, row, now);
}

static int connect_succeeded(Engine *e, Row *row, const Completion *end, usec_t now)
{
        DeviceNode *n;

        int r = engine_get_device(e, end->instance, &n);
        if (r < 0)
                return r;
        /* Left over from an earlier connection with this name, if its removal was missed. */
        engine_lose_settling(e, n, now);
        n->read_op_id = 0; /* a read begun earlier does not apply to this connection */
        n->read_again = false;
        n->touched = ++e->touched;
        engine_begin_settling(e, n, row, end->inode);
        attempts_succeed(&row->attempts, now);
        row_set_op(e, row, OPERATION_SETTLE, ++e->last_op_id);
        return engine_request_read(e, n);
}

static void learn_from_connect(Engine *e, Row *row, int error, usec_t now)
{
        if (connect_is_shortage(error))
                return;
        if (!stall_is(error, now - e->connecting_since)) {
                if (row->portal)
                        engine_learn_answer(e, row->portal, error, now);
        } else if (!e->connecting_excused) {
                engine_learn_stall(e, row, e->connecting_since, now);
        }
}

static int connect_ended(Engine *e, Row *row, Completion *end, usec_t now)
{
        int r = 0;

        e->connecting = NULL;
        learn_from_connect(e, row, end->error, now);
        engine_defer_rivals(e, row, now);

        if (connect_is_shortage(end->error))
                connect_not_begun(e, row, end->error, now);
        else if (end->error < 0)
                connect_failed(e, row, end->error, now);
        else
                r = connect_succeeded(e, row, end, now);
        int q = engine_read_unread(e);
        return engine_recover(e, r < 0 ? r : q, now);
}

void engine_note_end(Engine *e, Row *row, usec_t now)
{
        bool poll = row_is_brief(e, row) && row->wanted.is_wanted;

        engine_note(e, poll ? NOTE_PARKED : NOTE_DISCONNECTED, row, 0);
        attempts_end(&row->attempts, poll ? engine_poll_at(e, now) : 0, now);
}

/* The uevent of the removal was lost; otherwise the row would have no device any more. */
static void disconnected(Engine *e, Row *row, usec_t now)
{
        DeviceNode *n = row->node;

        engine_note_end(e, row, now);
        engine_detach(e, row);
        engine_end_device(e, n, now);
        engine_match_controller(e, row, now); /* it may be wanted again */
}

static void keep_in_use(Engine *e, Row *row, bool in_doubt, char *used_by, usec_t now)
{
        if (attempts_find_in_use(&row->attempts, in_doubt, used_by, now))
                engine_note(e, NOTE_IN_USE, row, 0);
}

static void disconnect_failed(Engine *e, Row *row, int error, usec_t now)
{
        usec_t wait = error == -EINPROGRESS ? PLAN_WATCH_USEC : PLAN_DISCONNECT_RETRY_USEC;

        attempts_fail_disconnect(&row->attempts, usec_add(now, wait));
        if (error == -EINPROGRESS)
                return;
        /* The name refers to another controller, or this one is being removed: read it before the
         * next try. */
        if (error == -ESTALE || error == -EALREADY)
                (void) engine_request_read(e, row->node);
        else if (error != row->attempts.last_error)
                engine_note(e, NOTE_DISCONNECT_FAILED, row, error);
        attempts_set_error(&row->attempts, error);
}

static int disconnect_ended(Engine *e, Row *row, Completion *end, usec_t now)
{
        if (end->error >= 0 || end->error == -ENODEV || end->error == -ENOENT)
                disconnected(e, row, now);
        else if (end->error == -EBUSY || end->error == -ENODATA)
                keep_in_use(e, row, end->error == -ENODATA, TAKE_PTR(end->used_by), now);
        else
                disconnect_failed(e, row, end->error, now);
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

/* Path related, from the host or the controller (NVMe Base 2.x, Status Code Type). */
static bool is_path_status(int nvme_status)
{
        return nvme_status > 0 && (nvme_status & 0x700) == 0x300;
}

void engine_look_after(Engine *e, Row *row, const Completion *end)
{
        int error = end->error;
        bool is_gone = error == -ENODEV || error == -ENOENT || error == -ENXIO || error == -ESTALE;

        if (is_gone || error == -EAGAIN || engine_command_is_lost(error) ||
            is_path_status(end->nvme_status))
                (void) engine_request_read(e, row->node);
}

/* Operations of a row; ignored if its connection no longer exists. */
static int (*const row_ends[_OPERATION_MAX])(Engine *e, Row *row, Completion *end, usec_t now) = {
        [OPERATION_CONNECT] = connect_ended,
        [OPERATION_DISCONNECT] = disconnect_ended,
        [OPERATION_REGISTER] = engine_register_ended,
        [OPERATION_DEREGISTER] = engine_deregister_ended,
        [OPERATION_READ_SUPPORTED_LOGS] = engine_read_supported_logs_ended,
        [OPERATION_READ_LOG] = engine_read_log_ended,
};

/* Operations without a row. */
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
        Row *row = row_ends[end.operation] ? take_op(e, &end) : NULL;
        return row ? row_ends[end.operation](e, row, &end, now) : 0;
}

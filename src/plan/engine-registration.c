/* SPDX-License-Identifier: Apache-2.0 */

/* Registration with a TP8010 discovery controller before its log is read (Discovery Information
 * Management). It does not delay the log: a controller that refuses it, or does not answer, is used
 * without. */

#include "plan/engine-internal.h"

enum {
        STATUS_INVALID_OPCODE = 0x001, /* generic: not supported */
};

void row_begin_introduction(Row *row)
{
        row->registration.stale = true;
        if (row->registration.n_lost == 0)
                row->registration.retry_at = 0;
        log_begin_offers(&row->log);
}

void row_end_introduction(Row *row)
{
        if (row->attempts.made)
                return;
        row->registration.n_lost = 0;
        log_forgive(&row->log);
}

bool row_must_register(const Row *row)
{
        return row->registration.stale && row->node && device_takes_registration(row->node->device);
}

static usec_t retry_delay(unsigned n_lost)
{
        usec_t delay = PLAN_REGISTER_RETRY_USEC;

        while (n_lost-- > 0 && delay < PLAN_REGISTER_RETRY_MAX_USEC)
                delay *= 4;
        return MIN(delay, PLAN_REGISTER_RETRY_MAX_USEC);
}

static void register_failed(Engine *e, Row *row, const Completion *end, usec_t now)
{
        Registration *r = &row->registration;

        /* If not supported: not retried on this connection. */
        r->stale = end->nvme_status != STATUS_INVALID_OPCODE;
        if (end->error != -EAGAIN) /* not sent: the connection is lost */
                r->n_lost = engine_command_is_lost(end->error) ? r->n_lost + 1 : 0;
        r->retry_at = usec_add(now, retry_delay(r->n_lost));
        engine_look_after(e, row, end);
        if (end->error == -EAGAIN)
                return;
        if (end->error != r->last_error || end->nvme_status != r->last_status) {
                engine_note(e, NOTE_REGISTER_FAILED, row, end->error);
                engine_note_status(e, end->nvme_status);
        }
        r->last_error = end->error;
        r->last_status = end->nvme_status;
}

int engine_register_ended(Engine *e, Row *row, Completion *end, usec_t now)
{
        if (end->error < 0) {
                register_failed(e, row, end, now);
                return 0;
        }
        row->registration = (Registration) { .stale = row->registration.stale, .done = true };
        engine_note(e, NOTE_REGISTERED, row, 0);
        return 0;
}

int engine_deregister_ended(Engine *e, Row *row, Completion *end, usec_t now)
{
        row->registration.done = false;
        row->registration.stale = true; /* in case it is wanted again before it is removed */
        engine_note(e, NOTE_DEREGISTERED, row, end->error);
        engine_note_status(e, end->nvme_status);
        engine_look_after(e, row, end);
        return 0;
}

void engine_register_again(Engine *e)
{
        Row *row;

        engine_begin(e);
        RB_FOREACH(row, RowTree, &e->controllers) {
                row->registration.stale = true;
                row->registration.retry_at = 0;
                engine_mark_dirty(e, row);
        }
}

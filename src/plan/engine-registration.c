/* SPDX-License-Identifier: Apache-2.0 */

/* What is said to a discovery controller of TP8010 before its log is read: who we are (Discovery
 * Information Management), and, to a direct one, that the entries of its other ports are not asked
 * for, should it offer that (log page 00h). Nothing of this holds the log up: a controller that
 * refuses, or does not answer, is one that does without. */

#include "plan/engine-internal.h"

enum {
        STATUS_INVALID_OPCODE = 0x001, /* generic: it has no such command */
};

/* The kernel cancelled the command when the controller did not answer, and the connection with it;
 * or the connection broke by itself. */
static bool is_lost(int error)
{
        return error == -EINTR || error == -ETIME || error == -ETIMEDOUT;
}

void controller_begin_introduction(Controller *c)
{
        c->registration.stale = true;
        if (c->registration.n_lost == 0)
                c->registration.retry_at = 0;
        c->log.offers_known = c->log.offers_lost;
        c->log.offers = 0;
}

bool controller_must_register(const Controller *c)
{
        return c->registration.stale && c->node && device_takes_registration(c->node->device);
}

static bool may_ask_for_port(const Engine *e, const Controller *c)
{
        return e->policy->pleo && c->node && device_is_ddc(c->node->device);
}

bool controller_must_read_offers(const Engine *e, const Controller *c)
{
        return !c->log.offers_known && may_ask_for_port(e, c);
}

unsigned controller_log_options(const Engine *e, const Controller *c)
{
        return may_ask_for_port(e, c) ? c->log.offers & DISCOVERY_LOG_PORT_LOCAL : 0;
}

bool controller_drop_offers(Controller *c)
{
        bool had_any = c->log.offers != 0;

        c->log.offers = 0;
        return had_any;
}

static void look_after(Engine *e, Controller *c, int error)
{
        if (error == -ENODEV || error == -ENOENT || error == -ENXIO || error == -ESTALE)
                (void) engine_request_read(e, c->node);
}

static usec_t retry_delay(unsigned n_lost)
{
        usec_t delay = PLAN_REGISTER_RETRY_USEC;

        while (n_lost-- > 0 && delay < PLAN_REGISTER_RETRY_MAX_USEC)
                delay *= 4;
        return MIN(delay, PLAN_REGISTER_RETRY_MAX_USEC);
}

static void register_failed(Engine *e, Controller *c, int error, int nvme_status, usec_t now)
{
        Registration *r = &c->registration;

        /* Until the next connection, else. */
        r->stale = nvme_status != STATUS_INVALID_OPCODE;
        r->n_lost = is_lost(error) ? r->n_lost + 1 : 0;
        r->retry_at = usec_add(now, retry_delay(r->n_lost));
        if (error != r->last_error || nvme_status != r->last_status) {
                engine_note(e, NOTE_REGISTER_FAILED, c, error);
                engine_note_status(e, nvme_status);
        }
        r->last_error = error;
        r->last_status = nvme_status;
        look_after(e, c, error);
}

static void registered(Engine *e, Controller *c)
{
        c->registration = (Registration) { .stale = c->registration.stale, .done = true };
        engine_note(e, NOTE_REGISTERED, c, 0);
}

static void deregistered(Engine *e, Controller *c, int error, int nvme_status)
{
        c->registration.done = false;
        c->registration.stale = true; /* should it be wanted again before it is gone */
        engine_note(e, NOTE_DEREGISTERED, c, error);
        engine_note_status(e, nvme_status);
        look_after(e, c, error);
}

void engine_register_done(Engine *e, uint64_t op_id, int error, int nvme_status, usec_t now)
{
        engine_begin(e);
        Controller *c = engine_take_op(e, op_id, OP_REGISTER);
        if (c && error < 0)
                register_failed(e, c, error, nvme_status, now);
        else if (c)
                registered(e, c);
        if (c)
                return;
        c = engine_take_op(e, op_id, OP_DEREGISTER);
        if (c)
                deregistered(e, c, error, nvme_status);
}

void engine_read_supported_logs_done(Engine *e, uint64_t op_id, int error, unsigned offers,
                                     usec_t now)
{
        engine_begin(e);
        Controller *c = engine_take_op(e, op_id, OP_READ_SUPPORTED_LOGS);
        if (!c)
                return;
        c->log.offers_known = true;
        c->log.offers = error < 0 ? 0 : offers;
        c->log.offers_lost = is_lost(error);
        look_after(e, c, error);
}

void engine_register_again(Engine *e)
{
        Controller *c;

        engine_begin(e);
        RB_FOREACH(c, ControllerTree, &e->controllers) {
                c->registration.stale = true;
                c->registration.retry_at = 0;
                engine_mark_dirty(e, c);
        }
}

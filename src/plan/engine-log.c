/* SPDX-License-Identifier: Apache-2.0 */

/* The log of a discovery controller: when it is to be read, what may be asked for of it, and what
 * it said. To a direct one it is said that the entries of its other ports are not asked for, should
 * it offer that (log page 00h). Nothing else writes to Controller.log but engine-log_room.c. */

#include "plan/engine-internal.h"

void log_connected(LogStatus *l)
{
        l->stale = true;
        l->retry_at = l->paced_until = 0;
}

void log_changed(LogStatus *l)
{
        l->stale = true;
        l->retry_at = 0;
}

void log_distrust(LogStatus *l)
{
        l->stale = true;
}

void log_read_again(LogStatus *l)
{
        l->stale = true;
        l->paced_until = 0;
        l->offers_known = l->offers_lost = false;
}

void log_retry(LogStatus *l)
{
        l->retry_at = 0;
}

void log_begin_read(LogStatus *l, usec_t now)
{
        l->stale = false;
        l->paced_until = usec_add(now, PLAN_LOG_PACE_USEC);
}

void log_begin_offers(LogStatus *l)
{
        l->offers_known = l->offers_lost;
        l->offers = 0;
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

/* The log was refused as it was asked for. True: it is to be asked for in another way. */
static bool drop_offers(Controller *c)
{
        bool had_any = c->log.offers != 0;

        c->log.offers = 0;
        return had_any;
}

int engine_read_supported_logs_ended(Engine *e, Controller *c, Completion *end, usec_t now)
{
        c->log.offers_known = true;
        c->log.offers = end->error < 0 ? 0 : end->offers;
        c->log.offers_lost = engine_command_is_lost(end->error);
        engine_look_after(e, c, end->error);
        return 0;
}

static void read_log_failed(Engine *e, Controller *c, int error, int nvme_status, usec_t now)
{
        c->log.stale = true;
        if (nvme_status > 0 && drop_offers(c)) {
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
        engine_look_after(e, c, error);
}

int engine_read_log_ended(Engine *e, Controller *c, Completion *end, usec_t now)
{
        if (end->error < 0) {
                read_log_failed(e, c, end->error, end->nvme_status, now);
                return 0;
        }

        c->log.n_failures = 0;
        c->log.last_error = 0;
        c->log.retry_at = 0;
        c->log.n_left_out = 0;
        bool changed = c->log.state != SOURCE_COMPLETE || !c->log.log ||
                       !discovery_log_equal(c->log.log, end->log);
        (void) discovery_log_free(c->log.log);
        c->log.log = TAKE_PTR(end->log);
        c->log.state = SOURCE_COMPLETE;
        if (!changed)
                return 0;
        c->log.generation++;
        e->referrals_changed = true;
        engine_note(e, NOTE_LOG_CHANGED, c, 0);
        return 0;
}

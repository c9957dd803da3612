/* SPDX-License-Identifier: Apache-2.0 */

/* The log of a discovery controller: the time to read it, the options to request, and its contents.
 * For a direct discovery controller only the entries of its own port are requested, if it supports
 * that (log page 00h). Row.log is modified only here and in engine-log_room.c. */

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

void log_begin_read(LogStatus *l, usec_t poll_at, usec_t now)
{
        l->stale = false;
        l->paced_until = usec_add(now, PLAN_LOG_PACE_USEC);
        l->poll_at = poll_at;
}

usec_t engine_poll_at(const Engine *e, usec_t now)
{
        unsigned minutes = e->policy->poll_minutes;

        return usec_add(now, minutes > 0 ? (usec_t) minutes * 60 * USEC_PER_SEC : PLAN_POLL_USEC);
}

int row_persistence(const Engine *e, const Row *row)
{
        const Claim *origin = row_origin(row);
        int32_t value = e->policy->settings.value[SETTING_PERSISTENT];

        if (origin && origin->entry->settings.value[SETTING_PERSISTENT] != SETTING_DEFAULT)
                value = origin->entry->settings.value[SETTING_PERSISTENT];
        return value == SETTING_DEFAULT || value == SETTING_RESET ? PERSISTENT_AUTO : value;
}

/* A connection that others made, or an earlier run, stays. */
bool row_is_brief(const Engine *e, const Row *row)
{
        if (row->kind != CONTROLLER_DISCOVERY)
                return false;
        switch (row_persistence(e, row)) {
        case PERSISTENT_NO:
                return !row->node || row->attempts.made;
        case PERSISTENT_FORCE:
                return false;
        default:
                return row->attempts.brief;
        }
}

void log_begin_offers(LogStatus *l)
{
        l->offers_known = l->offers_lost;
        l->offers = 0;
}

void log_forgive(LogStatus *l)
{
        l->offers_lost = false;
}

void row_forget_log_state(Engine *e, Row *row)
{
        if (row->log.state == SOURCE_UNKNOWN)
                return;
        row->log.state = SOURCE_UNKNOWN;
        row->log.generation++;
        e->referrals_changed = true;
        engine_note(e, NOTE_LOG_CHANGED, row, 0);
}

static bool may_ask_for_port(const Engine *e, const Row *row)
{
        return e->policy->pleo && row->node && device_is_ddc(row->node->device);
}

bool row_must_read_offers(const Engine *e, const Row *row)
{
        return !row->log.offers_known && may_ask_for_port(e, row);
}

unsigned row_log_options(const Engine *e, const Row *row)
{
        return may_ask_for_port(e, row) ? row->log.offers & DISCOVERY_LOG_PORT_LOCAL : 0;
}

/* The log could not be read with the requested options. Returns true if it must be requested
 * without them. */
static bool drop_offers(Row *row)
{
        bool had_any = row->log.offers != 0;

        row->log.offers = 0;
        return had_any;
}

int engine_read_supported_logs_ended(Engine *e, Row *row, Completion *end, usec_t now)
{
        row->log.offers_known = true;
        row->log.offers = end->error < 0 ? 0 : end->offers;
        row->log.offers_lost = engine_command_is_lost(end->error);
        engine_look_after(e, row, end);
        return 0;
}

static void read_log_failed(Engine *e, Row *row, const Completion *end, usec_t now)
{
        row->log.stale = true;
        if (end->nvme_status > 0 && drop_offers(row)) {
                row->log.paced_until = 0;
                return;
        }
        usec_t delay = PLAN_LOG_RETRY_USEC << MIN(row->log.n_failures, 5U);
        row->log.n_failures++;
        row->log.retry_at = usec_add(now, MIN(delay, PLAN_LOG_RETRY_MAX_USEC));
        engine_look_after(e, row, end);
        if (end->error == -EAGAIN)
                return; /* the connection is lost, and nothing was sent */
        if (end->error != row->log.last_error) {
                engine_note(e, NOTE_LOG_FAILED, row, end->error);
                engine_note_status(e, end->nvme_status);
        }
        row->log.last_error = end->error;
}

/* The first log after a reconnect names less than the one before. */
static bool must_be_confirmed(const LogStatus *l, const DiscoveryLog *log)
{
        return l->state == SOURCE_UNKNOWN && l->log && !discovery_log_covers(log, l->log);
}

int engine_read_log_ended(Engine *e, Row *row, Completion *end, usec_t now)
{
        if (end->error < 0) {
                read_log_failed(e, row, end, now);
                return 0;
        }

        row->log.n_failures = 0;
        row->log.last_error = 0;
        row->log.retry_at = 0;
        row->log.n_left_out = 0;
        SourceState state = end->log->partial ? SOURCE_PARTIAL : SOURCE_COMPLETE;
        if (state == SOURCE_PARTIAL && row->log.state != SOURCE_PARTIAL)
                engine_note(e, NOTE_LOG_PARTIAL, row, 0);
        if (must_be_confirmed(&row->log, end->log)) {
                state = SOURCE_PARTIAL;
                row->log.stale = true;
                row->log.paced_until = usec_add(now, PLAN_LOG_CONFIRM_USEC);
        }
        bool changed = row->log.state != state || !row->log.log ||
                       !discovery_log_equal(row->log.log, end->log);
        (void) discovery_log_free(row->log.log);
        row->log.log = TAKE_PTR(end->log);
        row->log.state = state;
        if (!changed)
                return 0;
        row->log.generation++;
        e->referrals_changed = true;
        engine_note(e, NOTE_LOG_CHANGED, row, 0);
        return 0;
}

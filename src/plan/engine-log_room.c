/* SPDX-License-Identifier: Apache-2.0 */

/* The total number of entries in all discovery logs is limited. Logs of configured discovery
 * controllers are served first, then those of the controllers they lead to, connected ones before
 * others, and then those that mDNS leads to, which get a part only. A log with entries left out is
 * partial: its missing entries are not treated as removed. It is read again once there is room for
 * all of it. */

#include "plan/engine-internal.h"

typedef enum LogRank {
        LOG_CONFIGURED, /* or from the firmware */
        LOG_LED_TO,     /* from those above */
        LOG_LED_TO_AWAY,
        LOG_ANNOUNCED, /* or led to from those */
        LOG_ANNOUNCED_AWAY,
        _LOG_RANK_MAX,
} LogRank;

typedef struct LogRoom {
        size_t n_all, n_announced; /* entries left */
} LogRoom;

static bool is_configured(const Row *row)
{
        return row->wanted.is_wanted && row->wanted.claims[0].set->kind <= SOURCE_NBFT;
}

static LogRank rank_of(const Row *row)
{
        const Row *root = row->referrals.root;

        if (is_configured(row))
                return LOG_CONFIGURED;
        if (root && is_configured(root))
                return row->node ? LOG_LED_TO : LOG_LED_TO_AWAY;
        return root && row->node ? LOG_ANNOUNCED : LOG_ANNOUNCED_AWAY;
}

/* Keeps n entries, referrals first. */
static void shorten(DiscoveryLog *log, size_t n)
{
        size_t n_referrals = 0, n_kept = 0;

        for (size_t i = 0; i < log->n_entries; i++)
                n_referrals += log->entries[i].subtype == DLPE_REFERRAL;
        size_t n_others = n - MIN(n, n_referrals);
        n_referrals = MIN(n, n_referrals);
        for (size_t i = 0; i < log->n_entries; i++) {
                DlpEntry *e = &log->entries[i];
                size_t *left = e->subtype == DLPE_REFERRAL ? &n_referrals : &n_others;
                if (*left == 0) {
                        dlpe_done(e);
                        continue;
                }
                (*left)--;
                log->entries[n_kept++] = *e;
        }
        log->n_entries = n_kept;
        /* If the array cannot be shrunk, it keeps its size. */
        DlpEntry *entries = realloc(log->entries, MAX(n_kept, 1U) * sizeof(*entries));
        log->entries = entries ? entries : log->entries;
}

static void leave_out(Engine *e, Row *row, size_t n)
{
        LogStatus *l = &row->log;

        l->n_left_out += l->log->n_entries - n;
        shorten(l->log, n);
        l->state = MIN(l->state, SOURCE_PARTIAL);
        l->generation++;
        engine_note(e, NOTE_LOG_CHANGED, row, 0);
        if (!l->told_left_out)
                engine_note(e, NOTE_LOG_LEFT_OUT, row, 0);
        l->told_left_out = true;
}

static void give_room(Engine *e, Row *row, LogRank rank, LogRoom *room)
{
        LogStatus *l = &row->log;
        size_t wanted = l->log->n_entries + l->n_left_out;
        size_t left = rank < LOG_ANNOUNCED ? room->n_all : MIN(room->n_all, room->n_announced);
        size_t n = MIN(wanted, left);

        if (n < l->log->n_entries)
                leave_out(e, row, n);
        room->n_all -= n;
        room->n_announced -= rank < LOG_ANNOUNCED ? 0 : n;
        if (n < wanted)
                return;
        l->told_left_out = false;
        if (l->n_left_out == 0)
                return;
        l->n_left_out = 0;
        l->stale = true;
        engine_mark_dirty(e, row);
}

void engine_bound_logs(Engine *e)
{
        LogRoom room = { LOG_ENTRIES_MAX, LOG_ENTRIES_ANNOUNCED_MAX };
        Row *row;

        for (LogRank rank = 0; rank < _LOG_RANK_MAX; rank++)
                RB_FOREACH(row, RowTree, &e->controllers)
                        if (row->log.log && rank_of(row) == rank)
                                give_room(e, row, rank, &room);
}

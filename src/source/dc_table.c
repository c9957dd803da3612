/* SPDX-License-Identifier: Apache-2.0 */

#include "source/dc_table.h"

#include <stdio.h>

#include "base/array.h"
#include "base/text.h"

/* Controllers missing from the list are kept until new ones in it were read, as these may be the
 * same discovery controllers with other parameters. A new one that gives no answer is not waited
 * for longer than this. */
#define NEWCOMER_USEC (30 * USEC_PER_SEC)

char *dc_source_key(const Tid *dc)
{
        _cleanup_free_ char *text = tid_to_string(dc);
        char *key;

        /* The text omits the host NQN, which may be the only difference between two controllers. */
        if (!text ||
            asprintf(&key, "dc %s%s%s", text, *dc->host_nqn ? " as " : "", dc->host_nqn) < 0)
                return NULL;
        return key;
}

/* ---- reports to the handler ---- */

static int table_tell(DcTable *t, SourceState state)
{
        SourceSet *set;

        if (t->told == state)
                return 0;
        if (source_set_new(STAFD_SOURCE_KEY, SOURCE_DISCOVERY_LOG, state, &set) < 0)
                return -ENOMEM;
        t->told = state;
        t->handler(set, STAFD_SOURCE_KEY, t->userdata);
        return 0;
}

static int dc_tell(DcTable *t, Dc *dc, SourceState state)
{
        StafdOrigin origin = {
                .key = dc->key,
                .device = dc->device,
                .dc = dc->tid,
                .host = t->host,
                .names = t->names,
        };
        SourceSet *set;

        /* A removed entry may reappear with the next page, at another position. */
        if (dc->is_open && !dc->is_apart)
                state = MIN(state, SOURCE_PARTIAL);
        /* Nothing to report: the remembered entries are more useful. */
        if (dc->is_remembered && state == SOURCE_UNKNOWN && dc->log.n_entries == 0)
                return 0;
        if (stafd_log_to_set(&dc->log, state, &origin, &set) < 0) {
                dc->is_read = false;
                return -ENOMEM;
        }
        dc->is_remembered = false;
        dc->told = state;
        t->handler(set, dc->key, t->userdata);
        return 0;
}

static int dc_doubt(DcTable *t, Dc *dc)
{
        dc->is_read = false;
        return dc->told == SOURCE_UNKNOWN ? 0 : dc_tell(t, dc, SOURCE_UNKNOWN);
}

int dc_table_doubt(DcTable *t)
{
        int r = 0;

        t->is_complete = false;
        for (size_t i = 0; i < t->n_dcs; i++)
                if (dc_doubt(t, t->dcs[i]) < 0)
                        r = -ENOMEM;
        return table_tell(t, SOURCE_UNKNOWN) < 0 ? -ENOMEM : r;
}

static void table_drop(DcTable *t, const char *key)
{
        t->handler(NULL, key, t->userdata);
}

/* ---- rows ---- */

static Dc *dc_free(Dc *dc)
{
        if (!dc)
                return NULL;
        stafd_log_done(&dc->log);
        stafd_log_done(&dc->next);
        (void) tid_free(dc->tid);
        free(dc->key);
        free(dc->device);
        free(dc);
        return NULL;
}
DEFINE_CLEANUP(Dc, dc_free)

/* Returns the position of tid, or where it would be inserted. */
static size_t table_search(const DcTable *t, const Tid *tid, bool *ret_found)
{
        size_t low = 0, high = t->n_dcs;

        *ret_found = false;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = tid_compare(t->dcs[middle]->tid, tid);
                if (order == 0) {
                        *ret_found = true;
                        return middle;
                }
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static bool table_unexpect(DcTable *t, const char *key)
{
        for (size_t i = 0; i < t->n_expected; i++)
                if (streq(t->expected[i], key)) {
                        free(t->expected[i]);
                        t->expected[i] = t->expected[--t->n_expected];
                        return true;
                }
        return false;
}

/* Takes ownership of the item's tid and device. */
static int table_add(DcTable *t, size_t place, StafdListed *item, usec_t now)
{
        _cleanup_(dc_freep) Dc *dc = calloc(1, sizeof(*dc));

        if (!dc || ARRAY_RESERVE(t->dcs, t->n_allocated, t->n_dcs + 1) < 0)
                return -ENOMEM;
        dc->told = _SOURCE_STATE_INVALID;
        dc->key = dc_source_key(item->tid);
        if (!dc->key)
                return -ENOMEM;
        dc->tid = TAKE_PTR(item->tid);
        dc->device = TAKE_PTR(item->device);
        dc->is_due = dc->is_listed = true;
        dc->since = now;
        dc->is_remembered = table_unexpect(t, dc->key);
        memmove(t->dcs + place + 1, t->dcs + place, (t->n_dcs - place) * sizeof(*t->dcs));
        Dc *added = t->dcs[place] = TAKE_PTR(dc);
        t->n_dcs++;
        /* The source must be known before the list is reported complete. */
        return dc_tell(t, added, SOURCE_UNKNOWN);
}

/* ---- room ---- */

/* The log as received from stafd. */
static StafdLog *dc_log(Dc *dc)
{
        return dc->is_apart ? &dc->next : &dc->log;
}

static size_t table_room(const DcTable *t, const Dc *dc)
{
        size_t n = 0;

        for (size_t i = 0; i < t->n_dcs; i++)
                n += t->dcs[i] == dc ? 0 : dc_log(t->dcs[i])->n_entries;
        return STAFD_ALL_ENTRIES_MAX - MIN(n, (size_t) STAFD_ALL_ENTRIES_MAX);
}

/* Omitted entries are not removed ones. */
static void table_bound(const DcTable *t, Dc *dc, StafdLog *log)
{
        size_t room = table_room(t, dc);

        dc->n_left_out = log->n_entries - MIN(log->n_entries, room);
        if (dc->n_left_out == 0)
                return;
        log->damaged = true;
        while (log->n_entries > room)
                dlpe_done(&log->entries[--log->n_entries].dlpe);
        /* If shrinking fails, the larger block is kept. */
        LogEntry *entries = realloc(log->entries, MAX(room, 1U) * sizeof(*entries));
        log->entries = entries ? entries : log->entries;
}

static bool table_has_room(const DcTable *t, const Dc *dc)
{
        return dc->n_left_out > 0 && table_room(t, dc) >= dc->log.n_entries + dc->n_left_out;
}

bool dc_table_is_full(const DcTable *t)
{
        for (size_t i = 0; i < t->n_dcs; i++)
                if (t->dcs[i]->n_left_out > 0)
                        return true;
        return false;
}

/* Old controllers remain next to the same number of new ones. */
static bool table_is_full(const DcTable *t)
{
        return t->n_dcs >= (size_t) 2 * STAFD_CONTROLLERS_MAX;
}

static int table_apply_item(DcTable *t, StafdListed *item, bool always, usec_t now)
{
        bool found;
        size_t place = table_search(t, item->tid, &found);

        if (!found)
                return table_is_full(t) ? -E2BIG : table_add(t, place, item, now);
        Dc *dc = t->dcs[place];
        dc->is_listed = true;
        /* A read in progress was sent after this list: its answer is not older. */
        if (!dc->is_asked &&
            (always || !dc->is_read || table_has_room(t, dc) ||
             dc->log.generation != item->generation || dc->log.state != item->state))
                dc->is_due = true;
        return text_replace(&dc->device, item->device);
}

/* ---- controllers missing from a list ---- */

static bool dc_is_silent(const Dc *dc)
{
        return dc->told == SOURCE_UNKNOWN && dc->log.n_entries == 0 && !dc->is_remembered;
}

static bool table_awaits_newcomers(DcTable *t, usec_t now)
{
        usec_t until = 0;

        for (size_t i = 0; i < t->n_dcs; i++)
                if (t->dcs[i]->is_listed && dc_is_silent(t->dcs[i]))
                        until = MAX(until, usec_add(t->dcs[i]->since, NEWCOMER_USEC));
        if (until <= now)
                return false;
        t->next_at = until;
        return true;
}

/* Drops the controllers missing from a complete list. */
static void table_drop_unlisted(DcTable *t, usec_t now)
{
        size_t n = 0, n_listed = 0;

        t->next_at = USEC_INFINITY;
        for (size_t i = 0; i < t->n_dcs; i++)
                n_listed += t->dcs[i]->is_listed;
        if (!t->is_complete || (n_listed == t->n_dcs && t->n_expected == 0) ||
            table_awaits_newcomers(t, now))
                return;
        for (size_t i = 0; i < t->n_dcs; i++) {
                Dc *dc = t->dcs[i];
                if (dc->is_listed) {
                        t->dcs[n++] = dc;
                        continue;
                }
                table_drop(t, dc->key);
                (void) dc_free(dc);
        }
        t->n_dcs = n;
        while (t->n_expected > 0) {
                _cleanup_free_ char *key = t->expected[--t->n_expected];
                table_drop(t, key);
        }
}

void dc_table_elapse(DcTable *t, usec_t now)
{
        if (t->next_at <= now)
                table_drop_unlisted(t, now);
}

/* Controllers missing from an incomplete list are in doubt. */
static int table_apply_absence(DcTable *t, usec_t now)
{
        int r = 0;

        for (size_t i = 0; i < t->n_dcs; i++)
                if (!t->dcs[i]->is_listed) {
                        t->dcs[i]->is_due = false;
                        if (!t->is_complete && dc_doubt(t, t->dcs[i]) < 0)
                                r = -ENOMEM;
                }
        table_drop_unlisted(t, now);
        return r;
}

/* ---- data from stafd ---- */

/* The end of a list, or of the changes, was received. */
static int table_end(DcTable *t, bool complete, usec_t now)
{
        t->is_complete = complete;
        if (table_apply_absence(t, now) < 0)
                t->is_short = true;
        if (table_tell(t, complete ? SOURCE_COMPLETE : SOURCE_PARTIAL) < 0)
                t->is_short = true;
        return t->is_short ? -ENOMEM : 0;
}

/* From now on, only what is received again is known to be still valid. */
static void dc_begin(Dc *dc, bool is_apart)
{
        stafd_log_done(&dc->next);
        dc->is_apart = is_apart;
        dc->is_listed = dc->is_open = dc->is_cut = false;
}

int dc_table_apply(DcTable *t, StafdList *list, bool always, usec_t now)
{
        bool complete = list->complete;

        t->is_short = false;
        for (size_t i = 0; i < t->n_dcs; i++)
                dc_begin(t->dcs[i], false);
        for (size_t i = 0; i < list->n_items; i++) {
                int r = table_apply_item(t, &list->items[i], always, now);
                if (r < 0)
                        complete = false;
                if (r == -ENOMEM)
                        t->is_short = true;
        }
        return table_end(t, complete, now);
}

static Dc *table_find(const DcTable *t, const Tid *tid)
{
        bool found;
        size_t place = table_search(t, tid, &found);

        return found ? t->dcs[place] : NULL;
}

/* Takes ownership of dc and device of the log. */
static int table_get(DcTable *t, ChangedLog *l, usec_t now, Dc **ret)
{
        bool found;
        size_t place = table_search(t, l->dc, &found);
        int r = 0;

        if (found)
                r = text_replace(&t->dcs[place]->device, l->device);
        else if (table_is_full(t))
                return -E2BIG;
        else {
                StafdListed item = { .tid = TAKE_PTR(l->dc), .device = TAKE_PTR(l->device) };
                r = table_add(t, place, &item, now);
                (void) tid_free(item.tid);
                free(item.device);
                if (r < 0)
                        return r;
                dc_begin(t->dcs[place], true);
                t->dcs[place]->is_due = false;
        }
        *ret = t->dcs[place];
        return r;
}

static bool log_is_damaged(const StafdLog *l)
{
        for (size_t i = 0; i < l->n_entries; i++)
                if (l->entries[i].damaged)
                        return true;
        return false;
}

/* The whole log has been received. */
static int table_finish_log(DcTable *t, Dc *dc, const ChangedLog *l)
{
        StafdLog *log = dc_log(dc);

        if (!dc->is_cut && log->n_entries != l->n_entries)
                return -EBADMSG;
        dc->n_left_out = dc->is_cut ? l->n_entries - MIN(l->n_entries, log->n_entries) : 0;
        log->damaged = dc->is_cut || log_is_damaged(log);
        /* If stafd has not read it yet, the previous log is the best guess. */
        if (dc->is_apart && (l->state != SOURCE_UNKNOWN || log->n_entries > 0)) {
                stafd_log_done(&dc->log);
                dc->log = dc->next;
                dc->next = (StafdLog) { 0 };
                dc->is_apart = false;
        }
        dc->log.state = l->state;
        dc->log.generation = l->generation;
        dc->is_read = true;
        return dc_tell(t, dc, l->state);
}

static int table_take_log(DcTable *t, ChangedLog *l, usec_t now)
{
        Dc *dc;

        int r = table_get(t, l, now, &dc);
        if (r == -E2BIG) {
                t->has_hole = true;
                return 0;
        }
        if (r < 0)
                return r;
        dc->is_listed = true;
        dc->is_open = !l->finished;
        if (!dc->is_cut) {
                size_t room = MIN(table_room(t, dc), (size_t) STAFD_ENTRIES_MAX);
                r = stafd_log_merge(dc_log(dc), l, room);
                if (r < 0)
                        return r;
                dc->is_cut = r > 0;
        }
        return l->finished ? table_finish_log(t, dc, l) : 0;
}

/* Controllers that were in doubt and have not changed are certain again. */
static int table_confirm(DcTable *t)
{
        int r = 0;

        for (size_t i = 0; i < t->n_dcs && r >= 0; i++) {
                Dc *dc = t->dcs[i];
                if (!dc->is_listed || (dc->is_read && !dc->is_open))
                        continue;
                if (dc->is_open)
                        return -EBADMSG;
                dc->is_read = true;
                if (dc->told != SOURCE_UNKNOWN || dc->log.state != SOURCE_UNKNOWN)
                        r = dc_tell(t, dc, dc->log.state);
        }
        return r;
}

int dc_table_take(DcTable *t, LogChanges *page, usec_t now)
{
        int r = 0;

        t->is_complete = t->is_short = false;
        t->has_hole = page->has_hole || (t->has_hole && !page->whole);
        for (size_t i = 0; page->whole && i < t->n_dcs; i++)
                dc_begin(t->dcs[i], true);
        for (size_t i = 0; i < page->n_gone; i++) {
                Dc *dc = table_find(t, page->gone[i]);
                if (dc)
                        dc_begin(dc, true);
        }
        for (size_t i = 0; i < page->n_logs && r >= 0; i++)
                r = table_take_log(t, &page->logs[i], now);
        if (r < 0 || page->more)
                return r;
        r = table_confirm(t);
        return r < 0 ? r : table_end(t, page->complete && !t->has_hole, now);
}

bool dc_table_wants_all(const DcTable *t)
{
        size_t n = 0, n_left_out = 0;

        for (size_t i = 0; i < t->n_dcs; i++) {
                Dc *dc = t->dcs[i];
                if (dc_log(dc)->n_entries + dc->n_left_out > STAFD_ENTRIES_MAX)
                        return false;
                n += dc_log(dc)->n_entries;
                n_left_out += dc->is_cut ? dc->n_left_out : 0;
        }
        return n_left_out > 0 && n + n_left_out <= STAFD_ALL_ENTRIES_MAX;
}

Dc *dc_table_begin_read(DcTable *t)
{
        for (size_t i = 0; i < t->n_dcs; i++) {
                Dc *dc = t->dcs[i];
                if (!dc->is_due || dc->is_asked)
                        continue;
                dc->is_due = false;
                dc->is_asked = true;
                return dc;
        }
        return NULL;
}

void dc_table_forget_reads(DcTable *t)
{
        for (size_t i = 0; i < t->n_dcs; i++)
                t->dcs[i]->is_due = t->dcs[i]->is_asked = false;
}

/* Returns NULL if it is gone, or not being read. */
static Dc *table_find_asked(DcTable *t, const Tid *tid)
{
        Dc *dc = table_find(t, tid);

        if (!dc || !dc->is_asked)
                return NULL;
        dc->is_asked = false;
        return dc;
}

int dc_table_fail_read(DcTable *t, const Tid *tid)
{
        Dc *dc = table_find_asked(t, tid);

        return dc ? dc_doubt(t, dc) : 0;
}

int dc_table_end_read(DcTable *t, const Tid *tid, StafdLog *log, usec_t now)
{
        Dc *dc = table_find_asked(t, tid);

        if (!dc) {
                stafd_log_done(log);
                return 0;
        }
        dc->is_read = true;
        table_bound(t, dc, log);
        if (log->state == SOURCE_UNKNOWN && log->n_entries == 0) {
                /* stafd has not read it yet: the previous log is the best guess. */
                dc->log.state = log->state;
                dc->log.generation = log->generation;
                stafd_log_done(log);
        } else {
                stafd_log_done(&dc->log);
                dc->log = *log;
        }
        int r = dc_tell(t, dc, dc->log.state);
        table_drop_unlisted(t, now);
        return r;
}

bool dc_table_is_read(const DcTable *t)
{
        for (size_t i = 0; i < t->n_dcs; i++)
                if (t->dcs[i]->is_listed && !t->dcs[i]->is_read)
                        return false;
        return !t->is_short;
}

/* ---- creation and destruction ---- */

void dc_table_init(DcTable *t, StafdHandler handler, void *userdata)
{
        *t = (DcTable) {
                .handler = handler,
                .userdata = userdata,
                .told = _SOURCE_STATE_INVALID,
                .next_at = USEC_INFINITY,
        };
}

void dc_table_done(DcTable *t)
{
        for (size_t i = 0; i < t->n_dcs; i++)
                (void) dc_free(t->dcs[i]);
        free(t->dcs);
        for (size_t i = 0; i < t->n_expected; i++)
                free(t->expected[i]);
        free(t->expected);
        free(t->host_nqn);
}

/* Complete sets are reported again, others with their next change. */
int dc_table_set_host(DcTable *t, DlpeHost host)
{
        int r = text_replace(&t->host_nqn, host.nqn);

        if (r < 0)
                return r;
        t->host = host;
        t->host.nqn = t->host_nqn;
        for (size_t i = 0; i < t->n_dcs; i++)
                if (t->dcs[i]->told == SOURCE_COMPLETE &&
                    dc_tell(t, t->dcs[i], SOURCE_COMPLETE) < 0)
                        r = -ENOMEM;
        return r;
}

/* ---- host names ---- */

static bool log_has_name(const StafdLog *l)
{
        for (size_t i = 0; i < l->n_entries; i++)
                if (dlpe_has_host_name(&l->entries[i].dlpe))
                        return true;
        return false;
}

int dc_table_resolved(DcTable *t)
{
        int r = 0;

        for (size_t i = 0; i < t->n_dcs; i++) {
                Dc *dc = t->dcs[i];
                if (dc->told >= 0 && log_has_name(&dc->log) && dc_tell(t, dc, dc->told) < 0)
                        r = -ENOMEM;
        }
        return r;
}

static bool is_listed_since(const LoggedNames *l, size_t first, const char *name)
{
        for (size_t i = first; i < l->n_items; i++)
                if (strcasecmp(l->items[i].name, name) == 0)
                        return true;
        return false;
}

static int list_names_of(const Dc *dc, LoggedNames *ret)
{
        const StafdOrigin origin = { .dc = dc->tid, .device = dc->device };
        _cleanup_free_ char *prefix = stafd_origin_to_string(&origin);
        size_t first = ret->n_items;

        for (size_t i = 0; i < dc->log.n_entries; i++) {
                const DlpEntry *e = &dc->log.entries[i].dlpe;
                if (!dlpe_has_host_name(e) || is_listed_since(ret, first, e->traddr))
                        continue;
                if (ret->n_items - first == HOST_NAMES_PER_LOG_MAX)
                        return 1;
                char *where = prefix ? stafd_log_where(prefix, i) : NULL;
                if (logged_names_add(ret, e->traddr, where) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int dc_table_list_names(const DcTable *t, LoggedNames *ret)
{
        bool has_left_out = false;

        for (size_t i = 0; i < t->n_dcs; i++) {
                int r = list_names_of(t->dcs[i], ret);
                if (r < 0)
                        return r;
                has_left_out = has_left_out || r > 0;
        }
        return has_left_out;
}

int dc_table_expect(DcTable *t, const char *key)
{
        if (ARRAY_RESERVE(t->expected, t->n_expected_allocated, t->n_expected + 1) < 0)
                return -ENOMEM;
        char *copy = strdup(key);
        if (!copy)
                return -ENOMEM;
        t->expected[t->n_expected++] = copy;
        return 0;
}

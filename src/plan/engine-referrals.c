/* SPDX-License-Identifier: Apache-2.0 */

/* Referrals: discovery controllers named by the logs of others (NVMe Base 2.x, Discovery Log Page,
 * subtype 01h). Roots are requested by another source. Each log that is reached from a root becomes
 * a source; logs that are not reached do not, so that a ring of referrals does not keep itself
 * alive. */

#include <stdio.h>

#include "base/array.h"
#include "base/text.h"
#include "model/dlpe_tid.h"
#include "plan/engine-internal.h"

/* Roots named by the administrator or the firmware, and roots that only mDNS announces, have
 * separate limits: announcements take no room from the others. */
typedef struct Room {
        size_t n_roots;
        size_t n_led; /* not counting the roots */
        size_t share; /* per root */
} Room;

typedef struct Walk {
        Engine *e;
        usec_t now;
        struct RowQueue queue; /* reached, but the log is not followed yet */
        Room rooms[2];         /* indexed by is_announced() of the root */
        bool second;           /* second pass: distributes what the shares have left */
        bool has_left_out;     /* for lack of room */
} Walk;

static char *make_key(const Tid *dc)
{
        _cleanup_free_ char *text = tid_to_string(dc);
        char *key;

        /* tid_to_string() leaves the host NQN out, but two controllers may differ in it alone. */
        if (!text || asprintf(&key, "referrals of %s%s%s", text, *dc->host_nqn ? " as " : "",
                              dc->host_nqn) < 0)
                return NULL;
        return key;
}

static bool is_root(const Row *row)
{
        for (size_t i = 0; row->wanted.is_wanted && i < row->wanted.n_claims; i++)
                if (row->wanted.claims[i].set->kind != SOURCE_REFERRAL)
                        return true;
        return false;
}

/* Returns true if a root is requested by nothing stronger than mDNS. */
static bool is_announced(const Row *root)
{
        return root->wanted.claims[0].set->kind >= SOURCE_REFERRAL;
}

static void reach(Walk *w, Row *row, Row *root, unsigned depth)
{
        row->referrals.root = root;
        row->referrals.depth = depth;
        row->referrals.ignored = false;
        TAILQ_INSERT_TAIL(&w->queue, row, referrals.entry);
}

static char *make_where(const Row *row, size_t number)
{
        _cleanup_free_ char *text = tid_to_string(row->tid);
        char device[32] = "", *where;

        if (row->node)
                (void) snprintf(device, sizeof(device), "nvme%i ", row->node->instance);
        return !text || asprintf(&where, "%s%s entry %zu", device, text, number) < 0 ? NULL : where;
}

/* ---- room ---- */

typedef enum Place { /* by priority */
        PLACE_HELD,  /* in the previous set: kept as long as the log names it */
        PLACE_CONNECTED,
        PLACE_NEW,
        _PLACE_MAX,
} Place;

static Place place_of(const Walk *w, const SourceSet *old, const Tid *tid)
{
        const Row *known = engine_find_row(w->e, tid);

        if (old && source_set_find(old, tid))
                return PLACE_HELD;
        return known && known->node ? PLACE_CONNECTED : PLACE_NEW;
}

/* Entries that are held are counted in the first pass, and never refused. */
static bool take_room(Walk *w, Row *root, const Tid *tid, bool held)
{
        const Row *known = engine_find_row(w->e, tid);
        Room *room = &w->rooms[is_announced(root)];

        if (known && known->referrals.root)
                return true;
        if (held && w->second)
                return true;
        if (!held && (room->n_led >= REFERRALS_MAX || root->referrals.n_led >= room->share)) {
                w->has_left_out = true;
                return false;
        }
        room->n_led++;
        root->referrals.n_led++;
        return true;
}

/* Entries left out are not removed: the set is partial. */
static int bound_set(Walk *w, Row *row, const SourceSet *old, SourceSet *set)
{
        _cleanup_free_ bool *kept = calloc(set->n_entries + 1, sizeof(*kept));
        size_t n = 0;

        if (!kept)
                return -ENOMEM;
        for (Place place = 0; place < _PLACE_MAX; place++)
                for (size_t i = 0; i < set->n_entries && n < REFERRALS_PER_LOG_MAX; i++) {
                        const Tid *tid = set->entries[i].tid;
                        kept[i] = kept[i] ||
                                  (place_of(w, old, tid) == place &&
                                   take_room(w, row->referrals.root, tid, place == PLACE_HELD) &&
                                   ++n);
                }
        row->referrals.ignored = n < set->n_entries;
        if (row->referrals.ignored)
                set->state = MIN(set->state, SOURCE_PARTIAL);
        source_set_keep(set, kept);
        return 0;
}

/* Referrals, and what is of no known subtype; the others are stacd's, or tell nothing. */
static bool is_for_us(const DlpEntry *e)
{
        return e->subtype != DLPE_NVME && e->subtype != DLPE_DISCOVERY;
}

static bool has_any_for_us(const DiscoveryLog *log)
{
        for (size_t i = 0; i < log->n_entries; i++)
                if (is_for_us(&log->entries[i]))
                        return true;
        return false;
}

static int fill_entry(const Walk *w, const Row *row, size_t number, SourceSet *set)
{
        const DlpEntry *dlpe = &row->log.log->entries[number];
        const DlpeOrigin origin = {
                .dc = row->tid,
                .host = dlpe_host(w->e->policy, ""),
        };
        _cleanup_dlpe_verdict_ DlpeVerdict v = { 0 };

        int r = dlpe_judge(dlpe, &origin, &v);
        if (r < 0 || (!v.tid && !v.problem))
                return r;
        _cleanup_free_ char *where = make_where(row, number);
        if (!where)
                return -ENOMEM;
        if (!v.tid)
                return source_set_skip(set, dlpe, where, v.problem);
        SourceEntry *e = source_set_add(set, TAKE_PTR(v.tid), where);
        if (!e)
                return -ENOMEM;
        e->problem = v.problem;
        e->passive = e->problem;
        e->demands_tls = dlpe_demands_tls(dlpe);
        return 0;
}

static int fill_set(const Walk *w, const Row *row, SourceSet *set)
{
        const DiscoveryLog *log = row->log.log;

        for (size_t i = 0; i < log->n_entries; i++) {
                int r = is_for_us(&log->entries[i]) ? fill_entry(w, row, i, set) : 0;
                if (r < 0)
                        return r;
        }
        source_set_seal(set);
        return 0;
}

static bool set_is_equal(const SourceSet *a, const SourceSet *b)
{
        if (a->state != b->state || a->restored != b->restored || a->n_entries != b->n_entries ||
            !source_sets_skip_same(a, b))
                return false;
        for (size_t i = 0; i < a->n_entries; i++)
                if (!source_entry_equal(&a->entries[i], &b->entries[i]))
                        return false;
        return true;
}

/* Until the log has been read, its remembered entries are kept. After a loss of the connection the
 * log is kept, so that it still determines what remains, even in state UNKNOWN: the previous set is
 * not absorbed, unless entries of the log were left out. */
static int refresh_set(Walk *w, Row *row, const char *key)
{
        _cleanup_(source_set_freep) SourceSet *set = NULL;
        const SourceNode *old = engine_find_source(w->e, key);

        if (!row->log.log || (!old && !has_any_for_us(row->log.log)))
                return 0;
        SourceState state =
                row->log.n_left_out > 0 ? MIN(row->log.state, SOURCE_PARTIAL) : row->log.state;
        int r = source_set_new(key, SOURCE_REFERRAL, state, &set);
        if (r >= 0)
                r = fill_set(w, row, set);
        if (r >= 0)
                r = bound_set(w, row, old ? old->set : NULL, set);
        if (r < 0)
                return r;
        if (old && set_is_equal(old->set, set))
                return 0;
        return row->log.n_left_out > 0 ? engine_set_source(w->e, TAKE_PTR(set), w->now)
                                       : engine_replace_source(w->e, TAKE_PTR(set), w->now);
}

static int follow(Walk *w, Row *row)
{
        _cleanup_free_ char *key = NULL;

        if (row->referrals.depth == REFERRAL_DEPTH_MAX) {
                row->referrals.ignored =
                        row->log.log && discovery_log_names(row->log.log, DLPE_REFERRAL);
                return 0;
        }
        key = make_key(row->tid);
        int r = key ? refresh_set(w, row, key) : -ENOMEM;
        if (r < 0)
                return r;
        SourceNode *node = engine_find_source(w->e, key);
        if (!node)
                return 0;
        node->is_led_to = true;
        for (size_t i = 0; i < node->set->n_entries; i++) {
                Row *child = (Row *) engine_find_row(w->e, node->set->entries[i].tid);
                if (child->wanted.is_wanted && !child->referrals.root)
                        reach(w, child, row->referrals.root, row->referrals.depth + 1);
        }
        return 0;
}

static int follow_all(Walk *w)
{
        Row *row;
        int r = 0;

        while (r >= 0 && (row = TAILQ_FIRST(&w->queue))) {
                TAILQ_REMOVE(&w->queue, row, referrals.entry);
                r = follow(w, row);
        }
        return r;
}

/* ---- sources not reached from a root ---- */

static int find_parents(const Walk *w)
{
        Row *row;

        RB_FOREACH(row, RowTree, &w->e->controllers) {
                _cleanup_free_ char *key = make_key(row->tid);
                if (!key)
                        return -ENOMEM;
                SourceNode *node = engine_find_source(w->e, key);
                if (node)
                        node->parent = row;
        }
        return 0;
}

static bool is_asked_for_by_kept(const Walk *w, const Row *row)
{
        for (size_t i = 0; row->wanted.is_wanted && i < row->wanted.n_claims; i++)
                if (engine_find_source(w->e, row->wanted.claims[i].set->key)->is_led_to)
                        return true;
        return false;
}

/* Returns true if the parent was not requested since the start, or is requested by another source
 * that is kept for this reason: a source that is not complete yet may still request it. */
static bool may_be_led_to(const Walk *w, const SourceNode *n)
{
        if (!n->parent || !n->parent->wanted.was_claimed)
                return true;
        return !n->parent->referrals.root && is_asked_for_by_kept(w, n->parent);
}

static int keep_doubtful(const Walk *w)
{
        SourceNode *n;
        bool changed = true;

        int r = find_parents(w);
        while (r >= 0 && changed) {
                changed = false;
                RB_FOREACH(n, SourceTree, &w->e->sources)
                        if (n->set->kind == SOURCE_REFERRAL && !n->is_led_to && may_be_led_to(w, n))
                                n->is_led_to = changed = true;
        }
        return r;
}

static int give_up(const Walk *w)
{
        /* A root may be missing as long as a source is not complete. */
        int r = engine_knows_sources(w->e) ? 0 : keep_doubtful(w);
        SourceNode *next;

        for (SourceNode *n = RB_MIN(SourceTree, &w->e->sources); r >= 0 && n; n = next) {
                next = RB_NEXT(SourceTree, &w->e->sources, n);
                if (n->set->kind == SOURCE_REFERRAL && !n->is_led_to)
                        engine_drop_source(w->e, n->key, w->now);
        }
        return r;
}

static void reach_roots(Walk *w)
{
        Row *row;

        RB_FOREACH(row, RowTree, &w->e->controllers)
                row->referrals.root = NULL;
        RB_FOREACH(row, RowTree, &w->e->controllers)
                if (is_root(row))
                        reach(w, row, row, 0);
}

static void begin(Walk *w)
{
        Row *row;
        SourceNode *n;

        TAILQ_INIT(&w->queue);
        RB_FOREACH(n, SourceTree, &w->e->sources) {
                n->is_led_to = false;
                n->parent = NULL;
        }
        reach_roots(w);
        TAILQ_FOREACH(row, &w->queue, referrals.entry) {
                row->referrals.n_led = 0;
                w->rooms[is_announced(row)].n_roots++;
        }
        for (size_t i = 0; i < ELEMENTSOF(w->rooms); i++)
                if (w->rooms[i].n_roots > 0)
                        w->rooms[i].share = MAX(REFERRALS_MAX / w->rooms[i].n_roots, 1U);
}

/* Reserves the share of each root whose log was never read. */
static int give_out_rest(Walk *w)
{
        Row *row;

        if (!w->has_left_out)
                return 0;
        RB_FOREACH(row, RowTree, &w->e->controllers)
                if (row->referrals.root == row && !row->log.log)
                        w->rooms[is_announced(row)].n_led += w->rooms[is_announced(row)].share;
        for (size_t i = 0; i < ELEMENTSOF(w->rooms); i++)
                w->rooms[i].share = REFERRALS_MAX;
        w->second = true;
        reach_roots(w);
        return follow_all(w);
}

/* Ignored referrals are reported once. */
static void tell_ignored(const Walk *w)
{
        Row *row;

        RB_FOREACH(row, RowTree, &w->e->controllers) {
                Referrals *x = &row->referrals;
                if (!x->root)
                        continue;
                if (x->ignored && !x->told_ignored)
                        engine_note(w->e, NOTE_REFERRALS_IGNORED, row, 0);
                x->told_ignored = x->ignored;
        }
}

int engine_follow_referrals(Engine *e, usec_t now)
{
        Walk w = { .e = e, .now = now };

        if (!e->referrals_changed || e->policy->role != CONTROLLER_DISCOVERY)
                return 0;
        begin(&w);
        int r = follow_all(&w);
        if (r >= 0)
                r = give_out_rest(&w);
        if (r >= 0)
                r = give_up(&w);
        tell_ignored(&w);
        engine_bound_logs(e);
        /* Changes made by following do not require another walk: its result would be the same. */
        e->referrals_changed = r < 0;
        return r;
}

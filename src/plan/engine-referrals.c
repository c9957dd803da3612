/* SPDX-License-Identifier: Apache-2.0 */

/* Referrals: discovery controllers that the logs of others name (NVMe Base 2.x, Discovery Log Page,
 * subtype 01h). Each log that leads from a root, which another source asks for, is a source; what
 * no root leads to is none, so that a ring does not keep itself alive. */

#include <stdio.h>

#include "base/array.h"
#include "base/text.h"
#include "model/dlpe_tid.h"
#include "plan/engine-internal.h"

/* Roots that people or the firmware have named and those that only mDNS announces have a room each:
 * whoever announces takes nothing from the others. */
typedef struct Room {
        size_t n_roots;
        size_t n_led; /* beside the roots */
        size_t share; /* of each root */
} Room;

typedef struct Walk {
        Engine *e;
        usec_t now;
        struct RowQueue queue; /* reached, its log not followed yet */
        Room rooms[2];         /* by is_announced() of the root */
        bool second;           /* time: what the shares have left is given out */
        bool has_left_out;     /* for want of room */
} Walk;

static char *make_key(const Tid *dc)
{
        _cleanup_free_ char *text = tid_to_string(dc);
        char *key;

        /* The text leaves the host NQN out, and only that may tell two controllers apart. */
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

/* Of a root: nobody stronger than mDNS asks for it. */
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

/* 0: it is no referral, cannot be a controller, or is the discovery controller itself. */
static int read_entry(const Walk *w, const Row *row, const DlpEntry *entry, Tid **ret)
{
        const DlpeOrigin origin = {
                .dc = row->tid,
                .host_nqn = "",
                .ignore_iface = w->e->policy->ignore_iface,
        };
        _cleanup_tid_ Tid *tid = NULL;

        if (entry->subtype != DLPE_REFERRAL)
                return 0;
        int r = dlpe_to_tid(entry, CONTROLLER_DISCOVERY, &origin, &tid);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (tid_compare_portal(tid, row->tid) == 0)
                return 0;
        *ret = TAKE_PTR(tid);
        return 1;
}

/* ---- room ---- */

typedef enum Place { /* whom room is given first */
        PLACE_HELD,  /* the set before had it: it stays as long as the log names it */
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

/* What is held counts the first time, and is never refused. */
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

/* What is left out is not gone: the set is partial. */
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

static int fill_set(const Walk *w, const Row *row, SourceSet *set)
{
        const DiscoveryLog *log = row->log.log;

        for (size_t i = 0; i < log->n_entries; i++) {
                _cleanup_free_ char *where = NULL;
                _cleanup_tid_ Tid *tid = NULL;
                int r = read_entry(w, row, &log->entries[i], &tid);
                if (r < 0)
                        return r;
                if (r == 0)
                        continue;
                where = make_where(row, i);
                SourceEntry *e = where ? source_set_add(set, TAKE_PTR(tid), where) : NULL;
                if (!e)
                        return -ENOMEM;
                e->problem = dlpe_problem(&log->entries[i], e->tid);
                e->passive = e->problem;
        }
        source_set_seal(set);
        return 0;
}

static bool set_is_equal(const SourceSet *a, const SourceSet *b)
{
        if (a->state != b->state || a->restored != b->restored || a->n_entries != b->n_entries)
                return false;
        for (size_t i = 0; i < a->n_entries; i++)
                if (!source_entry_equal(&a->entries[i], &b->entries[i]))
                        return false;
        return true;
}

/* Before its log was read, what is remembered of it stays. The log is kept while the connection is
 * lost, so it says what is left even when its state is unknown: nothing is to be absorbed, unless a
 * part of the log was left out. */
static int refresh_set(Walk *w, Row *row, const char *key)
{
        _cleanup_(source_set_freep) SourceSet *set = NULL;
        const SourceNode *old = engine_find_source(w->e, key);

        if (!row->log.log || (!old && !discovery_log_names(row->log.log, DLPE_REFERRAL)))
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

/* ---- what no root leads to ---- */

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

/* Nobody has asked for the parent since the start, and somebody has not spoken yet; or a parent of
 * that kind asks for it. */
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
        /* A root may be missing: another source has not spoken. */
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

/* The share of a root whose log was never read is kept for it. */
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

/* What leads out of bounds is said once. */
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
        /* What following itself has changed leads to the same again. */
        e->referrals_changed = r < 0;
        return r;
}

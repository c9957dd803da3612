/* SPDX-License-Identifier: Apache-2.0 */

/* Merges the entries of all sources into rows, each with the claims of the sources that name it. */

#include "base/array.h"
#include "base/text.h"
#include "model/dlpe_tid.h"
#include "plan/engine-internal.h"

static int source_node_compare(const SourceNode *a, const SourceNode *b)
{
        return strcmp(a->key, b->key);
}

static int row_compare(const Row *a, const Row *b)
{
        return tid_compare(a->tid, b->tid);
}

RB_GENERATE(SourceTree, SourceNode, by_key, source_node_compare)
RB_GENERATE(RowTree, Row, by_tid, row_compare)

static bool family_in_use(const Policy *p, const Tid *t)
{
        switch (t->address.family) {
        case ADDRESS_IPV4:
                return p->ip_families & IP_FAMILY_IPV4;
        case ADDRESS_IPV6:
                return p->ip_families & IP_FAMILY_IPV6;
        case ADDRESS_NONE:
        case ADDRESS_FC:
        case ADDRESS_NAME:
                break;
        }
        return true;
}

void engine_begin_quiet_time(Row *row, usec_t now)
{
        row->wanted.unwanted_since = now;
        row->wanted.quiet = 0;
        if (!row->node)
                return;
        row->node->unwanted_since = now;
        row->node->quiet = 0;
}

/* Changes of the configuration apply as they are; those of a peer may be too frequent. */
static bool is_word_of_peer(const SourceSet *s)
{
        switch (s->kind) {
        case SOURCE_REFERRAL:
        case SOURCE_DISCOVERED:
        case SOURCE_DISCOVERY_LOG:
                return true;
        case SOURCE_CONFIGURED:
        case SOURCE_NBFT:
        case _SOURCE_KIND_MAX:
        case _SOURCE_KIND_INVALID:
                break;
        }
        return false;
}

static void withdraw(Engine *e, Row *row, usec_t now)
{
        Flap *flap = flaps_withdraw(&e->flaps, row->tid, now);

        if (!flap)
                return;
        flap->n_failures = row->attempts.n_failures;
        flap->connect_at = row->attempts.connect_at;
        row->wanted.quiet = flap->quiet;
        if (row->node)
                row->node->quiet = flap->quiet;
}

/* Restores the backoff of failed connects, so that a row that comes and goes is not tried each
 * time. */
static void reverse(Engine *e, Row *row, usec_t now)
{
        const Flap *flap = flaps_reverse(&e->flaps, row->tid, now);

        if (!flap || row->node)
                return;
        attempts_restore(&row->attempts, flap->n_failures, flap->connect_at);
}

void engine_retry_controller(Engine *e, Row *row)
{
        if (row->node)
                return;
        if (row->portal)
                engine_retry_portal(e, row->portal);
        if (attempts_retry(&row->attempts))
                engine_mark_dirty(e, row);
}

void engine_announced(Engine *e, const Tid *tid, usec_t now)
{
        engine_begin(e);
        Row *row = (Row *) engine_find_row(e, tid);
        if (row && attempts_announce(&row->attempts, now))
                engine_retry_controller(e, row);
}

static void refresh_ncc(Engine *e, Row *row)
{
        bool ncc = row_has_ncc(row);

        engine_mark_dirty(e, row);
        if (row->wanted.ncc && !ncc) {
                attempts_forget_count(&row->attempts);
                engine_retry_controller(e, row);
        }
        row->wanted.ncc = ncc;
}

static bool is_firmware(const Row *row)
{
        for (size_t i = 0; i < row->wanted.n_claims; i++)
                if (row->wanted.claims[i].set->kind == SOURCE_NBFT)
                        return true;
        return false;
}

static bool is_active(const Row *row)
{
        for (size_t i = 0; i < row->wanted.n_claims; i++)
                if (!row->wanted.claims[i].entry->passive)
                        return true;
        return false;
}

void engine_refresh_wanted(Engine *e, Row *row, usec_t now)
{
        Wanted *w = &row->wanted;

        refresh_ncc(e, row);
        w->excluded_by = exclude_list_match(&e->policy->excludes, row->tid);
        w->wrong_family = !family_in_use(e->policy, row->tid);

        bool is_wanted = w->n_claims > 0 && !w->excluded_by && !w->wrong_family;
        bool firmware = is_firmware(row), active = is_active(row), was_wanted = w->is_wanted;
        bool was_firmware = w->firmware;
        if (is_wanted == was_wanted && firmware == was_firmware && active == w->active)
                return;
        w->is_wanted = is_wanted;
        if (is_wanted != was_wanted && row->node)
                attempts_forget_disconnects(&row->attempts);
        w->firmware = firmware;
        w->active = active;
        engine_begin_quiet_time(row, now);
        e->referrals_changed = true;
        if (is_wanted != was_wanted)
                engine_note(e, is_wanted ? NOTE_WANTED : NOTE_UNWANTED, row, 0);
        if (is_wanted && !was_wanted) { /* earlier failures and losses do not count */
                w->n_times++;
                engine_retry_controller(e, row);
                attempts_forget_failures(&row->attempts);
        }
        if (row == e->connecting || firmware != was_firmware)
                engine_defer_rivals(e, row, now);

        if (!row->node)
                return;
        engine_mark_users_dirty(e, row->node);
        engine_adopt(e, row);
}

int engine_get_controller(Engine *e, const Tid *tid, Row **ret)
{
        Row *row = (Row *) engine_find_row(e, tid);
        if (row) {
                *ret = row;
                return 0;
        }

        row = calloc(1, sizeof(*row));
        if (!row)
                return -ENOMEM;
        if (tid_dup(tid, &row->tid) < 0 || engine_join_portal(e, row) < 0) {
                (void) tid_free(row->tid);
                free(row);
                return -ENOMEM;
        }
        row->kind = e->policy->role;
        row->deadline = USEC_INFINITY;
        LIST_INSERT_HEAD(&e->unclaimed, row, unclaimed_entry);
        RB_INSERT(RowTree, &e->controllers, row);
        engine_mark_dirty(e, row);
        *ret = row;
        return 0;
}

static void row_free(Engine *e, Row *row)
{
        engine_leave_portal(e, row);
        free(row->wanted.claims);
        attempts_done(&row->attempts);
        (void) discovery_log_free(row->log.log);
        (void) tid_free(row->tid);
        free(row);
}

/* The row remains readable for the notes of this plan, and is freed with the next call. */
void engine_forget_controller(Engine *e, Row *row)
{
        engine_note(e, NOTE_FORGOTTEN, row, 0);
        engine_detach(e, row);
        if (!row->wanted.was_claimed)
                LIST_REMOVE(row, unclaimed_entry);
        RB_REMOVE(RowTree, &e->controllers, row);
        TAILQ_INSERT_TAIL(&e->graveyard, row, dirty_entry);
}

void engine_bury_controllers(Engine *e)
{
        Row *row;

        while ((row = TAILQ_FIRST(&e->graveyard))) {
                TAILQ_REMOVE(&e->graveyard, row, dirty_entry);
                row_free(e, row);
        }
}

static Claim *find_claim(Row *row, const SourceSet *set)
{
        for (size_t i = 0; i < row->wanted.n_claims; i++)
                if (row->wanted.claims[i].set == set)
                        return &row->wanted.claims[i];
        return NULL;
}

/* Strongest origin first; equal ones by key, so that the time of arrival does not matter. */
static bool goes_before(const SourceSet *a, const SourceSet *b)
{
        return a->kind != b->kind ? a->kind < b->kind : strcmp(a->key, b->key) < 0;
}

/* The array has room: see prepare_rows(). */
static void add_claim(Engine *e, Row *row, const SourceSet *set, const SourceEntry *entry,
                      usec_t now)
{
        Wanted *w = &row->wanted;
        size_t i = w->n_claims++;
        bool was_wanted = w->is_wanted;

        e->referrals_changed = true;
        for (; i > 0 && goes_before(set, w->claims[i - 1].set); i--)
                w->claims[i] = w->claims[i - 1];
        w->claims[i] = (Claim) { .set = set, .entry = entry };
        if (!w->was_claimed) {
                LIST_REMOVE(row, unclaimed_entry);
                w->was_claimed = true;
                engine_begin_quiet_time(row, now); /* in case it is excluded from the start */
        }
        engine_retry_controller(e, row); /* it was just seen by the source */
        engine_refresh_wanted(e, row, now);
        if (w->is_wanted && !was_wanted && is_word_of_peer(set))
                reverse(e, row, now);
        engine_match_controller(e, row, now);
}

static void remove_claim(Engine *e, Row *row, Claim *claim, usec_t now)
{
        Wanted *w = &row->wanted;
        bool was_wanted = w->is_wanted, of_peer = is_word_of_peer(claim->set);

        e->referrals_changed = true;
        for (Claim *last = &w->claims[--w->n_claims]; claim < last; claim++)
                claim[0] = claim[1];
        engine_refresh_wanted(e, row, now);
        if (was_wanted && !w->is_wanted && of_peer)
                withdraw(e, row, now);
}

/* Does everything that can fail before anything is changed: creates a row for each entry, with room
 * for one more claim. */
static int prepare_rows(Engine *e, const SourceSet *set)
{
        for (size_t i = 0; i < set->n_entries; i++) {
                Row *row;
                int r = engine_get_controller(e, set->entries[i].tid, &row);
                if (r < 0)
                        return r;
                Wanted *w = &row->wanted;
                r = ARRAY_RESERVE(w->claims, w->n_allocated, w->n_claims + 1);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Once for all new entries of a set. A host name that cannot be resolved is reported by itself. */
static void tell_problem(Engine *e, Row *row, const SourceEntry *entry, bool *told)
{
        if (!entry->problem || entry->problem == dlpe_unresolved || *told)
                return;
        engine_note(e, NOTE_SKIPPED, row, 0);
        *told = true;
}

/* Returns whether a problem of it was noted. */
static bool put_claims(Engine *e, const SourceSet *set, const SourceSet *old, usec_t now)
{
        bool told = false;

        for (size_t i = 0; i < set->n_entries; i++) {
                const SourceEntry *entry = &set->entries[i];
                Row *row = (Row *) engine_find_row(e, entry->tid);
                Claim *claim = old ? find_claim(row, old) : NULL;
                if (!claim) {
                        add_claim(e, row, set, entry, now);
                        tell_problem(e, row, entry, &told);
                        continue;
                }
                bool changed = !source_entry_equal(claim->entry, entry);
                bool is_told = claim->entry->problem;
                *claim = (Claim) { .set = set, .entry = entry };
                if (changed)
                        engine_refresh_wanted(e, row, now);
                if (!is_told)
                        tell_problem(e, row, entry, &told);
        }
        return told;
}

void engine_note_skipped(Engine *e)
{
        SourceNode *n;

        if (!e->skips_more)
                return;
        e->skips_more = false;
        RB_FOREACH(n, SourceTree, &e->sources) {
                if (n->skips_more)
                        engine_note_set(e, NOTE_SKIPPED, n->set);
                n->skips_more = false;
        }
}

static void remove_claims(Engine *e, const SourceSet *old, usec_t now)
{
        for (size_t i = 0; i < old->n_entries; i++) {
                Row *row = (Row *) engine_find_row(e, old->entries[i].tid);
                Claim *claim = row ? find_claim(row, old) : NULL;
                if (claim)
                        remove_claim(e, row, claim, now);
        }
}

/* Returns true if the set has the host name of the entry, and does not know its address: the one
 * that the entry has is the last known one. */
static bool is_unresolved_in(const SourceSet *set, const SourceEntry *o)
{
        _cleanup_tid_ Tid *tid = NULL;
        TidFields fields;

        if (!o->dlpe || !dlpe_has_host_name(o->dlpe))
                return false;
        tid_fields(o->tid, &fields);
        fields.traddr = o->dlpe->traddr;
        fields.host_traddr = NULL; /* see dlpe_judge() */
        if (tid_new(&fields, CONTROLLER_IO, &tid) < 0)
                return true;
        const SourceEntry *same = source_set_find(set, tid);
        return same && same->problem == dlpe_unresolved;
}

static bool is_connected(const Engine *e, const Tid *tid)
{
        const Row *row = engine_find_row(e, tid);

        return row && row->node;
}

/* A set that is not complete does not say which entries were removed: the entries of the previous
 * set are kept, except tentative ones; a complete one keeps only those whose host name it could not
 * resolve. An entry that was not tentative once remains so. A source
 * that names new entries without end is limited: only connected ones are kept beyond the limit. */
static void absorb(const Engine *e, const SourceNode *node, SourceSet *set, bool all)
{
        SourceSet *old = node->set;
        size_t n = set->n_entries, n_left = 0, n_all = e->n_entries - node->n_entries + n;

        for (size_t i = 0; i < old->n_entries; i++) {
                /* set is sorted up to n: entries appended behind do not affect the search */
                SourceSet sorted = { .entries = set->entries, .n_entries = n };
                SourceEntry *o = &old->entries[i];
                SourceEntry *same = (SourceEntry *) source_set_find(&sorted, o->tid);
                if (same)
                        same->tentative = same->tentative && o->tentative;
                if (same || !(is_unresolved_in(&sorted, o) || (all && !o->tentative)) ||
                    (n_all >= SOURCE_ENTRIES_MAX && !is_connected(e, o->tid))) {
                        old->entries[n_left++] = *o;
                        continue;
                }
                set->entries[set->n_entries++] = *o;
                n_all++;
        }
        old->n_entries = n_left;
        source_set_seal(set);
}

static bool has_unresolved(const SourceSet *set)
{
        for (size_t i = 0; i < set->n_entries; i++)
                if (set->entries[i].problem == dlpe_unresolved)
                        return true;
        return false;
}

static int reserve_for_absorb(SourceSet *set, const SourceSet *old)
{
        return ARRAY_RESERVE(set->entries, set->n_allocated, set->n_entries + old->n_entries);
}

/* Further referrals that a log may contain do not make the sources incomplete: its discovery
 * controller may never come back. Neither does mDNS if it is not available; while it is being
 * contacted, its state is PARTIAL. */
static bool is_incomplete(const SourceSet *s)
{
        if (s->kind == SOURCE_DISCOVERED && s->state == SOURCE_UNKNOWN && !s->restored)
                return false;
        return s->state != SOURCE_COMPLETE && s->kind != SOURCE_REFERRAL;
}

static void count_incomplete(Engine *e, const SourceSet *old, const SourceSet *set, usec_t now)
{
        size_t before = e->n_incomplete;

        e->n_incomplete += set && is_incomplete(set);
        e->n_incomplete -= old && is_incomplete(old);
        if ((before == 0) == (e->n_incomplete == 0))
                return;
        e->referrals_changed = true;

        /* Only once all sources are complete is it certain that a device is unwanted that no source
         * has requested, or whose path may differ from that of its rows. */
        DeviceNode *n;
        RB_FOREACH(n, DeviceTree, &e->devices)
                if (n->device->source_hidden) {
                        engine_mark_users_dirty(e, n);
                        n->unwanted_since = now;
                }
        Row *row;
        LIST_FOREACH(row, &e->unclaimed, unclaimed_entry) {
                engine_mark_dirty(e, row);
                if (row->node)
                        engine_mark_users_dirty(e, row->node);
                engine_begin_quiet_time(row, now);
        }
}

SourceNode *engine_find_source(const Engine *e, const char *key)
{
        SourceNode probe = { .key = key };

        return RB_FIND(SourceTree, (struct SourceTree *) &e->sources, &probe);
}

static int get_source(Engine *e, const char *key, SourceNode **ret)
{
        SourceNode *node = engine_find_source(e, key);
        if (!node) {
                node = calloc(1, sizeof(*node));
                if (!node)
                        return -ENOMEM;
        }
        *ret = node;
        return 0;
}

static void install_set(Engine *e, SourceNode *node, SourceSet *set, usec_t now)
{
        SourceSet *old = node->set;

        bool is_noted = put_claims(e, set, old, now);
        if (set->n_skipped > (old ? old->n_skipped : 0) && !is_noted)
                node->skips_more = e->skips_more = true;
        if (old)
                remove_claims(e, old, now);
        count_incomplete(e, old, set, now);

        if (old)
                RB_REMOVE(SourceTree, &e->sources, node);
        e->n_entries += set->n_entries - node->n_entries;
        node->n_entries = set->n_entries;
        node->set = set;
        node->key = set->key;
        RB_INSERT(SourceTree, &e->sources, node);
        (void) source_set_free(old);
}

static int remember_entries(Engine *e, SourceSet *set)
{
        for (size_t i = 0; i < set->n_entries; i++) {
                set->entries[i].restored = true;
                int r = remembered_add(&e->remembered, set->entries[i].tid);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int set_source(Engine *e, SourceSet *taken, bool keep, usec_t now)
{
        _cleanup_(source_set_freep) SourceSet *set = taken;
        SourceNode *node;

        engine_begin(e);
        int r = set->restored ? remember_entries(e, set) : 0;
        if (r >= 0)
                r = prepare_rows(e, set);
        if (r >= 0)
                r = get_source(e, set->key, &node);
        if (r < 0)
                return r;
        if (node->set && (keep || has_unresolved(set))) {
                r = reserve_for_absorb(set, node->set);
                if (r < 0)
                        return r;
                absorb(e, node, set, keep);
        }
        install_set(e, node, TAKE_PTR(set), now);
        return 0;
}

int engine_set_source(Engine *e, SourceSet *set, usec_t now)
{
        return set_source(e, set, set->state != SOURCE_COMPLETE, now);
}

int engine_replace_source(Engine *e, SourceSet *set, usec_t now)
{
        return set_source(e, set, false, now);
}

void engine_drop_source(Engine *e, const char *key, usec_t now)
{
        engine_begin(e);
        SourceNode *node = engine_find_source(e, key);
        if (!node)
                return;

        RB_REMOVE(SourceTree, &e->sources, node);
        e->n_entries -= node->n_entries;
        remove_claims(e, node->set, now);
        count_incomplete(e, node->set, NULL, now);
        (void) source_set_free(node->set);
        free(node);
}

void engine_free_sources(Engine *e)
{
        Row *row;
        SourceNode *s;

        while ((row = RB_MIN(RowTree, &e->controllers))) {
                RB_REMOVE(RowTree, &e->controllers, row);
                row_free(e, row);
        }
        while ((s = RB_MIN(SourceTree, &e->sources))) {
                RB_REMOVE(SourceTree, &e->sources, s);
                (void) source_set_free(s->set);
                free(s);
        }
}

const Row *engine_next_row(const Engine *e, const Row *after)
{
        return after ? RB_NEXT(RowTree, (struct RowTree *) &e->controllers, (Row *) after)
                     : RB_MIN(RowTree, (struct RowTree *) &e->controllers);
}

const Row *engine_find_row(const Engine *e, const Tid *tid)
{
        Row probe = { .tid = (Tid *) tid };

        return RB_FIND(RowTree, (struct RowTree *) &e->controllers, &probe);
}

const SourceSet *engine_next_source(const Engine *e, const SourceSet *after)
{
        SourceNode *node = after ? engine_find_source(e, after->key)
                                 : RB_MIN(SourceTree, (struct SourceTree *) &e->sources);
        if (after && node)
                node = RB_NEXT(SourceTree, (struct SourceTree *) &e->sources, node);
        return node ? node->set : NULL;
}

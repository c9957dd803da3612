/* SPDX-License-Identifier: Apache-2.0 */

#include "model/source_set.h"

#include "base/array.h"
#include "base/text.h"

static const char *const source_set_kind_names[_SOURCE_KIND_MAX] = {
        [SOURCE_CONFIGURED] = "configured",       [SOURCE_NBFT] = "nbft",
        [SOURCE_REFERRAL] = "referral",           [SOURCE_DISCOVERED] = "discovered",
        [SOURCE_DISCOVERY_LOG] = "discovery log",
};

const char *source_kind_to_string(SourceKind k)
{
        return k >= 0 && k < _SOURCE_KIND_MAX ? source_set_kind_names[k] : "unknown";
}

SourceKind source_kind_from_string(const char *s)
{
        for (SourceKind k = 0; s && k < _SOURCE_KIND_MAX; k++)
                if (streq(s, source_set_kind_names[k]))
                        return k;
        return _SOURCE_KIND_INVALID;
}

static const char *const source_set_state_names[_SOURCE_STATE_MAX] = {
        [SOURCE_UNKNOWN] = "unknown",
        [SOURCE_PARTIAL] = "partial",
        [SOURCE_COMPLETE] = "complete",
};

const char *source_state_to_string(SourceState s)
{
        return s >= 0 && s < _SOURCE_STATE_MAX ? source_set_state_names[s] : "unknown";
}

SourceState source_state_from_string(const char *s)
{
        for (SourceState state = 0; s && state < _SOURCE_STATE_MAX; state++)
                if (streq(s, source_set_state_names[state]))
                        return state;
        return _SOURCE_STATE_INVALID;
}

int source_set_new(const char *key, SourceKind kind, SourceState state, SourceSet **ret)
{
        _cleanup_(source_set_freep) SourceSet *s = malloc(sizeof(*s));
        if (!s)
                return -ENOMEM;
        *s = (SourceSet) { .kind = kind, .state = state };
        if (text_replace(&s->key, key) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(s);
        return 0;
}

static void source_entry_done(SourceEntry *e)
{
        (void) tid_free(e->tid);
        free(e->where);
        (void) secret_free(e->dhchap_secret);
        (void) secret_free(e->dhchap_ctrl_secret);
        if (e->dlpe)
                dlpe_done(e->dlpe);
        free(e->dlpe);
}

static void skipped_entry_done(SkippedEntry *e)
{
        free(e->where);
        dlpe_done(&e->dlpe);
}

SourceSet *source_set_free(SourceSet *s)
{
        if (!s)
                return NULL;
        for (size_t i = 0; i < s->n_entries; i++)
                source_entry_done(&s->entries[i]);
        free(s->entries);
        for (size_t i = 0; i < s->n_skipped; i++)
                skipped_entry_done(&s->skipped[i]);
        free(s->skipped);
        free(s->key);
        free(s);
        return NULL;
}

SourceEntry *source_set_add(SourceSet *s, Tid *tid, const char *where)
{
        SourceEntry e = { .tid = tid, .order = s->n_entries };
        if (text_replace(&e.where, where) < 0 ||
            ARRAY_RESERVE(s->entries, s->n_allocated, s->n_entries + 1) < 0) {
                source_entry_done(&e);
                return NULL;
        }
        settings_init(&e.settings);
        s->entries[s->n_entries] = e;
        return &s->entries[s->n_entries++];
}

int source_set_skip(SourceSet *s, const DlpEntry *e, const char *where, const char *problem)
{
        SkippedEntry skipped = { .problem = problem };
        if (text_replace(&skipped.where, where) < 0 || dlpe_copy(e, &skipped.dlpe) < 0 ||
            ARRAY_RESERVE(s->skipped, s->n_skipped_allocated, s->n_skipped + 1) < 0) {
                skipped_entry_done(&skipped);
                return -ENOMEM;
        }
        s->skipped[s->n_skipped++] = skipped;
        return 0;
}

size_t source_set_count_unusable(const SourceSet *s)
{
        size_t n = s->n_skipped;

        for (size_t i = 0; i < s->n_entries; i++)
                n += s->entries[i].problem != NULL;
        return n;
}

bool source_sets_skip_same(const SourceSet *a, const SourceSet *b)
{
        if (a->n_skipped != b->n_skipped)
                return false;
        for (size_t i = 0; i < a->n_skipped; i++)
                if (!streq(a->skipped[i].where, b->skipped[i].where) ||
                    !dlpe_equal(&a->skipped[i].dlpe, &b->skipped[i].dlpe))
                        return false;
        return true;
}

static int compare_entries(const void *a, const void *b)
{
        const SourceEntry *x = a, *y = b;
        int r = tid_compare(x->tid, y->tid);
        if (r != 0)
                return r;
        return x->order < y->order ? -1 : x->order > y->order;
}

void source_set_seal(SourceSet *s)
{
        if (s->n_entries < 2)
                return;
        qsort(s->entries, s->n_entries, sizeof(*s->entries), compare_entries);

        size_t n = 1;
        for (size_t i = 1; i < s->n_entries; i++) {
                if (tid_compare(s->entries[n - 1].tid, s->entries[i].tid) == 0)
                        source_entry_done(&s->entries[i]);
                else
                        s->entries[n++] = s->entries[i];
        }
        s->n_entries = n;
}

void source_set_keep(SourceSet *s, const bool *kept)
{
        size_t n = 0;

        for (size_t i = 0; i < s->n_entries; i++) {
                if (kept[i])
                        s->entries[n++] = s->entries[i];
                else
                        source_entry_done(&s->entries[i]);
        }
        s->n_entries = n;
}

const SourceEntry *source_set_find(const SourceSet *s, const Tid *tid)
{
        size_t low = 0, high = s->n_entries;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int r = tid_compare(tid, s->entries[middle].tid);
                if (r == 0)
                        return &s->entries[middle];
                if (r < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

bool source_entry_equal(const SourceEntry *a, const SourceEntry *b)
{
        return tid_compare(a->tid, b->tid) == 0 && streq_ptr(a->where, b->where) &&
               a->restored == b->restored && a->tentative == b->tentative &&
               a->passive == b->passive && a->demands_tls == b->demands_tls &&
               streq_ptr(a->problem, b->problem) &&
               memcmp(&a->settings, &b->settings, sizeof(a->settings)) == 0 &&
               secret_equal(a->dhchap_secret, b->dhchap_secret) &&
               secret_equal(a->dhchap_ctrl_secret, b->dhchap_ctrl_secret) && !a->dlpe == !b->dlpe &&
               (!a->dlpe || dlpe_equal(a->dlpe, b->dlpe));
}

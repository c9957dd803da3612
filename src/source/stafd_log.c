/* SPDX-License-Identifier: Apache-2.0 */

#include "source/stafd_log.h"

#include <stdio.h>

#include "base/text.h"
#include "model/dlpe_tid.h"

void stafd_list_done(StafdList *l)
{
        for (size_t i = 0; i < l->n_items; i++) {
                (void) tid_free(l->items[i].tid);
                free(l->items[i].device);
        }
        free(l->items);
        *l = (StafdList) { 0 };
}

void stafd_log_done(StafdLog *l)
{
        log_entries_free(l->entries, l->n_entries);
        *l = (StafdLog) { 0 };
}

static int compare_numbers(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

        return x < y ? -1 : x > y;
}

static int stafd_log_compare_entries(const void *a, const void *b)
{
        return compare_numbers(&((const LogEntry *) a)->position,
                               &((const LogEntry *) b)->position);
}

/* Moves the entry to the end, unless its position is taken. */
static void log_append(StafdLog *l, LogEntry *e)
{
        if (l->n_entries > 0 && l->entries[l->n_entries - 1].position == e->position)
                dlpe_done(&e->dlpe);
        else
                l->entries[l->n_entries++] = *e;
        *e = (LogEntry) { 0 };
}

static int log_shorten(StafdLog *l, size_t room)
{
        if (l->n_entries <= room)
                return 0;
        while (l->n_entries > room)
                dlpe_done(&l->entries[--l->n_entries].dlpe);
        return 1;
}

int stafd_log_merge(StafdLog *l, ChangedLog *changes, size_t room)
{
        size_t n = l->n_entries + changes->n_changed, i = 0, j = 0;
        StafdLog merged = *l;

        if (changes->n_changed + changes->n_gone == 0)
                return log_shorten(l, room);
        merged.entries = calloc(n + 1, sizeof(*merged.entries));
        if (!merged.entries)
                return -ENOMEM;
        merged.n_allocated = n + 1;
        merged.n_entries = 0;
        if (changes->n_changed > 0)
                qsort(changes->entries, changes->n_changed, sizeof(*changes->entries),
                      stafd_log_compare_entries);
        if (changes->n_gone > 0)
                qsort(changes->gone, changes->n_gone, sizeof(*changes->gone), compare_numbers);
        for (; i < l->n_entries; i++) {
                LogEntry *e = &l->entries[i];
                while (j < changes->n_changed && changes->entries[j].position <= e->position)
                        log_append(&merged, &changes->entries[j++]);
                if (changes->n_gone > 0 && bsearch(&e->position, changes->gone, changes->n_gone,
                                                   sizeof(*changes->gone), compare_numbers))
                        dlpe_done(&e->dlpe);
                else
                        log_append(&merged, e);
        }
        while (j < changes->n_changed)
                log_append(&merged, &changes->entries[j++]);
        free(l->entries);
        *l = merged;
        return log_shorten(l, room);
}

/* Judges the entry by the address of its host name, where one is known. *ret: the name, or NULL. */
static int judge_entry(const DlpEntry *e, const StafdOrigin *o, const HostName **ret,
                       DlpeVerdict *v)
{
        const DlpeOrigin origin = { .dc = o->dc, .host = o->host };
        DlpEntry resolved = *e;

        *ret = NULL;
        int r = dlpe_judge(e, &origin, v);
        if (r < 0 || v->problem != dlpe_unresolved)
                return r;
        const HostName *h = o->names ? host_names_find(o->names, e->traddr) : NULL;
        if (!h || !h->address)
                return 0;
        dlpe_verdict_done(v);
        *ret = h;
        resolved.traddr = h->address;
        return dlpe_judge(&resolved, &origin, v);
}

static int add_judged(SourceSet *set, const DlpEntry *e, const HostName *h, DlpeVerdict *v,
                      const char *where)
{
        bool is_answered = h && h->state == HOST_NAME_ANSWERED;

        SourceEntry *entry = source_set_add(set, TAKE_PTR(v->tid), where);
        if (!entry || !(entry->dlpe = calloc(1, sizeof(*entry->dlpe))))
                return -ENOMEM;
        if (is_answered)
                set->state = MIN(set->state, SOURCE_PARTIAL);
        entry->tentative = is_answered || v->problem == dlpe_unresolved;
        entry->problem = v->problem;
        entry->passive = entry->problem;
        entry->demands_tls = dlpe_demands_tls(e);
        return dlpe_copy(e, entry->dlpe);
}

static int add_entry(SourceSet *set, const DlpEntry *e, const StafdOrigin *o, const char *where)
{
        _cleanup_dlpe_verdict_ DlpeVerdict v = { 0 };
        _cleanup_free_ char *named = NULL;
        const HostName *h;

        int r = judge_entry(e, o, &h, &v);
        if (r < 0)
                return r;
        if (h && asprintf(&named, "%s (%s)", where, e->traddr) < 0) {
                named = NULL;
                return -ENOMEM;
        }
        if (!v.tid)
                return source_set_skip(set, e, text_or(named, where), v.problem);
        return add_judged(set, e, h, &v, text_or(named, where));
}

char *stafd_log_where(const char *prefix, size_t number)
{
        char *where;

        return asprintf(&where, "%s entry %zu", prefix, number) < 0 ? NULL : where;
}

char *stafd_origin_to_string(const StafdOrigin *o)
{
        _cleanup_free_ char *dc = tid_to_string(o->dc);
        char *text;

        if (!dc || text_is_empty(o->device))
                return TAKE_PTR(dc);
        return asprintf(&text, "%s %s", o->device, dc) < 0 ? NULL : text;
}

int stafd_log_to_set(const StafdLog *log, SourceState state, const StafdOrigin *origin,
                     SourceSet **ret)
{
        _cleanup_free_ char *prefix = stafd_origin_to_string(origin);
        _cleanup_(source_set_freep) SourceSet *set = NULL;

        if (log->damaged && state == SOURCE_COMPLETE)
                state = SOURCE_PARTIAL;
        if (!prefix || source_set_new(origin->key, SOURCE_DISCOVERY_LOG, state, &set) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < log->n_entries; i++) {
                const DlpEntry *e = &log->entries[i].dlpe;
                if (e->subtype != DLPE_NVME)
                        continue;
                _cleanup_free_ char *where = stafd_log_where(prefix, i);
                if (!where || add_entry(set, e, origin, where) < 0)
                        return -ENOMEM;
        }
        source_set_seal(set);
        *ret = TAKE_PTR(set);
        return 0;
}

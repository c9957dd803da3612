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
        for (size_t i = 0; i < l->n_entries; i++)
                dlpe_done(&l->entries[i]);
        free(l->entries);
        *l = (StafdLog) { 0 };
}

/* 0 also for an entry that cannot be a controller: the peer's nonsense is not the source's. */
static int add_entry(SourceSet *set, const DlpEntry *e, const StafdOrigin *o, const char *where)
{
        const DlpeOrigin origin = {
                .dc = o->dc,
                .host_nqn = o->host_nqn,
                .ignore_iface = o->ignore_iface,
        };
        _cleanup_tid_ Tid *tid = NULL;

        int r = dlpe_to_tid(e, CONTROLLER_IO, &origin, &tid);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        SourceEntry *entry = source_set_add(set, TAKE_PTR(tid), where);
        if (!entry || !(entry->dlpe = calloc(1, sizeof(*entry->dlpe))))
                return -ENOMEM;
        entry->problem = dlpe_problem(e, entry->tid);
        entry->passive = entry->problem;
        return dlpe_copy(e, entry->dlpe);
}

/* "nvme0 (tcp, …) entry 3", numbered from 0 as nvme-cli does. */
static char *entry_where(const char *prefix, size_t number)
{
        char *where;

        return asprintf(&where, "%s entry %zu", prefix, number) < 0 ? NULL : where;
}

static char *origin_to_string(const StafdOrigin *o)
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
        _cleanup_free_ char *prefix = origin_to_string(origin);
        _cleanup_(source_set_freep) SourceSet *set = NULL;

        if (log->damaged && state == SOURCE_COMPLETE)
                state = SOURCE_PARTIAL;
        if (!prefix || source_set_new(origin->key, SOURCE_DISCOVERY_LOG, state, &set) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < log->n_entries; i++) {
                if (log->entries[i].subtype != DLPE_NVME)
                        continue;
                _cleanup_free_ char *where = entry_where(prefix, i);
                if (!where || add_entry(set, &log->entries[i], origin, where) < 0)
                        return -ENOMEM;
        }
        source_set_seal(set);
        *ret = TAKE_PTR(set);
        return 0;
}

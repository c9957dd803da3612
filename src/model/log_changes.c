/* SPDX-License-Identifier: Apache-2.0 */

#include "model/log_changes.h"

#include "base/array.h"

void log_entries_free(LogEntry *entries, size_t n)
{
        for (size_t i = 0; i < n; i++)
                dlpe_done(&entries[i].dlpe);
        free(entries);
}

static void changed_log_done(ChangedLog *l)
{
        (void) tid_free(l->dc);
        free(l->device);
        log_entries_free(l->entries, l->n_changed);
        free(l->gone);
}

void log_changes_done(LogChanges *c)
{
        for (size_t i = 0; i < c->n_gone; i++)
                (void) tid_free(c->gone[i]);
        free(c->gone);
        for (size_t i = 0; i < c->n_logs; i++)
                changed_log_done(&c->logs[i]);
        free(c->logs);
        *c = (LogChanges) { 0 };
}

ChangedLog *log_changes_add(LogChanges *c)
{
        if (ARRAY_RESERVE(c->logs, c->n_allocated, c->n_logs + 1) < 0)
                return NULL;
        c->logs[c->n_logs] = (ChangedLog) { 0 };
        return &c->logs[c->n_logs++];
}

void log_changes_remove_last(LogChanges *c)
{
        changed_log_done(&c->logs[--c->n_logs]);
}

LogEntry *changed_log_add(ChangedLog *l)
{
        if (ARRAY_RESERVE(l->entries, l->n_allocated, l->n_changed + 1) < 0)
                return NULL;
        l->entries[l->n_changed] = (LogEntry) { 0 };
        return &l->entries[l->n_changed++];
}

int changed_log_add_gone(ChangedLog *l, uint64_t position)
{
        if (ARRAY_RESERVE(l->gone, l->n_gone_allocated, l->n_gone + 1) < 0)
                return -ENOMEM;
        l->gone[l->n_gone++] = position;
        return 0;
}

int log_changes_add_gone(LogChanges *c, Tid *tid)
{
        if (ARRAY_RESERVE(c->gone, c->n_gone_allocated, c->n_gone + 1) < 0) {
                (void) tid_free(tid);
                return -ENOMEM;
        }
        c->gone[c->n_gone++] = tid;
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes of stafd's discovery controllers and their logs: one page of the reply to list_changes()
 * (data/dbus/org.nvmexpress.staf.xml), as a value. */

#include "model/dlp.h"
#include "model/source_set.h"

/* Maximum for one page, counting entries, discovery controllers, and removed ones of both. */
#define LOG_CHANGES_MAX 1024

/* A log entry. Positions follow the order of the log and do not change as long as the entry exists,
 * so there may be gaps. */
typedef struct LogEntry {
        uint64_t position;
        DlpEntry dlpe; /* zero if not understood or not used */
        bool damaged;  /* not understood */
} LogEntry;

typedef struct ChangedLog {
        Tid *dc;
        char *device; /* "" if there is none */
        SourceState state;
        uint64_t generation; /* of the log: increases with each change of the log or the state */
        size_t n_entries;    /* of the whole log */
        bool finished; /* if not set, the next page continues this log, which must not be used until
                          then */
        LogEntry *entries; /* new or changed; replaces the entry at the same position, if any */
        size_t n_changed, n_allocated;
        uint64_t *gone; /* positions; removed before others are added */
        size_t n_gone, n_gone_allocated;
} ChangedLog;

/* The point up to which a client knows all changes. { 0 } for a client that knows nothing. */
typedef struct LogCursor {
        uint64_t epoch;      /* of one run of stafd */
        uint64_t generation; /* all changes up to this one have been reported */
        uint64_t start; /* whatever was removed by then was either never reported, or reported as
                           removed */
} LogCursor;

typedef struct LogChanges {
        LogCursor next;
        bool whole;    /* complete listing: anything not reported by the last page is gone */
        bool more;     /* more pages follow */
        bool complete; /* on the last page: no further discovery controllers are expected */
        bool has_hole; /* a part of it could not be used */
        Tid **gone; /* removed discovery controllers, to be removed before the others are added */
        size_t n_gone, n_gone_allocated;
        ChangedLog *logs;
        size_t n_logs, n_allocated;
} LogChanges;

void log_entries_free(LogEntry *entries, size_t n);
void log_changes_done(LogChanges *c);
#define _cleanup_log_changes_ _cleanup_(log_changes_done)

/* Appends a zeroed item and returns it. The pointer is valid until the next append. Returns NULL if
 * out of memory. */
ChangedLog *log_changes_add(LogChanges *c);
void log_changes_remove_last(LogChanges *c);
LogEntry *changed_log_add(ChangedLog *l);
/* Returns 0 or -ENOMEM. */
int changed_log_add_gone(ChangedLog *l, uint64_t position);
/* Takes ownership of tid. Returns 0 or -ENOMEM. */
int log_changes_add_gone(LogChanges *c, Tid *tid);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What has changed of stafd's discovery controllers and their logs: a page of the answer to
 * list_changes() (data/dbus/org.nvmexpress.staf.xml), as a value. */

#include "model/dlp.h"
#include "model/source_set.h"

/* What one page holds at most: entries, discovery controllers and those that are gone. */
#define LOG_CHANGES_MAX 1024

/* An entry of a log. Its position grows with the log's order, and stays its own while the log has
 * it: positions have gaps. */
typedef struct LogEntry {
        uint64_t position;
        DlpEntry dlpe; /* zero for what is not understood, or not used */
        bool damaged;  /* it is not understood */
} LogEntry;

typedef struct ChangedLog {
        Tid *dc;
        char *device; /* "" while there is none */
        SourceState state;
        uint64_t generation; /* of the log: grows with each change of log or state */
        size_t n_entries;    /* of the whole log */
        bool finished;       /* else more of it comes with the next page, and until then it does not
                                count */
        LogEntry *entries;   /* added, or not as before: takes the place of one with its position */
        size_t n_changed, n_allocated;
        uint64_t *gone; /* positions; they go before the others come */
        size_t n_gone, n_gone_allocated;
} ChangedLog;

/* Up to where somebody knows all that has changed; {0} who knows nothing. */
typedef struct LogCursor {
        uint64_t epoch;      /* of one run of stafd */
        uint64_t generation; /* all changes up to this one were told */
        uint64_t start; /* what was gone by then was never told to be there, or told to be gone */
} LogCursor;

typedef struct LogChanges {
        LogCursor next;
        bool whole;    /* from the beginning: what is not told until the last page is gone */
        bool more;     /* there is another page */
        bool complete; /* on the last page: no other discovery controller may still turn up */
        bool has_hole; /* something in it could not be used */
        Tid **gone;    /* discovery controllers; they go before the others come */
        size_t n_gone, n_gone_allocated;
        ChangedLog *logs;
        size_t n_logs, n_allocated;
} LogChanges;

void log_entries_free(LogEntry *entries, size_t n);
void log_changes_done(LogChanges *c);
#define _cleanup_log_changes_ _cleanup_(log_changes_done)

/* Appends, zeroed. NULL: out of memory. Valid until the next. */
ChangedLog *log_changes_add(LogChanges *c);
void log_changes_remove_last(LogChanges *c);
LogEntry *changed_log_add(ChangedLog *l);
/* 0 or -ENOMEM. */
int changed_log_add_gone(ChangedLog *l, uint64_t position);
/* Takes the tid. 0 or -ENOMEM. */
int log_changes_add_gone(LogChanges *c, Tid *tid);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* stafd's answers as values: its list of discovery controllers, and a discovery log with its
 * conversion to a SourceSet. */

#include "model/dlpe_tid.h"
#include "model/log_changes.h"
#include "source/host_names.h"

enum {
        /* Limits on both sides: the maximum from mDNS and referrals (MDNS_SERVICES_MAX,
         * REFERRALS_MAX), and ample room for configured ones. */
        STAFD_CONTROLLERS_MAX = 4096,
        STAFD_ENTRIES_MAX = 16384,
        STAFD_ALL_ENTRIES_MAX = 65536, /* in all logs together */
};

typedef struct StafdListed {
        Tid *tid;
        char *device; /* "" if there is none */
        SourceState state;
        uint64_t generation;
} StafdListed;

typedef struct StafdList {
        bool complete; /* also false if part of it could not be used */
        StafdListed *items;
        size_t n_items, n_allocated;
} StafdList;

void stafd_list_done(StafdList *l);

typedef struct StafdLog {
        SourceState state;
        uint64_t generation;
        bool damaged;      /* an entry could not be parsed, or there are too many */
        LogEntry *entries; /* in log order; entries of subtypes other than nvme are zero */
        size_t n_entries, n_allocated;
} StafdLog;

void stafd_log_done(StafdLog *l);
/* Applies a page of changes to the log, taking data out of it. Returns 1 if entries were omitted
 * for lack of room, from the end; otherwise 0, or -ENOMEM with nothing changed. */
int stafd_log_merge(StafdLog *l, ChangedLog *changes, size_t room);

/* Properties of the resulting entries. */
typedef struct StafdOrigin { /* borrowed */
        const char *key, *device;
        const Tid *dc;
        DlpeHost host;
        const HostNames *names; /* NULL: none is resolved */
} StafdOrigin;

/* "nvme0 (tcp, …)", and with " entry 3", numbered from 0 as nvme-cli does. */
char *stafd_origin_to_string(const StafdOrigin *o);
char *stafd_log_where(const char *prefix, size_t number);

/* Converts the log to a set. Entries that cannot be a controller are skipped, and those that must
 * not be used are passive. A damaged log gives at most a partial set, and so does one with a host
 * name that was answered but is not settled. Returns 0 or -ENOMEM. */
int stafd_log_to_set(const StafdLog *log, SourceState state, const StafdOrigin *origin,
                     SourceSet **ret);

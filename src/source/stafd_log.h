/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What stafd tells, as values: its list of discovery controllers, and a discovery log; and that as
 * a SourceSet. */

#include "model/log_changes.h"

enum {
        /* Both sides': what mDNS and referrals may lead stafd to (MDNS_SERVICES_MAX,
         * REFERRALS_MAX), and more than anybody configures. */
        STAFD_CONTROLLERS_MAX = 4096,
        STAFD_ENTRIES_MAX = 16384,
        STAFD_ALL_ENTRIES_MAX = 65536, /* of all logs */
};

typedef struct StafdListed {
        Tid *tid;
        char *device; /* "" while there is none */
        SourceState state;
        uint64_t generation;
} StafdListed;

typedef struct StafdList {
        bool complete; /* false also when something in it could not be used */
        StafdListed *items;
        size_t n_items, n_allocated;
} StafdList;

void stafd_list_done(StafdList *l);

typedef struct StafdLog {
        SourceState state;
        uint64_t generation;
        bool damaged;      /* an entry was not understood, or there are too many */
        LogEntry *entries; /* in the log's order; what is not of subtype nvme is zero */
        size_t n_entries, n_allocated;
} StafdLog;

void stafd_log_done(StafdLog *l);
/* Takes what a page tells of the log, out of it. Entries for which there is no room are left out,
 * the last first: 1. Else 0, or -ENOMEM, which changes nothing. */
int stafd_log_merge(StafdLog *l, ChangedLog *changes, size_t room);

/* What its entries are made with. */
typedef struct StafdOrigin { /* borrowed */
        const char *key, *device;
        const Tid *dc;
        const char *host_nqn; /* for a controller that has none */
        bool ignore_iface;
} StafdOrigin;

/* The controllers that the log names; entries that cannot be one are left out, and passive where
 * they are not to be used. A damaged log is at most partial. 0 or -ENOMEM. */
int stafd_log_to_set(const StafdLog *log, SourceState state, const StafdOrigin *origin,
                     SourceSet **ret);

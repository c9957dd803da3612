/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What stafd answers on D-Bus (data/dbus/org.nvmexpress.staf.xml), decoded, checked and bounded;
 * and a discovery log as a SourceSet. */

#include <systemd/sd-bus.h>

#include "model/source_set.h"

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

/* list_sources(), and list_controllers() of a stafd that has only that: not complete, its logs
 * partial. 0, -EBADMSG (another type of answer) or -ENOMEM. */
int stafd_list_decode(sd_bus_message *m, StafdList *ret);
int stafd_list_decode_controllers(sd_bus_message *m, StafdList *ret);
void stafd_list_done(StafdList *l);

typedef struct StafdLog {
        SourceState state;
        uint64_t generation;
        bool damaged;      /* an entry was not understood, or there are too many */
        DlpEntry *entries; /* in the log's order; what is not of subtype nvme is zero */
        size_t n_entries, n_allocated;
} StafdLog;

/* read_log_pages() and get_log_pages(), in the same way. */
int stafd_log_decode(sd_bus_message *m, StafdLog *ret);
int stafd_log_decode_pages(sd_bus_message *m, StafdLog *ret);
void stafd_log_done(StafdLog *l);

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

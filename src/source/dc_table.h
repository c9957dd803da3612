/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The discovery controllers that stafd lists, what is known of their logs, and what stacd was told
 * of each. Who asks stafd for them: source/stafd_client.c. */

#include "source/stafd_answers.h"
#include "source/stafd_client.h"

typedef struct DcTable DcTable;

typedef struct Dc {
        DcTable *table;
        Tid *tid;
        char *key, *device;
        usec_t since;       /* in the list, the first time */
        bool is_listed;     /* in the last list */
        bool is_due;        /* its log is to be read */
        bool is_read;       /* log is an answer of this stafd, and no later read failed */
        bool is_remembered; /* the handler has entries of it that we never saw */
        size_t n_left_out;  /* of the log's entries, for want of room */
        StafdLog log;       /* stays when stafd goes: what was last known */
        SourceState told;   /* _SOURCE_STATE_INVALID: nothing yet */
        sd_bus_slot *call;  /* reads the log */
} Dc;

struct DcTable {
        StafdClient *client;
        StafdHandler handler;
        void *userdata;
        char *host_nqn;
        bool ignore_iface;

        Dc **dcs; /* sorted by tid */
        size_t n_dcs, n_allocated;
        char **expected;
        size_t n_expected, n_expected_allocated;
        bool is_complete; /* the last list */
        bool is_short;    /* memory ran out while the last list was applied */
        SourceState told; /* of the list as a whole */

        sd_event_source *newcomer_timer;
};

/* The handler and its userdata: as stafd_client_new(). Where -ENOMEM is returned below, the handler
 * was not told all; another list or answer makes up for it. */
int dc_table_init(DcTable *t, StafdClient *client, sd_event *event, StafdHandler handler,
                  void *userdata);
void dc_table_done(DcTable *t);
int dc_table_set_host(DcTable *t, const char *host_nqn, bool ignore_iface);
int dc_table_expect(DcTable *t, const char *key);

/* A list of stafd's. What it lacks is gone when the list is complete, else in doubt; what has news
 * is due. always: the list does not tell which has news. Takes what it needs out of the list. */
int dc_table_apply(DcTable *t, StafdList *list, bool always);
/* stafd can't be asked for now. */
int dc_table_doubt(DcTable *t);
int dc_doubt(Dc *dc);
/* An answer to a read. Takes the log. */
int dc_take(Dc *dc, StafdLog *log);

/* The key of the source that a discovery controller's log is. */
char *dc_source_key(const Tid *dc);

/* The logs have more entries together than there is room for. */
bool dc_table_is_full(const DcTable *t);
/* Everything that is listed was read. */
bool dc_table_is_read(const DcTable *t);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* DcTable: the discovery controllers that stafd lists, what is known of their logs, and what stacd
 * was told of each. Holds no handle and knows no clock; who asks stafd for them:
 * source/stafd_client.c. */

#include "source/stafd_log.h"

/* set: a source's new word (owned by the handler). With set NULL: the source named key is gone for
 * good (stafd's complete list of discovery controllers does not have it, and what is new in that
 * list was read, or had half a minute for it). A set with key
 * STAFD_SOURCE_KEY and no entries tells whether stafd's list as a whole is complete. */
#define STAFD_SOURCE_KEY "stafd"
typedef void (*StafdHandler)(SourceSet *set, const char *key, void *userdata);

typedef struct Dc {
        Tid *tid;
        char *key, *device;
        usec_t since;       /* in the list, the first time */
        bool is_listed;     /* in the last list */
        bool is_due;        /* its log is to be read */
        bool is_asked;      /* its log is being read */
        bool is_read;       /* log is an answer of this stafd, and no later read failed */
        bool is_remembered; /* the handler has entries of it that we never saw */
        size_t n_left_out;  /* of the log's entries, for want of room */
        StafdLog log;       /* stays when stafd goes: what was last known */
        StafdLog next;      /* while is_apart: what stafd has told, of which log is from before */
        bool is_apart;
        bool is_open; /* stafd has more to tell of it: until then next, or log, is of no moment */
        bool is_cut;  /* entries are left out: changes of it are not followed, all must be told anew
                       */
        SourceState told; /* _SOURCE_STATE_INVALID: nothing yet */
} Dc;

typedef struct DcTable {
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
        bool has_hole;    /* something of what stafd told could not be used */
        SourceState told; /* of the list as a whole */
        usec_t next_at;   /* what the last list lacks goes then; USEC_INFINITY: nothing waits */
} DcTable;

/* The handler and its userdata: as stafd_client_new(). Where -ENOMEM is returned below, the handler
 * was not told all; another list or answer makes up for it. */
void dc_table_init(DcTable *t, StafdHandler handler, void *userdata);
void dc_table_done(DcTable *t);
int dc_table_set_host(DcTable *t, const char *host_nqn, bool ignore_iface);
/* The state file names a source: it is gone when a complete list lacks it. */
int dc_table_expect(DcTable *t, const char *key);

/* A list of stafd's. What it lacks is gone when the list is complete, else in doubt; what has news
 * is due. always: the list does not tell which has news. Takes what it needs out of the list. */
int dc_table_apply(DcTable *t, StafdList *list, bool always, usec_t now);
/* A page of what has changed; takes what it needs out of it. A log counts once it is finished, what
 * is not there any more after the last page. -EBADMSG: it does not fit what was told before, all
 * must be told anew. */
int dc_table_take(DcTable *t, LogChanges *page, usec_t now);
/* There is room for what was left out of the logs: all must be told anew. */
bool dc_table_wants_all(const DcTable *t);
/* stafd can't be asked for now. */
int dc_table_doubt(DcTable *t);

/* One whose log is due: it is being read from now on. NULL: none. Valid until the next list. */
Dc *dc_table_begin_read(DcTable *t);
/* That has ended: with an answer, whose log is taken (a controller that is gone, or that nobody
 * asked for, does not matter), or without. */
int dc_table_end_read(DcTable *t, const Tid *tid, StafdLog *log, usec_t now);
int dc_table_fail_read(DcTable *t, const Tid *tid);
/* Nothing is being read any more, and nothing is due. */
void dc_table_forget_reads(DcTable *t);

/* At t->next_at. */
void dc_table_elapse(DcTable *t, usec_t now);

/* The key of the source that a discovery controller's log is. */
char *dc_source_key(const Tid *dc);

/* The logs have more entries together than there is room for. */
bool dc_table_is_full(const DcTable *t);
/* Everything that is listed was read. */
bool dc_table_is_read(const DcTable *t);

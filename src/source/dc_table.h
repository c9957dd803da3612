/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* DcTable: the discovery controllers that stafd lists, the state of their logs, and what was
 * reported to stacd about each. Has no handles and reads no clock; the queries are in
 * source/stafd_client.c. */

#include "source/stafd_log.h"

/* set: the new set of a source (owned by the handler). If set is NULL, the source with this key is
 * permanently gone: it is missing from stafd's complete list of discovery controllers, and new ones
 * in that list have been read, or were waited for half a minute. A set with key STAFD_SOURCE_KEY
 * and no entries reports whether stafd's list as a whole is complete. */
#define STAFD_SOURCE_KEY "stafd"
typedef void (*StafdHandler)(SourceSet *set, const char *key, void *userdata);

typedef struct Dc {
        Tid *tid;
        char *key, *device;
        usec_t since;   /* first time in the list */
        bool is_listed; /* in the last list */
        bool is_due;    /* its log needs to be read */
        bool is_asked;  /* its log is being read */
        bool is_read;   /* log was received from this instance of stafd, and no later read failed */
        bool is_remembered; /* the handler has entries of it that were restored, not received */
        size_t n_left_out;  /* entries of the log omitted for lack of room */
        StafdLog log;       /* kept when stafd stops: the last known state */
        StafdLog next;      /* while is_apart: the log being received; log is the previous one */
        bool is_apart;
        bool is_open; /* stafd has more to send; until then the log is incomplete */
        bool is_cut;  /* entries were omitted: changes are ignored, all must be requested again */
        SourceState told; /* last reported; _SOURCE_STATE_INVALID: nothing yet */
} Dc;

typedef struct DcTable {
        StafdHandler handler;
        void *userdata;
        char *host_nqn;
        DlpeHost host;          /* its nqn is host_nqn */
        const HostNames *names; /* of the logs; NULL: none is resolved */

        Dc **dcs; /* sorted by tid */
        size_t n_dcs, n_allocated;
        char **expected;
        size_t n_expected, n_expected_allocated;
        bool is_complete; /* the last list */
        bool is_short;    /* out of memory while the last list was applied */
        bool has_hole;    /* part of what stafd sent could not be used */
        SourceState told; /* last reported state of the list as a whole */
        usec_t next_at; /* when those missing from the last list are dropped; USEC_INFINITY: none */
} DcTable;

/* handler and userdata: as in stafd_client_new(). If a function below returns -ENOMEM, the handler
 * was not informed of everything; the next list or answer makes up for it. */
void dc_table_init(DcTable *t, StafdHandler handler, void *userdata);
void dc_table_done(DcTable *t);
/* Copies the NQN. */
int dc_table_set_host(DcTable *t, DlpeHost host);
/* Reports the logs again that contain a host name. */
int dc_table_resolved(DcTable *t);
/* Lists the host names in the logs, at most HOST_NAMES_PER_LOG_MAX of each. Returns 1 if some were
 * left out for that reason, 0, or -ENOMEM. */
int dc_table_list_names(const DcTable *t, LoggedNames *ret);
/* Registers a source from the state file: it is reported gone if a complete list lacks it. */
int dc_table_expect(DcTable *t, const char *key);

/* Applies a list from stafd. Controllers missing from a complete list are gone, from an incomplete
 * one in doubt; those that changed are marked due. always: the list does not show which ones
 * changed. Takes data it needs out of the list. */
int dc_table_apply(DcTable *t, StafdList *list, bool always, usec_t now);
/* Applies a page of changes, and takes data it needs out of it. A log takes effect once it is
 * finished, removals after the last page. Returns -EBADMSG if the page is inconsistent with earlier
 * ones, in which case everything must be requested again. */
int dc_table_take(DcTable *t, LogChanges *page, usec_t now);
/* Returns true if there is room for omitted entries: everything must be requested again. */
bool dc_table_wants_all(const DcTable *t);
/* stafd cannot be queried at present. */
int dc_table_doubt(DcTable *t);

/* Returns a controller whose log is due, and marks it as being read; NULL if there is none. Valid
 * until the next list. */
Dc *dc_table_begin_read(DcTable *t);
/* The read has ended: with an answer, whose log is taken (ignored for a controller that is gone or
 * was not queried), or without. */
int dc_table_end_read(DcTable *t, const Tid *tid, StafdLog *log, usec_t now);
int dc_table_fail_read(DcTable *t, const Tid *tid);
/* Cancels all reads, and marks none as due. */
void dc_table_forget_reads(DcTable *t);

/* To be called at t->next_at. */
void dc_table_elapse(DcTable *t, usec_t now);

/* Returns the source key for a discovery controller's log. */
char *dc_source_key(const Tid *dc);

/* Returns true if the logs together exceed the limit of entries. */
bool dc_table_is_full(const DcTable *t);
/* Returns true if the logs of all listed controllers were read. */
bool dc_table_is_read(const DcTable *t);

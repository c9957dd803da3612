/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* HostNames: state of the host names in controller= lines (docs/SPECIFICATION.md §3.6) and in
 * discovery logs. Bookkeeping only: the caller resolves the names that are due and reports the
 * results. A known address is never dropped because a name does not resolve. */

#include <bsd/sys/tree.h>

#include "model/configuration.h"

/* An answer is considered complete if it was received twice in a row, this far apart: a name server
 * that temporarily lost half of the records must not cost a connection. */
#define HOST_NAMES_CONFIRM_USEC (5 * USEC_PER_SEC)
/* A name with varying answers is resolved less and less often: after this many, the interval
 * doubles each time. */
#define HOST_NAMES_N_OTHERS 3
/* Maximum age of an address. The C library does not report the lifetime of an answer; records of
 * hosts mostly live for minutes to an hour, and a query every five minutes is no burden. */
#define HOST_NAMES_REFRESH_USEC (300 * USEC_PER_SEC)
/* Retry delay after a failure; doubles up to the maximum. */
#define HOST_NAMES_RETRY_MIN_USEC (5 * USEC_PER_SEC)
#define HOST_NAMES_RETRY_MAX_USEC (60 * USEC_PER_SEC)
/* The maximum of names that only discovery logs contain is HOST_NAMES_REFRESH_USEC. */

/* Names that discovery logs contain: of one log, and of all. */
#define HOST_NAMES_PER_LOG_MAX 32
#define HOST_NAMES_LOGGED_MAX 256

typedef enum HostNameState {
        HOST_NAME_UNKNOWN,  /* never resolved */
        HOST_NAME_ANSWERED, /* answered once: this address is valid, and so are earlier ones */
        HOST_NAME_SETTLED,  /* answered twice in a row: it has this address and no other */
} HostNameState;

typedef struct HostName {
        RB_ENTRY(HostName) by_time, by_op; /* by_time: next_at is set; by_op: op_id is not 0 */
        char *name, *where; /* where: the first line, or else entry of a log, that contains it */
        bool configured;    /* a line contains it */
        bool logged;        /* a discovery log does */
        HostNameState state;
        char *address; /* NULL if UNKNOWN */
        char *before;  /* ANSWERED: settled address missing from the last answer; NULL: none */
        bool unbound;  /* ip-family has changed since: the address need not be kept */
        int error;     /* of the last resolution, 0: none */
        unsigned n_failures;
        unsigned n_others; /* consecutive answers without the known address */
        usec_t next_at;    /* time of the next resolution; USEC_INFINITY while one is in progress */
        uint64_t op_id;    /* of the resolution in progress, 0: none */
        bool again; /* requested again meanwhile: the one in progress may have begun too early */
} HostName;

RB_HEAD(HostNameTimes, HostName);
RB_HEAD(HostNameOps, HostName);

/* A name in a discovery log. */
typedef struct LoggedName {
        const char *name; /* borrowed */
        char *where;
} LoggedName;

typedef struct LoggedNames {
        LoggedName *items;
        size_t n_items, n_allocated;
} LoggedNames;

void logged_names_done(LoggedNames *l);
/* Borrows the name and takes ownership of where, which may be NULL after a failed allocation.
 * Returns 0 or -ENOMEM. */
int logged_names_add(LoggedNames *l, const char *name, char *where);

/* Operations on one name take logarithmic time. */
typedef struct HostNames { /* {0}: empty */
        HostName *names;   /* sorted by name, case-insensitively */
        size_t n_names;
        size_t n_logged;
        struct HostNameTimes times;        /* of configured names */
        struct HostNameTimes logged_times; /* of the others: resolved one at a time, so that a
                                            * configured name never waits for them */
        uint64_t logged_op_id;             /* 0: none of them is being resolved */
        struct HostNameOps ops;
        unsigned ip_families;
        uint64_t last_op_id;
} HostNames;

void host_names_done(HostNames *n);

/* Returns true if traddr of the line is a name that must be resolved. */
bool host_names_has_name(const ControllerLine *l);

/* Replaces the configured names by those of these lines. The state of names that remain is kept;
 * all become due at once. Returns 0, or -ENOMEM with nothing changed. */
int host_names_set(HostNames *n, const ControllerLine *lines, size_t n_lines, usec_t now);
/* The same for names in discovery logs, except that only new names become due. Beyond
 * HOST_NAMES_LOGGED_MAX, names that are known already are preferred, then the first ones. Returns 1
 * if some were left out, 0, or -ENOMEM with nothing changed. */
int host_names_set_logged(HostNames *n, const LoggedName *logged, size_t n_logged, usec_t now);
/* Sets ip-family (IP_FAMILY_*, model/policy.h); if it changes, addresses are selected anew. */
void host_names_set_families(HostNames *n, unsigned ip_families);
/* Returns a name that is due, with the op_id of the resolution to start; NULL if there is none. */
const HostName *host_names_begin(HostNames *n, usec_t now);
/* Returns the address to prefer if the name still has it, or NULL: their order may vary. */
const char *host_name_known(const HostName *h);
/* The cause of failures may be gone: failed names are due, those in progress are resolved again. */
void host_names_retry(HostNames *n, usec_t now);
/* Returns the time when the next name is due. */
usec_t host_names_next_at(const HostNames *n);

typedef enum HostNameOutcome {
        HOST_NAME_UNCHANGED,
        HOST_NAME_FAILED,    /* first failure in a row, or a different error */
        HOST_NAME_RESOLVED,  /* first address, or a different one */
        HOST_NAME_RECOVERED, /* same address as before the failures */
        HOST_NAME_CONFIRMED, /* settled; only the completeness of a SourceSet changes */
} HostNameOutcome;

/* Ends a resolution: error 0 with a numeric address, or a negative errno. An address that cannot be
 * connected to (0.0.0.0, ::) is treated as -EADDRNOTAVAIL. *ret is the name, NULL if it is no
 * longer configured. */
HostNameOutcome host_names_end(HostNames *n, uint64_t op_id, int error, const char *address,
                               usec_t now, const HostName **ret);

/* Returns NULL if the name is not configured. */
const HostName *host_names_find(const HostNames *n, const char *name);

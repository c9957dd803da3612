/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* HostNames: what is known of the host names in controller= lines (docs/SPECIFICATION.md §3.6).
 * Bookkeeping alone: whoever resolves asks it what is due and tells it what came of it. Nothing
 * that is known is ever forgotten because a name does not resolve. */

#include <bsd/sys/tree.h>

#include "model/configuration.h"

/* An answer tells all of a name when it came twice in a row, this far apart: a name server that
 * lost half of the records for a moment shall not cost a connection. */
#define HOST_NAMES_CONFIRM_USEC (5 * USEC_PER_SEC)
/* A name whose answers do not agree is asked ever less often: after so many, twice the time each.
 */
#define HOST_NAMES_N_OTHERS 3
/* How old an address may become. The C library does not say how long an answer is good for; records
 * of hosts mostly live for minutes to an hour, and one question in five minutes burdens nobody. */
#define HOST_NAMES_REFRESH_USEC (300 * USEC_PER_SEC)
/* After a failure; doubles to the second. */
#define HOST_NAMES_RETRY_MIN_USEC (5 * USEC_PER_SEC)
#define HOST_NAMES_RETRY_MAX_USEC (60 * USEC_PER_SEC)

typedef enum HostNameState {
        HOST_NAME_UNKNOWN,  /* never resolved */
        HOST_NAME_ANSWERED, /* once so: the address counts, and those before it as well */
        HOST_NAME_SETTLED,  /* twice in a row so: it has this address and no other */
} HostNameState;

typedef struct HostName {
        RB_ENTRY(HostName) by_time, by_op; /* while next_at is a time; while op_id is not 0 */
        char *name, *where;                /* where: of the first line that has it, "file:line" */
        HostNameState state;
        char *address; /* NULL: UNKNOWN */
        char *before;  /* ANSWERED: what was settled, and was not in the answer; NULL: nothing */
        bool unbound;  /* ip-family has changed since: the address need not be kept */
        int error;     /* of the last resolution, 0: none */
        unsigned n_failures;
        unsigned n_others; /* answers in a row, each without the address that was known */
        usec_t next_at;    /* of the next resolution; USEC_INFINITY while one is under way */
        uint64_t op_id;    /* of the one under way, 0: none */
        bool again;        /* asked for anew meanwhile: that one may have begun too early */
} HostName;

RB_HEAD(HostNameTimes, HostName);
RB_HEAD(HostNameOps, HostName);

/* What happens to one name costs the logarithm of their number. */
typedef struct HostNames { /* {0}: none */
        HostName *names;   /* sorted by name; case does not matter */
        size_t n_names;
        struct HostNameTimes times;
        struct HostNameOps ops;
        unsigned ip_families;
        uint64_t last_op_id;
} HostNames;

void host_names_done(HostNames *n);

/* The line's traddr is a name that must be resolved. */
bool host_names_has_name(const ControllerLine *l);

/* From now on the names are those of these lines. What is known of names that stay is kept; all
 * are to be resolved at once. 0 or -ENOMEM, which leaves all as it was. */
int host_names_set(HostNames *n, const ControllerLine *lines, size_t n_lines, usec_t now);
/* What ip-family says (IP_FAMILY_*, model/policy.h): where that changes, addresses are chosen anew.
 */
void host_names_set_families(HostNames *n, unsigned ip_families);
/* A name that is due: its op_id is the resolution's that begins. NULL: none. */
const HostName *host_names_begin(HostNames *n, usec_t now);
/* The address that is to be answered again if the name still has it, or NULL: a name may have many,
 * in any order. */
const char *host_name_known(const HostName *h);
/* The reason of failures may have gone: what failed last is due, what is under way is asked again.
 */
void host_names_retry(HostNames *n, usec_t now);
/* When the next one is due. */
usec_t host_names_next_at(const HostNames *n);

typedef enum HostNameOutcome {
        HOST_NAME_UNCHANGED,
        HOST_NAME_FAILED,    /* the first failure in a row, or by another error than before */
        HOST_NAME_RESOLVED,  /* the first address, or another one */
        HOST_NAME_RECOVERED, /* to the same address as before the failures */
        HOST_NAME_CONFIRMED, /* settled; nothing but the completeness of a SourceSet changes */
} HostNameOutcome;

/* A resolution has ended: error 0 with a numeric address, or a negative errno. An answer that
 * nobody can connect to (0.0.0.0, ::) is -EADDRNOTAVAIL. *ret is the name, NULL when it is not in
 * the configuration any more. */
HostNameOutcome host_names_end(HostNames *n, uint64_t op_id, int error, const char *address,
                               usec_t now, const HostName **ret);

/* NULL: not in the configuration. */
const HostName *host_names_find(const HostNames *n, const char *name);

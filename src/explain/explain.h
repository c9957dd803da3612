/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Explains the state of each controller and what comes next. The decisions are computed anew from
 * the current facts, by the same function as the daemon's own. No secrets are accessible here. */

#include "base/properties.h"
#include "base/text.h"
#include "model/configuration.h"
#include "plan/engine.h"

/* A configured controller whose host name has not been resolved. */
typedef struct ExplainName {
        const ControllerLine *line;
        const char *name;
        int error;        /* of the last resolution; 0: none has failed */
        bool is_resolved; /* resolution under way */
        usec_t next_at;   /* next resolution, if none is under way */
} ExplainName;

typedef struct Explainer {
        const Engine *engine;
        const HostIdentity *host; /* for names, and for describe_controller() */
        const ExplainName *names;
        size_t n_names;
        /* Returns the current state of a controller. NULL: the state is the one last read. */
        DeviceState (*read_state)(const Device *device, void *userdata);
        /* Returns false if the kernel shows no namespaces of a controller. NULL: it shows some. */
        bool (*has_namespaces)(const Device *device, void *userdata);
        void *userdata;
        /* Adds the size of the row to *size. Returns 0, or a negative errno if there are too many
         * rows. NULL: unlimited. */
        int (*count_row)(const Properties *row, size_t *size);
        usec_t now;
} Explainer;

/* Returns a row for each controller, wanted or in the kernel, whose device, NQN, address (with or
 * without service) or host name is what; "" matches all. Returns 0, -ENOENT if there is no match,
 * -ENOMEM or the error of count_row(). */
int explain_controllers(const Explainer *x, const char *what, PropertiesList *ret);

/* Returns a row for each operation that is under way or will be started if nothing changes; no rows
 * if everything is in the desired state. Returns 0, -ENOMEM or the error of count_row(). */
int explain_plan(const Explainer *x, PropertiesList *ret);

/* The subject of an explanation: a row of the engine, or a connection without a row. */
typedef struct ExplainSubject {
        const Row *row;         /* NULL: not requested by a source, and not ours */
        const DeviceNode *node; /* NULL: not connected */
        const Engine *engine;
        const Policy *policy;
        const ExcludeRule *rule; /* matching rule, or NULL */
        const Stall *stall;      /* of its last connect, or NULL */
        const char *silent;      /* names of incomplete sources, or "" */
        Facts facts;
        Decision decision;
        DeviceState state; /* current state of node */
        bool is_empty;     /* explain_is_empty() */
        usec_t now;
} ExplainSubject;

/* At most this many sources are named, and the others are counted: there can be hundreds. */
#define EXPLAIN_SOURCES_MAX 16

/* explain.c: returns the state of a connection; DEVICE_STATE_UNKNOWN if device is NULL. */
DeviceState explain_read_state(const Explainer *x, const Device *device);
/* Returns true for an I/O controller that is live, although the kernel shows no namespaces of it.
 */
bool explain_is_empty(const Explainer *x, const Device *device, DeviceState state);
/* Returns true if what is the controller's NQN or address, or "". */
bool explain_is_named(const char *what, const Tid *t);

/* Adds the size of a row to *size, see Explainer. Returns 0 or the error of count_row(). */
int explain_count(const Explainer *x, const Properties *row, size_t *size);

/* explain_keys.c: adds everything about the subject. Returns 0 or -ENOMEM, as do all functions
 * below. */
int explain_subject(const ExplainSubject *s, Properties *p);
/* Adds the keys of its identity, and its state. */
int explain_identity(const ExplainSubject *s, Properties *p);
/* Adds the time left until at, "12.3s". */
int explain_add_time(Properties *p, const char *key, usec_t now, usec_t at);
/* "ENOENT (meaning)". */
int explain_add_error(Properties *p, const char *key, int error, const char *meaning);
/* Returns the decision about the subject: nothing if the row is about to end, which leaves a
 * connection as it is. */
Decision explain_decision(const ExplainSubject *s);

/* explain_names.c: rows for controllers that wait for the resolution of a host name. */
int explain_unresolved(const Explainer *x, const char *what, PropertiesList *list);
int explain_plan_unresolved(const Explainer *x, PropertiesList *list);

/* explain_skipped.c: rows for log entries that name no controller; size as in explain_count(). */
int explain_skipped(const Explainer *x, const char *what, size_t *size, PropertiesList *list);

/* explain_text.c: the reason, one sentence without a full stop. NULL if out of memory. */
char *explain_why(const ExplainSubject *s);
/* Appends text and the time left until at, in readable form. */
void explain_append_time(TextBuffer *b, const char *text, usec_t now, usec_t at);

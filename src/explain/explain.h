/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Why each controller is as it is, and what comes next: the engine's facts in words. The decisions
 * are taken anew from the facts of this moment, by the function that the daemon acts upon. No
 * secret is within reach. */

#include "base/properties.h"
#include "base/text.h"
#include "model/configuration.h"
#include "plan/engine.h"

/* A configured controller that waits for the address of its host name. */
typedef struct ExplainName {
        const ControllerLine *line;
        const char *name;
        int error;        /* of the last resolution; 0: none has failed */
        bool is_resolved; /* one is under way */
        usec_t next_at;   /* of the next one, if none is */
} ExplainName;

typedef struct Explainer {
        const Engine *engine;
        const HostIdentity *host; /* of names, and for describe_controller() */
        const ExplainName *names;
        size_t n_names;
        /* The state of a controller now; NULL: states are as last read. */
        DeviceState (*read_state)(const Device *device, void *userdata);
        void *userdata;
        /* Adds what a row takes to *size. 0, or a negative errno: they are too many. NULL: they
         * never are. */
        int (*count_row)(const Properties *row, size_t *size);
        usec_t now;
} Explainer;

/* A row for each controller, wanted or in the kernel, that has what for a device, an NQN, an
 * address (with or without its service) or one of the names; "" is all. 0, -ENOENT (none has),
 * -ENOMEM or what count_row() gives. */
int explain_controllers(const Explainer *x, const char *what, PropertiesList *ret);

/* A row for each thing that is under way or will be done if nothing changes; none when all is as it
 * should be. 0, -ENOMEM or what count_row() gives. */
int explain_plan(const Explainer *x, PropertiesList *ret);

/* What a sentence is about: a row of the engine, or a connection that has none. */
typedef struct ExplainSubject {
        const Row *row;         /* NULL: nobody asks for it, and it is not ours */
        const DeviceNode *node; /* NULL: not connected */
        const Policy *policy;
        const ExcludeRule *rule; /* that matches it, or NULL */
        const Stall *stall;      /* its connect stalled, or NULL */
        const char *silent;      /* the sources whose word is missing, "" for none */
        Facts facts;
        Decision decision;
        DeviceState state; /* of node, now */
        usec_t now;
} ExplainSubject;

/* Of what there can be hundreds, as many are named and the others counted. */
#define EXPLAIN_SOURCES_MAX 16

/* explain.c: the state of a connection, NULL for none. */
DeviceState explain_read_state(const Explainer *x, const Device *device);
/* Is what its NQN or address, or ""? */
bool explain_is_named(const char *what, const Tid *t);

/* explain_keys.c: everything about it. 0 or -ENOMEM, as all below. */
int explain_subject(const ExplainSubject *s, Properties *p);
/* The keys of its identity, and its state. */
int explain_identity(const ExplainSubject *s, Properties *p);
/* How long until then, "12.3s". */
int explain_add_time(Properties *p, const char *key, usec_t now, usec_t at);
/* "ENOENT (meaning)". */
int explain_add_error(Properties *p, const char *key, int error, const char *meaning);
/* A row that ends leaves its connection, if there is one, as it is: nothing. */
Decision explain_decision(const ExplainSubject *s);

/* explain_names.c: rows for what waits for the address of a host name. */
int explain_unresolved(const Explainer *x, const char *what, PropertiesList *list);
int explain_plan_unresolved(const Explainer *x, PropertiesList *list);

/* explain_text.c: why it is so, one sentence without its full stop. NULL when out of memory. */
char *explain_why(const ExplainSubject *s);
/* Text, then how long it is until at, for people. */
void explain_append_time(TextBuffer *b, const char *text, usec_t now, usec_t at);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The commands supported by a discovery controller, one file for each group. */

#include "base/text.h"
#include "peer/session-internal.h"

typedef enum CommandPhase { /* required state */
        PHASE_CONNECT,      /* none: this is the Connect */
        PHASE_CONNECTED,    /* after Connect */
        PHASE_READY,        /* after the controller was enabled */
} CommandPhase;

typedef struct CommandKind {
        const char *name;
        uint8_t opcode, fctype; /* fctype: for OPCODE_FABRICS only */
        Step step;
        CommandPhase phase;
        /* Appends the journal's text after the name; may be NULL. */
        void (*describe)(const Command *c, TextBuffer *b);
        void (*execute)(Session *s, const Command *c, Reply *r);
} CommandKind;

/* Never NULL: unknown commands have an entry, too. */
const CommandKind *command_kind(const Command *c);

void describe_connect(const Command *c, TextBuffer *b);
void execute_connect(Session *s, const Command *c, Reply *r);
void describe_property(const Command *c, TextBuffer *b);
void execute_property_get(Session *s, const Command *c, Reply *r);
void execute_property_set(Session *s, const Command *c, Reply *r);
void execute_disconnect(Session *s, const Command *c, Reply *r);

void describe_identify(const Command *c, TextBuffer *b);
void execute_identify(Session *s, const Command *c, Reply *r);

void describe_feature(const Command *c, TextBuffer *b);
void execute_get_features(Session *s, const Command *c, Reply *r);
void execute_set_features(Session *s, const Command *c, Reply *r);

void describe_log(const Command *c, TextBuffer *b);
void execute_get_log(Session *s, const Command *c, Reply *r);

void describe_dim(const Command *c, TextBuffer *b);
void execute_dim(Session *s, const Command *c, Reply *r);

void execute_async_event(Session *s, const Command *c, Reply *r);
void execute_keep_alive(Session *s, const Command *c, Reply *r);

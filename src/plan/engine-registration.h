/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the engine: what is said to a discovery controller of TP8010 before its log is read. */

#include "plan/engine.h"

/* A connection, or a reconnection, is new: what was said on the one before counts no more. */
void controller_begin_introduction(Controller *c);
bool controller_must_register(const Controller *c);
bool controller_must_read_offers(const Engine *e, const Controller *c);
/* What to ask for when the log is read. */
unsigned controller_log_options(const Engine *e, const Controller *c);
/* The log was refused as it was asked for. True: it is to be asked for in another way. */
bool controller_drop_offers(Controller *c);
/* Ends of the operations, for engine_complete(). */
int engine_register_ended(Engine *e, Controller *c, Completion *end, usec_t now);
int engine_deregister_ended(Engine *e, Controller *c, Completion *end, usec_t now);
int engine_read_supported_logs_ended(Engine *e, Controller *c, Completion *end, usec_t now);

/* engine-ops.c */
/* A connection was ended by us: for good, or until the log is to be read again. */
void engine_note_end(Engine *e, Controller *c, usec_t now);
/* The last note's NVMe status. */
void engine_note_status(Engine *e, int nvme_status);

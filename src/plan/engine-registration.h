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

/* engine-ops.c */
/* NULL: the operation was replaced, or its connection is gone: its completion means nothing. */
Controller *engine_take_op(Engine *e, uint64_t op_id, OpKind kind);
/* A connection was ended by us: for good, or until the log is to be read again. */
void engine_note_end(Engine *e, Controller *c, usec_t now);
/* The last note's NVMe status. */
void engine_note_status(Engine *e, int nvme_status);

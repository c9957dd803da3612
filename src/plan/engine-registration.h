/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the engine: what is said to a discovery controller of TP8010 before its log is read. */

#include "plan/engine.h"

/* A connection, or a reconnection, is new: what was said on the one before counts no more. */
void row_begin_introduction(Row *row);
bool row_must_register(const Row *row);
/* For engine_complete(). */
int engine_register_ended(Engine *e, Row *row, Completion *end, usec_t now);
int engine_deregister_ended(Engine *e, Row *row, Completion *end, usec_t now);

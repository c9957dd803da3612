/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the engine: what is said to a discovery controller of TP8010 before its log is read. */

#include "plan/engine.h"

/* A connection, or a reconnection, is new: what was said on the one before counts no more. */
void controller_begin_introduction(Controller *c);
bool controller_must_register(const Controller *c);
/* For engine_complete(). */
int engine_register_ended(Engine *e, Controller *c, Completion *end, usec_t now);
int engine_deregister_ended(Engine *e, Controller *c, Completion *end, usec_t now);

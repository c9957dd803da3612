/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Internal to the engine: registration with TP8010 discovery controllers. */

#include "plan/engine.h"

/* The controller was connected or reconnected: an earlier registration no longer applies. */
void row_begin_introduction(Row *row);
/* The connection is gone. If another program made it, that program probably removed it, and a
 * command that was lost with it says nothing about the controller. */
void row_end_introduction(Row *row);
bool row_must_register(const Row *row);
/* For engine_complete(). */
int engine_register_ended(Engine *e, Row *row, Completion *end, usec_t now);
int engine_deregister_ended(Engine *e, Row *row, Completion *end, usec_t now);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the engine: the log of a discovery controller. */

#include "plan/engine.h"

/* A connection, or a reconnection, is new. */
void log_connected(LogStatus *l);
/* The controller says so. */
void log_changed(LogStatus *l);
/* A notice may have been lost. */
void log_distrust(LogStatus *l);
/* Without a pace, and all that may be asked for anew. */
void log_read_again(LogStatus *l);
/* After a failure: at once. */
void log_retry(LogStatus *l);
void log_begin_read(LogStatus *l, usec_t now);
/* What it offers is not known on a new connection. */
void log_begin_offers(LogStatus *l);
/* What was read is of a connection that is gone. */
void row_forget_log_state(Engine *e, Row *row);
bool row_must_read_offers(const Engine *e, const Row *row);
/* What to ask for when the log is read. */
unsigned row_log_options(const Engine *e, const Row *row);
/* For engine_complete(). */
int engine_read_supported_logs_ended(Engine *e, Row *row, Completion *end, usec_t now);
int engine_read_log_ended(Engine *e, Row *row, Completion *end, usec_t now);

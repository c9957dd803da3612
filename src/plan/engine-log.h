/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Internal to the engine: the log of a discovery controller. */

#include "plan/engine.h"

/* The controller was connected or reconnected. */
void log_connected(LogStatus *l);
/* The controller reported a change. */
void log_changed(LogStatus *l);
/* A change notification may have been lost. */
void log_distrust(LogStatus *l);
/* Reads the log without waiting, and reads its supported options again. */
void log_read_again(LogStatus *l);
/* Retries at once after a failure. */
void log_retry(LogStatus *l);
/* poll_at: time of the next read if no change is reported. */
void log_begin_read(LogStatus *l, usec_t poll_at, usec_t now);
usec_t engine_poll_at(const Engine *e, usec_t now);
/* Returns PERSISTENT_*, as configured for the row. */
int row_persistence(const Engine *e, const Row *row);
/* Returns true if its connection is for a single read of the log. */
bool row_is_brief(const Engine *e, const Row *row);
/* The supported options are not known on a new connection. */
void log_begin_offers(LogStatus *l);
/* The supported options may be read again, although a connection was lost during that. */
void log_forgive(LogStatus *l);
/* The log was read on a connection that no longer exists. */
void row_forget_log_state(Engine *e, Row *row);
bool row_must_read_offers(const Engine *e, const Row *row);
/* Options to request when the log is read. */
unsigned row_log_options(const Engine *e, const Row *row);
/* For engine_complete(). */
int engine_read_supported_logs_ended(Engine *e, Row *row, Completion *end, usec_t now);
int engine_read_log_ended(Engine *e, Row *row, Completion *end, usec_t now);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The daemons' only way to say something: to the journal with structured fields when that is where
 * standard error goes or -s was given, else as plain lines. */

#include <syslog.h>

#include "base/macro.h"
#include "daemon/message_id.h"
#include "plan/row.h"

/* Decides where messages go. */
void log_open(const char *name, bool to_syslog);
/* From now on nobody waits for the journal, or for who reads standard error: messages wait, and
 * those for which there is no room are counted and told as a number. */
void log_start(void);
/* Waits until all is logged, but no longer than a second. */
void log_stop(void);
/* tron: debug messages too. */
void log_set_debug(bool on);
bool log_get_debug(void);

/* id: of message_id.h; NULL of debug messages, which have no entry in the catalog. */
_printf_(3, 4) void log_message(const char *id, int priority, const char *format, ...);
/* The same about a controller: NVME_DEVICE, SUBSYSNQN, TRADDR become fields of the journal entry.
 */
_printf_(4, 5) void log_controller(const char *id, int priority, const Row *row, const char *format,
                                   ...);

#define log_debug(...) log_message(NULL, LOG_DEBUG, __VA_ARGS__)
#define log_info(id, ...) log_message(id, LOG_INFO, __VA_ARGS__)
#define log_warning(id, ...) log_message(id, LOG_WARNING, __VA_ARGS__)
#define log_error(id, ...) log_message(id, LOG_ERR, __VA_ARGS__)

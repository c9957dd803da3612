/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the daemons answer, as text for people. Pure. Each returns NULL when out of memory. What a
 * peer may have chosen is made printable. */

#include "base/json.h"
#include "base/text.h"

/* Rows of list_controllers(true): one line each. "log_pages", if given, is counted. */
char *view_controllers(struct json_object *rows, bool colour);
/* The same rows: a block each, with all keys that have a value. */
char *view_controllers_detailed(struct json_object *rows, bool colour);
/* Rows of explain(): a paragraph each. */
char *view_explanations(struct json_object *rows, bool colour);
/* Rows of plan(): one line each. */
char *view_plan(struct json_object *rows, bool colour);
/* Rows of read_log_pages() or get_log_pages(). */
char *view_log_pages(struct json_object *rows, unsigned indent, bool colour);
/* The list of daemon_read_logs(). */
char *view_all_log_pages(struct json_object *list, bool detailed, bool colour);
/* process_info() with "controllers" added. */
char *view_status(struct json_object *info, bool colour);

/* For the views' own use: a controller's first line without its end, and a text of it, "" where
 * there is none. */
void view_append_heading(TextBuffer *b, struct json_object *row);
const char *view_get(struct json_object *row, const char *key);

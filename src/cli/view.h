/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Formats the daemons' answers for users. Pure. All return NULL when out of memory. Strings that a
 * peer may have chosen are made printable. */

#include "base/json.h"
#include "base/text.h"

/* Rows of list_controllers(true), one line each. "log_pages" is counted if given. */
char *view_controllers(struct json_object *rows, bool colour);
/* The same rows, one block each, with all keys that have a value. */
char *view_controllers_detailed(struct json_object *rows, bool colour);
/* Rows of explain(), one paragraph each. */
char *view_explanations(struct json_object *rows, bool colour);
/* Rows of plan(), one line each. */
char *view_plan(struct json_object *rows, bool colour);
/* Rows of read_log_pages() or get_log_pages(). */
char *view_log_pages(struct json_object *rows, unsigned indent, bool colour);
/* The list of daemon_read_logs(). */
char *view_all_log_pages(struct json_object *list, bool detailed, bool colour);
/* process_info() with "controllers" added. */
char *view_status(struct json_object *info, bool colour);

/* Internal to the views: the first line of a controller without a line break, and the string at a
 * key, "" if there is none. */
void view_append_heading(TextBuffer *b, struct json_object *row);
const char *view_get(struct json_object *row, const char *key);

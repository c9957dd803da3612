/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Model values as JSON, for the files that we write and read ourselves. Secrets are never written.
 * Functions that create an object return NULL if out of memory; those that read one return 0,
 * -EBADMSG or -ENOMEM. */

#include "base/json.h"
#include "model/source_set.h"

/* Any error in a part means that the file is damaged, except for lack of memory. */
static inline int json_damaged(int r)
{
        return r == -ENOMEM || r >= 0 ? r : -EBADMSG;
}

/* Unprintable bytes are replaced, since they would make the whole file unreadable. NULL is stored
 * as "". */
int json_add_text(struct json_object *o, const char *key, const char *text);
/* Accepts only what json_add_text() can have written. Also returns -ENOENT, -EINVAL: see
 * base/json.h. */
int json_get_text(struct json_object *o, const char *key, const char **ret);

/* The parts that are set, with the names used on D-Bus. Strings remain owned by o. */
struct json_object *json_from_tid_fields(const TidFields *fields);
int json_to_tid_fields(struct json_object *o, TidFields *ret);

struct json_object *json_from_tid(const Tid *t);
/* The settings that are set, with their keys in configuration files. */
struct json_object *json_from_settings(const Settings *settings);
/* Uses the keys of dlpe_describe(). */
struct json_object *json_from_dlpe(const DlpEntry *e);
int json_to_dlpe(struct json_object *o, DlpEntry *ret);
/* With members "tid", "where", "settings" and, if applicable, "passive" (always true) and
 * "log-page-entry"; without restored, tentative and secrets. */
struct json_object *json_from_source_entry(const SourceEntry *e);

/* Get the members with these names. Without "log-page-entry" *ret is unmodified. */
int json_get_tid(struct json_object *o, Tid **ret);
int json_get_settings(struct json_object *o, Settings *ret);
int json_get_dlpe(struct json_object *o, DlpEntry **ret);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Values of the model as JSON, for the files that we write and read ourselves. Secrets have no way
 * here. What makes an object returns NULL when out of memory; what reads one returns 0, -EBADMSG or
 * -ENOMEM. */

#include "base/json.h"
#include "model/source_set.h"

/* Whatever is wrong with a part, the file is damaged; but want of memory says nothing about it. */
static inline int json_damaged(int r)
{
        return r == -ENOMEM || r >= 0 ? r : -EBADMSG;
}

/* Bytes that are not printable are replaced: they would make the whole file unreadable. NULL: "".
 */
int json_add_text(struct json_object *o, const char *key, const char *text);
/* Takes only what json_add_text() could have written. Also -ENOENT, -EINVAL: see base/json.h. */
int json_get_text(struct json_object *o, const char *key, const char **ret);

/* The parts that are given, with the names that D-Bus has for them. Texts stay o's. */
struct json_object *json_from_tid_fields(const TidFields *fields);
int json_to_tid_fields(struct json_object *o, TidFields *ret);

struct json_object *json_from_tid(const Tid *t);
/* Those that are given, by their keys in configuration files. */
struct json_object *json_from_settings(const Settings *settings);
/* The keys of dlpe_describe(). */
struct json_object *json_from_dlpe(const DlpEntry *e);
int json_to_dlpe(struct json_object *o, DlpEntry *ret);
/* With members "tid", "where", "settings" and, where they apply, "passive", which is true, and
 * "log-page-entry"; without restored, tentative and secrets. */
struct json_object *json_from_source_entry(const SourceEntry *e);

/* The members of these names. Without a "log-page-entry" *ret stays as it is. */
int json_get_tid(struct json_object *o, Tid **ret);
int json_get_settings(struct json_object *o, Settings *ret);
int json_get_dlpe(struct json_object *o, DlpEntry **ret);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Helpers for json-c: cleanup attributes, strict access to members. */

#include <json-c/json.h>

#include "base/macro.h"
#include "base/properties.h"

static inline void json_putp(struct json_object **p)
{
        if (*p)
                json_object_put(*p);
}

#define _cleanup_json_ _cleanup_(json_putp)

/* Converts properties to an object of strings. Returns NULL if out of memory. */
struct json_object *json_from_properties(const Properties *p);
struct json_object *json_from_properties_list(const PropertiesList *l);

/* Adds value. Takes ownership of value, even on failure. NULL (out of memory) is an error. Returns
 * 0 or -ENOMEM. */
int json_add(struct json_object *o, const char *key, struct json_object *value);
int json_append(struct json_object *array, struct json_object *value);

/* Returns a member of the given type: 0, -ENOENT (absent or null) or -EINVAL (wrong type, negative
 * number, string with an embedded NUL). Strings and objects remain owned by o. */
int json_get_string(struct json_object *o, const char *key, const char **ret);
int json_get_uint(struct json_object *o, const char *key, uint64_t *ret);
int json_get_int(struct json_object *o, const char *key, int *ret); /* may be negative */
int json_get_array(struct json_object *o, const char *key, struct json_object **ret);
int json_get_object(struct json_object *o, const char *key, struct json_object **ret);

/* Parses exactly one document of n bytes, strictly by RFC 8259. Returns 0, -EBADMSG (malformed,
 * nested too deeply, or just null) or -ENOMEM. */
int json_parse_bytes(const char *data, size_t n, struct json_object **ret);

/* SPDX-License-Identifier: Apache-2.0 */

#include "base/json.h"

#include <limits.h>
#include <string.h>

#include "base/json_tokens.h"
#include "base/text.h"

static void tokener_freep(struct json_tokener **t)
{
        if (*t)
                json_tokener_free(*t);
}

int json_add(struct json_object *o, const char *key, struct json_object *value)
{
        if (value && json_object_object_add(o, key, value) == 0)
                return 0;
        json_object_put(value);
        return -ENOMEM;
}

int json_append(struct json_object *array, struct json_object *value)
{
        if (value && json_object_array_add(array, value) == 0)
                return 0;
        json_object_put(value);
        return -ENOMEM;
}

struct json_object *json_from_properties(const Properties *p)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();
        if (!o)
                return NULL;

        for (size_t i = 0; i < p->n_items; i++)
                if (json_add(o, p->items[i].key, json_object_new_string(p->items[i].value)) < 0)
                        return NULL;
        return TAKE_PTR(o);
}

struct json_object *json_from_properties_list(const PropertiesList *l)
{
        _cleanup_json_ struct json_object *array = json_object_new_array();
        if (!array)
                return NULL;

        for (size_t i = 0; i < l->n_items; i++)
                if (json_append(array, json_from_properties(&l->items[i])) < 0)
                        return NULL;
        return TAKE_PTR(array);
}

static int get_member(struct json_object *o, const char *key, json_type type,
                      struct json_object **ret)
{
        struct json_object *member;
        if (!json_object_is_type(o, json_type_object))
                return -EINVAL;
        if (!json_object_object_get_ex(o, key, &member) || !member)
                return -ENOENT;
        if (!json_object_is_type(member, type))
                return -EINVAL;
        *ret = member;
        return 0;
}

int json_get_string(struct json_object *o, const char *key, const char **ret)
{
        struct json_object *member;
        int r = get_member(o, key, json_type_string, &member);
        if (r < 0)
                return r;

        const char *text = json_object_get_string(member);
        /* \u0000 would truncate the text and make two different values look equal. */
        if (!text || strlen(text) != (size_t) json_object_get_string_len(member))
                return -EINVAL;
        *ret = text;
        return 0;
}

int json_get_uint(struct json_object *o, const char *key, uint64_t *ret)
{
        struct json_object *member;
        int r = get_member(o, key, json_type_int, &member);
        if (r < 0)
                return r;
        if (json_object_get_int64(member) < 0)
                return -EINVAL;
        *ret = json_object_get_uint64(member);
        return 0;
}

int json_get_int(struct json_object *o, const char *key, int *ret)
{
        struct json_object *member;
        int r = get_member(o, key, json_type_int, &member);
        if (r < 0)
                return r;
        int64_t value = json_object_get_int64(member);
        if (value < INT_MIN || value > INT_MAX)
                return -EINVAL;
        *ret = (int) value;
        return 0;
}

int json_get_array(struct json_object *o, const char *key, struct json_object **ret)
{
        return get_member(o, key, json_type_array, ret);
}

int json_get_object(struct json_object *o, const char *key, struct json_object **ret)
{
        return get_member(o, key, json_type_object, ret);
}

int json_parse_bytes(const char *data, size_t n, struct json_object **ret)
{
        while (n > 0 && text_is_space(data[n - 1]))
                n--;
        if (n == 0 || n > INT_MAX || !json_check_tokens(data, n))
                return -EBADMSG;

        /* Don't use JSON_TOKENER_STRICT: with it, json-c 0.18 rejects all bytes above 0x7f in
         * strings. */
        _cleanup_(tokener_freep) struct json_tokener *t = json_tokener_new();
        if (!t)
                return -ENOMEM;

        _cleanup_json_ struct json_object *o = json_tokener_parse_ex(t, data, (int) n);
        enum json_tokener_error error = json_tokener_get_error(t);
        size_t n_parsed = json_tokener_get_parse_end(t);
        if (error == json_tokener_continue) { /* a bare number needs the end of the input */
                o = json_tokener_parse_ex(t, "", 1);
                error = json_tokener_get_error(t);
                n_parsed = n;
        }
        if (error != json_tokener_success || n_parsed != n || !o)
                return -EBADMSG;
        *ret = TAKE_PTR(o);
        return 0;
}

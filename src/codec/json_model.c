/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/json_model.h"

#include "base/text.h"

static const struct {
        const char *key;
        size_t offset;
} tid_keys[] = {
        { "transport", offsetof(TidFields, transport) },
        { "traddr", offsetof(TidFields, traddr) },
        { "trsvcid", offsetof(TidFields, trsvcid) },
        { "subsysnqn", offsetof(TidFields, subsysnqn) },
        { "host-traddr", offsetof(TidFields, host_traddr) },
        { "host-iface", offsetof(TidFields, host_iface) },
        { "host-nqn", offsetof(TidFields, host_nqn) },
};

static const char **tid_field(TidFields *fields, size_t i)
{
        return (const char **) (void *) ((char *) fields + tid_keys[i].offset);
}

static const char *const dlpe_keys[] = { "trtype", "adrfam",  "traddr", "trsvcid",
                                         "subnqn", "subtype", "treq",   "portid",
                                         "cntlid", "asqsz",   "eflags" };

int json_add_text(struct json_object *o, const char *key, const char *text)
{
        _cleanup_free_ char *copy = strdup(text_or(text, ""));

        if (!copy)
                return -ENOMEM;
        text_make_printable(copy);
        return json_add(o, key, json_object_new_string(copy));
}

int json_get_text(struct json_object *o, const char *key, const char **ret)
{
        const char *text;
        int r = json_get_string(o, key, &text);

        if (r < 0)
                return r;
        if (!text_is_printable(text))
                return -EBADMSG;
        *ret = text;
        return 0;
}

struct json_object *json_from_tid_fields(const TidFields *fields)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        for (size_t i = 0; o && i < ELEMENTSOF(tid_keys); i++) {
                const char *text = *tid_field((TidFields *) fields, i);

                if (!text_is_empty(text) && json_add_text(o, tid_keys[i].key, text) < 0)
                        return NULL;
        }
        return TAKE_PTR(o);
}

int json_to_tid_fields(struct json_object *o, TidFields *ret)
{
        TidFields fields = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(tid_keys); i++) {
                int r = json_get_text(o, tid_keys[i].key, tid_field(&fields, i));

                if (r < 0 && r != -ENOENT)
                        return json_damaged(r);
        }
        *ret = fields;
        return 0;
}

struct json_object *json_from_tid(const Tid *t)
{
        TidFields fields;

        tid_fields(t, &fields);
        return json_from_tid_fields(&fields);
}

int json_get_tid(struct json_object *o, Tid **ret)
{
        struct json_object *parts;
        TidFields fields;

        if (json_get_object(o, "tid", &parts) < 0)
                return -EBADMSG;
        int r = json_to_tid_fields(parts, &fields);
        if (r < 0)
                return r;
        /* Stored values are complete, so the kind, which only selects defaults, is irrelevant. */
        r = tid_new(&fields, CONTROLLER_IO, ret);
        return r < 0 ? json_damaged(r) : 0;
}

struct json_object *json_from_settings(const Settings *settings)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        for (int s = 0; o && s < _SETTING_MAX; s++)
                if (settings->value[s] != SETTING_DEFAULT &&
                    json_add(o, setting_info((Setting) s)->key,
                             json_object_new_int(settings->value[s])) < 0)
                        return NULL;
        return TAKE_PTR(o);
}

int json_get_settings(struct json_object *o, Settings *ret)
{
        struct json_object *object;
        Settings settings;

        settings_init(&settings);
        if (json_get_object(o, "settings", &object) < 0)
                return -EBADMSG;
        json_object_object_foreach(object, key, value) {
                Setting s = setting_from_key(key);

                if (s < 0 || !json_object_is_type(value, json_type_int) ||
                    (json_object_get_int64(value) != SETTING_RESET &&
                     settings_set(&settings, s, json_object_get_int64(value)) < 0))
                        return -EBADMSG;
                if (json_object_get_int64(value) == SETTING_RESET)
                        settings.value[s] = SETTING_RESET;
        }
        *ret = settings;
        return 0;
}

struct json_object *json_from_dlpe(const DlpEntry *e)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();
        _cleanup_properties_ Properties p = { 0 };

        if (!o || dlpe_describe(e, &p) < 0 ||
            (e->sectype != 0 && properties_addf(&p, DLPE_SECTYPE, "%u", e->sectype) < 0))
                return NULL;
        for (size_t i = 0; i < p.n_items; i++)
                if (json_add_text(o, p.items[i].key, p.items[i].value) < 0)
                        return NULL;
        return TAKE_PTR(o);
}

/* Those that not each entry has. */
static const char *const dlpe_optional_keys[] = { DLPE_PROBLEM, DLPE_SECTYPE };

int json_to_dlpe(struct json_object *o, DlpEntry *ret)
{
        _cleanup_properties_ Properties p = { 0 };
        const char *text;

        for (size_t i = 0; i < ELEMENTSOF(dlpe_keys); i++) {
                int r = json_get_text(o, dlpe_keys[i], &text);
                if (r < 0)
                        return json_damaged(r);
                r = properties_add(&p, dlpe_keys[i], text);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < ELEMENTSOF(dlpe_optional_keys); i++)
                if (json_get_text(o, dlpe_optional_keys[i], &text) >= 0 &&
                    properties_add(&p, dlpe_optional_keys[i], text) < 0)
                        return -ENOMEM;
        return dlpe_from_properties(&p, ret);
}

int json_get_dlpe(struct json_object *o, DlpEntry **ret)
{
        struct json_object *object;

        int r = json_get_object(o, "log-page-entry", &object);
        if (r < 0)
                return r == -ENOENT ? 0 : -EBADMSG;
        _cleanup_free_ DlpEntry *e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;
        r = json_to_dlpe(object, e);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(e);
        return 0;
}

struct json_object *json_from_source_entry(const SourceEntry *e)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        if (!o || json_add(o, "tid", json_from_tid(e->tid)) < 0 ||
            json_add_text(o, "where", e->where) < 0 ||
            json_add(o, "settings", json_from_settings(&e->settings)) < 0 ||
            (e->passive && json_add(o, "passive", json_object_new_boolean(true)) < 0) ||
            (e->dlpe && json_add(o, "log-page-entry", json_from_dlpe(e->dlpe)) < 0))
                return NULL;
        return TAKE_PTR(o);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/last_known.h"

#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "codec/json_model.h"

void last_known_done(LastKnown *l)
{
        for (size_t i = 0; i < l->n_devices; i++)
                (void) tid_free(l->devices[i].tid);
        for (size_t i = 0; i < l->n_sets; i++)
                (void) source_set_free(l->sets[i]);
        for (size_t i = 0; i < l->n_remembered; i++)
                (void) tid_free(l->remembered[i]);
        for (size_t i = 0; i < l->n_stalls; i++)
                (void) tid_free(l->stalls[i].tid);
        free(l->stalls);
        free(l->remembered);
        free(l->devices);
        free(l->sets);
        *l = (LastKnown) { 0 };
}

static int copy_entry(const SourceEntry *from, SourceSet *to)
{
        Tid *tid;
        int r = tid_dup(from->tid, &tid);
        if (r < 0)
                return r;
        SourceEntry *e = source_set_add(to, tid, from->where);
        if (!e)
                return -ENOMEM;
        e->settings = from->settings;
        e->passive = from->passive;
        if (!from->dlpe)
                return 0;
        e->dlpe = calloc(1, sizeof(*e->dlpe));
        return e->dlpe ? dlpe_copy(from->dlpe, e->dlpe) : -ENOMEM;
}

static int add_empty(LastKnown *l, const SourceSet *like, SourceSet **ret)
{
        int r = ARRAY_RESERVE(l->sets, l->n_sets_allocated, l->n_sets + 1);
        if (r >= 0)
                r = source_set_new(like->key, like->kind, like->state, ret);
        if (r >= 0)
                l->sets[l->n_sets++] = *ret;
        return r;
}

int last_known_add_set(LastKnown *l, const SourceSet *set)
{
        SourceSet *copy;
        int r = add_empty(l, set, &copy);

        for (size_t i = 0; r >= 0 && i < set->n_entries; i++)
                r = copy_entry(&set->entries[i], copy);
        return r;
}

int last_known_add_entry(LastKnown *l, const SourceSet *set, const SourceEntry *entry)
{
        SourceSet *copy = NULL;
        int r = 0;

        for (size_t i = l->n_sets; i > 0 && !copy; i--)
                if (streq(l->sets[i - 1]->key, set->key))
                        copy = l->sets[i - 1];
        if (!copy)
                r = add_empty(l, set, &copy);
        return r < 0 ? r : copy_entry(entry, copy);
}

static struct json_object *encode_set(const SourceSet *s)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();
        _cleanup_json_ struct json_object *entries = json_object_new_array();

        if (!o || !entries || json_add_text(o, "key", s->key) < 0 ||
            json_add_text(o, "kind", source_kind_to_string(s->kind)) < 0)
                return NULL;
        for (size_t i = 0; i < s->n_entries; i++)
                if (json_append(entries, json_from_source_entry(&s->entries[i])) < 0)
                        return NULL;
        return json_add(o, "entries", TAKE_PTR(entries)) < 0 ? NULL : TAKE_PTR(o);
}

static struct json_object *encode_device(const LastKnownDevice *d)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        if (!o || json_add(o, "instance", json_object_new_int(d->instance)) < 0 ||
            json_add(o, "inode", json_object_new_uint64(d->inode)) < 0 ||
            json_add(o, "tid", json_from_tid(d->tid)) < 0)
                return NULL;
        return TAKE_PTR(o);
}

static struct json_object *encode_remembered(const Tid *tid)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        return !o || json_add(o, "tid", json_from_tid(tid)) < 0 ? NULL : TAKE_PTR(o);
}

static struct json_object *encode_stall(const LastKnownStall *s)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        if (!o || json_add(o, "tid", json_from_tid(s->tid)) < 0 ||
            json_add(o, "begun", json_object_new_uint64(s->begun)) < 0 ||
            json_add(o, "took", json_object_new_uint64(s->took)) < 0 ||
            json_add(o, "until", json_object_new_uint64(s->until)) < 0)
                return NULL;
        return TAKE_PTR(o);
}

static struct json_object *encode_stalls(const LastKnown *l)
{
        _cleanup_json_ struct json_object *stalls = json_object_new_array();

        for (size_t i = 0; stalls && i < l->n_stalls; i++)
                if (json_append(stalls, encode_stall(&l->stalls[i])) < 0)
                        return NULL;
        return TAKE_PTR(stalls);
}

char *last_known_encode(const LastKnown *l)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();
        _cleanup_json_ struct json_object *remembered = json_object_new_array();
        _cleanup_json_ struct json_object *devices = json_object_new_array();
        _cleanup_json_ struct json_object *sets = json_object_new_array();

        if (!o || !devices || !sets || !remembered)
                return NULL;
        for (size_t i = 0; i < l->n_devices; i++)
                if (json_append(devices, encode_device(&l->devices[i])) < 0)
                        return NULL;
        for (size_t i = 0; i < l->n_sets; i++)
                if (l->sets[i]->kind != SOURCE_CONFIGURED &&
                    json_append(sets, encode_set(l->sets[i])) < 0)
                        return NULL;
        for (size_t i = 0; i < l->n_remembered; i++)
                if (json_append(remembered, encode_remembered(l->remembered[i])) < 0)
                        return NULL;
        if (json_add(o, "version", json_object_new_int(LAST_KNOWN_VERSION)) < 0 ||
            json_add(o, "devices", TAKE_PTR(devices)) < 0 ||
            json_add(o, "sources", TAKE_PTR(sets)) < 0 ||
            json_add(o, "remembered", TAKE_PTR(remembered)) < 0 ||
            (l->n_stalls > 0 && json_add(o, "stalls", encode_stalls(l)) < 0))
                return NULL;

        const char *text = json_object_to_json_string_ext(
                o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
        return text ? strdup(text) : NULL;
}

/* Damage only affects the part in question, not its neighbors. */
static int last_known_leave_out(LastKnown *l, int r)
{
        if (r != -EBADMSG)
                return r;
        l->n_damaged++;
        return 0;
}

static int last_known_decode_entry(struct json_object *o, LastKnown *l, SourceSet *set)
{
        const char *where = "";
        Tid *tid;

        int r = json_get_tid(o, &tid);
        if (r < 0)
                return r;
        if (json_get_text(o, "where", &where) < 0)
                l->n_damaged++;
        SourceEntry *e = source_set_add(set, tid, where);
        if (!e)
                return -ENOMEM;
        e->restored = true;
        e->passive = json_object_object_get_ex(o, "passive", NULL); /* if present, it is true */
        r = last_known_leave_out(l, json_get_settings(o, &e->settings));
        return r < 0 ? r : last_known_leave_out(l, json_get_dlpe(o, &e->dlpe));
}

/* Keys contain addresses, which earlier versions stored as they were given. */
static char *canonical_key(const char *key)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        while (*key) {
                size_t n = strcspn(key, " ,()");
                char text[ADDRESS_TEXT_SIZE];
                const Address a = address_parse_as_kernel(key, n);
                if (address_to_text(&a, text))
                        text_buffer_append(&b, text);
                else
                        text_buffer_append_bytes(&b, key, n);
                key += n;
                n = strspn(key, " ,()");
                text_buffer_append_bytes(&b, key, n);
                key += n;
        }
        return text_buffer_take(&b);
}

static int new_set(struct json_object *o, SourceSet **ret)
{
        const char *key, *kind_name;

        int r = json_get_text(o, "key", &key);
        if (r < 0)
                return r == -ENOMEM ? r : -EBADMSG;
        if (json_get_string(o, "kind", &kind_name) < 0)
                return -EBADMSG;
        SourceKind kind = source_kind_from_string(kind_name);
        if (kind < 0 || kind == SOURCE_CONFIGURED)
                return -EBADMSG;
        _cleanup_free_ char *canonical = canonical_key(key);
        return canonical ? source_set_new(canonical, kind, SOURCE_UNKNOWN, ret) : -ENOMEM;
}

static int decode_set(struct json_object *o, LastKnown *l)
{
        _cleanup_(source_set_freep) SourceSet *set = NULL;
        struct json_object *entries;

        int r = new_set(o, &set);
        if (r < 0)
                return r;
        if (json_get_array(o, "entries", &entries) < 0)
                return -EBADMSG;
        set->restored = true;
        for (size_t i = 0; i < json_object_array_length(entries); i++) {
                r = last_known_leave_out(
                        l, last_known_decode_entry(json_object_array_get_idx(entries, i), l, set));
                if (r < 0)
                        return r;
        }
        source_set_seal(set);
        if (ARRAY_RESERVE(l->sets, l->n_sets_allocated, l->n_sets + 1) < 0)
                return -ENOMEM;
        l->sets[l->n_sets++] = TAKE_PTR(set);
        return 0;
}

static int decode_device(struct json_object *o, LastKnown *l)
{
        LastKnownDevice d = { 0 };

        if (json_get_int(o, "instance", &d.instance) < 0 || d.instance < 0 ||
            json_get_uint(o, "inode", &d.inode) < 0)
                return -EBADMSG;
        if (ARRAY_RESERVE(l->devices, l->n_devices_allocated, l->n_devices + 1) < 0)
                return -ENOMEM;
        int r = json_get_tid(o, &d.tid);
        if (r >= 0)
                l->devices[l->n_devices++] = d;
        return r;
}

static int decode_remembered(struct json_object *o, LastKnown *l)
{
        if (ARRAY_RESERVE(l->remembered, l->n_remembered_allocated, l->n_remembered + 1) < 0)
                return -ENOMEM;
        int r = json_get_tid(o, &l->remembered[l->n_remembered]);
        if (r >= 0)
                l->n_remembered++;
        return r;
}

static int decode_stall(struct json_object *o, LastKnown *l)
{
        LastKnownStall s = { 0 };

        if (json_get_uint(o, "begun", &s.begun) < 0 || json_get_uint(o, "took", &s.took) < 0 ||
            json_get_uint(o, "until", &s.until) < 0)
                return -EBADMSG;
        if (ARRAY_RESERVE(l->stalls, l->n_stalls_allocated, l->n_stalls + 1) < 0)
                return -ENOMEM;
        int r = json_get_tid(o, &s.tid);
        if (r >= 0)
                l->stalls[l->n_stalls++] = s;
        return r;
}

typedef int (*Decoder)(struct json_object *o, LastKnown *l);

static int decode_list(struct json_object *o, const char *key, Decoder decode, LastKnown *l)
{
        struct json_object *list;
        int r = json_get_array(o, key, &list);

        if (r < 0)
                return last_known_leave_out(l, -EBADMSG);
        for (size_t i = 0; r >= 0 && i < json_object_array_length(list); i++)
                r = last_known_leave_out(l, decode(json_object_array_get_idx(list, i), l));
        return r;
}

int last_known_decode(const char *data, size_t n, LastKnown *ret)
{
        _cleanup_json_ struct json_object *o = NULL;
        _cleanup_last_known_ LastKnown l = { 0 };
        uint64_t version;

        int r = json_parse_bytes(data, n, &o);
        if (r < 0)
                return r;
        if (json_get_uint(o, "version", &version) < 0)
                return -EBADMSG;
        if (version != LAST_KNOWN_VERSION)
                return -EPROTONOSUPPORT;
        r = decode_list(o, "devices", decode_device, &l);
        if (r >= 0)
                r = decode_list(o, "sources", decode_set, &l);
        if (r >= 0 && json_object_object_get_ex(o, "remembered", NULL)) /* missing in older files */
                r = decode_list(o, "remembered", decode_remembered, &l);
        if (r >= 0 && json_object_object_get_ex(o, "stalls", NULL)) /* missing if there are none */
                r = decode_list(o, "stalls", decode_stall, &l);
        if (r < 0)
                return r;
        *ret = l;
        l = (LastKnown) { 0 };
        return 0;
}

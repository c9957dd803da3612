/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/json_input.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "model/dlpe_tid.h"

/* Numbers, booleans, strings. */

static int json_input_add_uint(struct json_object *o, const char *key, uint64_t value)
{
        return json_add(o, key, json_object_new_uint64(value));
}

/* Omitted if false. */
static int add_flag(struct json_object *o, const char *key, bool value)
{
        return value ? json_add(o, key, json_object_new_boolean(true)) : 0;
}

static bool get_flag(struct json_object *o, const char *key)
{
        struct json_object *member;

        return json_object_object_get_ex(o, key, &member) && json_object_get_boolean(member);
}

static int get_unsigned(struct json_object *o, const char *key, unsigned *ret)
{
        uint64_t value;

        if (json_get_uint(o, key, &value) < 0 || value > UINT32_MAX)
                return -EBADMSG;
        *ret = (unsigned) value;
        return 0;
}

static int json_input_dup_text(struct json_object *o, const char *key, char **ret)
{
        const char *text;
        int r = json_get_text(o, key, &text);

        return r < 0 ? json_damaged(r) : text_replace(ret, text);
}

/* Addresses. */

#define NAME_PREFIX "name:"

/* "192.0.2.1", "fe80::1%eth0". For a name only its hash is available. Omitted if there is no
 * address; inputs never carry Fibre Channel ones. */
static int add_address(struct json_object *o, const char *key, const Address *a)
{
        char text[ADDRESS_TEXT_SIZE];

        if (a->family == ADDRESS_NAME)
                (void) snprintf(text, sizeof(text), NAME_PREFIX "%" PRIu32, a->name_hash);
        else if (!address_to_text(a, text))
                return 0;
        return json_add_text(o, key, text);
}

static int get_address(struct json_object *o, const char *key, Address *ret)
{
        const char *text;
        uint64_t hash;

        int r = json_get_text(o, key, &text);
        if (r < 0)
                return r == -ENOENT ? 0 : json_damaged(r);
        const char *name = text_after(text, NAME_PREFIX);
        if (name) {
                if (text_to_u64(name, 0, UINT32_MAX, &hash) < 0)
                        return -EBADMSG;
                *ret = (Address) { .family = ADDRESS_NAME, .name_hash = (uint32_t) hash };
                return 0;
        }
        *ret = address_parse(TRANSPORT_TCP, text);
        return address_is_ip(ret) ? 0 : -EBADMSG;
}

/* Policy. */

static struct json_object *from_rule(const ExcludeRule *rule)
{
        const TidFields fields = exclude_rule_fields(rule);
        _cleanup_json_ struct json_object *o = json_from_tid_fields(&fields);

        return !o || json_add_text(o, "where", rule->where) < 0 ||
                               add_flag(o, "family", rule->is_family) < 0
                       ? NULL
                       : TAKE_PTR(o);
}

static struct json_object *from_rules(const ExcludeList *l)
{
        _cleanup_json_ struct json_object *array = json_object_new_array();

        for (size_t i = 0; array && i < l->n_rules; i++)
                if (json_append(array, from_rule(&l->rules[i])) < 0)
                        return NULL;
        return TAKE_PTR(array);
}

static int to_rules(struct json_object *o, ExcludeList *l)
{
        struct json_object *array;

        if (json_get_array(o, "exclude", &array) < 0)
                return -EBADMSG;
        for (size_t i = 0; i < json_object_array_length(array); i++) {
                struct json_object *rule = json_object_array_get_idx(array, i);
                TidFields fields;
                const char *where;

                int r = json_get_text(rule, "where", &where);
                if (r >= 0)
                        r = json_to_tid_fields(rule, &fields);
                if (r >= 0)
                        r = get_flag(rule, "family") ? exclude_list_add_family(l, &fields, where)
                                                     : exclude_list_add(l, &fields, where);
                if (r < 0)
                        return json_damaged(r);
        }
        return 0;
}

struct json_object *json_from_policy(const Policy *p)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        if (!o || add_flag(o, "discovery", p->role == CONTROLLER_DISCOVERY) < 0 ||
            json_input_add_uint(o, "ip-families", p->ip_families) < 0 ||
            json_add(o, "exclude", from_rules(&p->excludes)) < 0 ||
            json_add(o, "settings", json_from_settings(&p->settings)) < 0 ||
            json_add_text(o, "scope", disconnect_scope_to_string(p->disconnect_scope)) < 0 ||
            json_input_add_uint(o, "transports", p->disconnect_transports) < 0 ||
            json_input_add_uint(o, "ncc-attempts", p->connect_attempts_on_ncc) < 0 ||
            json_input_add_uint(o, "poll-minutes", p->poll_minutes) < 0 ||
            add_flag(o, "in-use-force", p->disconnect_in_use_force) < 0 ||
            add_flag(o, "ignore-iface", p->ignore_iface) < 0 ||
            add_flag(o, "no-rdma", p->no_rdma) < 0 || add_flag(o, "pleo", p->pleo) < 0)
                return NULL;
        return TAKE_PTR(o);
}

/* A recording of an earlier version does not have it. */
static int get_poll_minutes(struct json_object *o, unsigned *ret)
{
        return json_object_object_get_ex(o, "poll-minutes", NULL)
                       ? get_unsigned(o, "poll-minutes", ret)
                       : 0;
}

static int to_policy(struct json_object *o, Policy *p)
{
        const char *scope;

        p->role = get_flag(o, "discovery") ? CONTROLLER_DISCOVERY : CONTROLLER_IO;
        p->disconnect_in_use_force = get_flag(o, "in-use-force");
        p->ignore_iface = get_flag(o, "ignore-iface");
        p->no_rdma = get_flag(o, "no-rdma");
        p->pleo = get_flag(o, "pleo");
        if (get_unsigned(o, "ip-families", &p->ip_families) < 0 ||
            get_unsigned(o, "transports", &p->disconnect_transports) < 0 ||
            get_unsigned(o, "ncc-attempts", &p->connect_attempts_on_ncc) < 0 ||
            get_poll_minutes(o, &p->poll_minutes) < 0 || json_get_string(o, "scope", &scope) < 0)
                return -EBADMSG;
        p->disconnect_scope = disconnect_scope_from_string(scope);
        if (p->disconnect_scope < 0)
                return -EBADMSG;
        int r = json_get_settings(o, &p->settings);
        return r < 0 ? r : to_rules(o, &p->excludes);
}

int json_to_policy(struct json_object *o, Policy **ret)
{
        _cleanup_(policy_freep) Policy *p = calloc(1, sizeof(*p));

        int r = p ? to_policy(o, p) : -ENOMEM;
        if (r < 0)
                return r;
        *ret = TAKE_PTR(p);
        return 0;
}

/* Network. */

static struct json_object *from_network_address(const NetworkAddress *a)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        return !o || json_add_text(o, "interface", a->interface) < 0 ||
                               add_address(o, "address", &a->address) < 0 ||
                               add_flag(o, "of-part", a->of_part) < 0
                       ? NULL
                       : TAKE_PTR(o);
}

static struct json_object *from_alias(const InterfaceAlias *a)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        return !o || json_add_text(o, "interface", a->interface) < 0 ||
                               json_add_text(o, "alias", a->alias) < 0
                       ? NULL
                       : TAKE_PTR(o);
}

struct json_object *json_from_network(const Network *n)
{
        _cleanup_json_ struct json_object *array = json_object_new_array();

        for (size_t i = 0; array && i < n->n_addresses; i++)
                if (json_append(array, from_network_address(&n->addresses[i])) < 0)
                        return NULL;
        for (size_t i = 0; array && i < n->n_aliases; i++)
                if (json_append(array, from_alias(&n->aliases[i])) < 0)
                        return NULL;
        return TAKE_PTR(array);
}

static int to_network_address(struct json_object *o, Network *n)
{
        Address address = { 0 };
        const char *interface, *alias;

        int r = json_get_text(o, "interface", &interface);
        if (r >= 0 && json_object_object_get_ex(o, "alias", NULL)) {
                r = json_get_text(o, "alias", &alias);
                return json_damaged(r < 0 ? r : network_add_alias(n, alias, interface));
        }
        if (r >= 0)
                r = get_address(o, "address", &address);
        if (r >= 0)
                r = get_flag(o, "of-part") ? network_add_to_whole(n, interface, &address)
                                           : network_add(n, interface, &address);
        return json_damaged(r);
}

int json_to_network(struct json_object *array, Network *ret)
{
        _cleanup_(network_done) Network n = { 0 };
        int r = json_object_is_type(array, json_type_array) ? 0 : -EBADMSG;

        for (size_t i = 0; r >= 0 && i < json_object_array_length(array); i++)
                r = to_network_address(json_object_array_get_idx(array, i), &n);
        if (r < 0)
                return r;
        *ret = n;
        n = (Network) { 0 };
        return 0;
}

struct json_object *json_from_reachability(const Reachability *n)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        if (!o || json_add_text(o, "interface", n->interface) < 0 ||
            add_address(o, "prefix", &n->prefix) < 0 ||
            json_input_add_uint(o, "bits", n->n_bits) < 0 || add_address(o, "own", &n->own) < 0)
                return NULL;
        return TAKE_PTR(o);
}

int json_to_reachability(struct json_object *o, Reachability *ret)
{
        Reachability n = { 0 };
        const char *interface;

        int r = json_get_text(o, "interface", &interface);
        if (r >= 0)
                r = get_address(o, "prefix", &n.prefix);
        if (r >= 0)
                r = get_address(o, "own", &n.own);
        if (r >= 0)
                r = get_unsigned(o, "bits", &n.n_bits);
        if (r < 0 || strlen(interface) >= sizeof(n.interface))
                return r == -ENOMEM ? r : -EBADMSG;
        memcpy(n.interface, interface, strlen(interface) + 1);
        *ret = n;
        return 0;
}

/* Sources. */

static struct json_object *from_entry(const SourceEntry *e)
{
        _cleanup_json_ struct json_object *o = json_from_source_entry(e);

        return !o || add_flag(o, "restored", e->restored) < 0 ||
                               add_flag(o, "tentative", e->tentative) < 0
                       ? NULL
                       : TAKE_PTR(o);
}

static struct json_object *from_skipped(const SkippedEntry *e)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        return !o || json_add_text(o, "where", e->where) < 0 ||
                               json_add(o, "log-page-entry", json_from_dlpe(&e->dlpe)) < 0
                       ? NULL
                       : TAKE_PTR(o);
}

/* Only where there are any. */
static int input_add_skipped(struct json_object *o, const SourceSet *s)
{
        _cleanup_json_ struct json_object *array = json_object_new_array();

        if (!array)
                return -ENOMEM;
        for (size_t i = 0; i < s->n_skipped; i++)
                if (json_append(array, from_skipped(&s->skipped[i])) < 0)
                        return -ENOMEM;
        return s->n_skipped > 0 ? json_add(o, "skipped", TAKE_PTR(array)) : 0;
}

struct json_object *json_from_source_set(const SourceSet *s)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();
        _cleanup_json_ struct json_object *entries = json_object_new_array();

        if (!o || !entries || json_add_text(o, "key", s->key) < 0 ||
            json_add_text(o, "kind", source_kind_to_string(s->kind)) < 0 ||
            json_add_text(o, "state", source_state_to_string(s->state)) < 0 ||
            add_flag(o, "restored", s->restored) < 0 || input_add_skipped(o, s) < 0)
                return NULL;
        for (size_t i = 0; i < s->n_entries; i++)
                if (json_append(entries, from_entry(&s->entries[i])) < 0)
                        return NULL;
        return json_add(o, "entries", TAKE_PTR(entries)) < 0 ? NULL : TAKE_PTR(o);
}

static int to_entry(struct json_object *o, SourceSet *s)
{
        const char *where;
        Tid *tid;

        int r = json_get_text(o, "where", &where);
        if (r < 0)
                return json_damaged(r);
        r = json_get_tid(o, &tid);
        if (r < 0)
                return r;
        SourceEntry *e = source_set_add(s, tid, where);
        if (!e)
                return -ENOMEM;
        e->restored = get_flag(o, "restored");
        e->passive = get_flag(o, "passive");
        e->tentative = get_flag(o, "tentative");
        r = json_get_settings(o, &e->settings);
        if (r >= 0)
                r = json_get_dlpe(o, &e->dlpe);
        /* As when it was created. */
        e->problem = e->dlpe && e->passive ? dlpe_problem(e->dlpe, e->tid, NULL) : NULL;
        e->demands_tls = e->dlpe && dlpe_demands_tls(e->dlpe);
        return r;
}

static int to_entries(struct json_object *array, SourceSet *s)
{
        for (size_t i = 0; i < json_object_array_length(array); i++) {
                int r = to_entry(json_object_array_get_idx(array, i), s);
                if (r < 0)
                        return r;
        }
        source_set_seal(s);
        return 0;
}

static int to_skipped(struct json_object *o, SourceSet *s)
{
        _cleanup_free_ DlpEntry *dlpe = NULL;
        const char *where, *problem;

        int r = json_get_text(o, "where", &where);
        if (r >= 0)
                r = json_get_dlpe(o, &dlpe);
        if (r < 0 || !dlpe)
                return r == -ENOMEM ? r : -EBADMSG;
        r = dlpe_defect(dlpe, &problem); /* as whoever made it did */
        if (r >= 0)
                r = source_set_skip(s, dlpe, where, problem);
        dlpe_done(dlpe);
        return r;
}

static int get_skipped(struct json_object *o, SourceSet *s)
{
        struct json_object *array;
        int r = json_get_array(o, "skipped", &array);

        if (r < 0)
                return r == -ENOENT ? 0 : -EBADMSG;
        for (size_t i = 0; r >= 0 && i < json_object_array_length(array); i++)
                r = to_skipped(json_object_array_get_idx(array, i), s);
        return r < 0 ? r : 0;
}

int json_to_source_set(struct json_object *o, SourceSet **ret)
{
        _cleanup_(source_set_freep) SourceSet *s = NULL;
        const char *key, *kind_name, *state_name;
        struct json_object *entries;

        int r = json_get_text(o, "key", &key);
        if (r < 0)
                return json_damaged(r);
        if (json_get_string(o, "kind", &kind_name) < 0 ||
            json_get_string(o, "state", &state_name) < 0 ||
            json_get_array(o, "entries", &entries) < 0)
                return -EBADMSG;
        SourceKind kind = source_kind_from_string(kind_name);
        SourceState state = source_state_from_string(state_name);
        if (kind < 0 || state < 0)
                return -EBADMSG;
        r = source_set_new(key, kind, state, &s);
        if (r < 0)
                return r;
        s->restored = get_flag(o, "restored");
        r = to_entries(entries, s);
        if (r >= 0)
                r = get_skipped(o, s);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(s);
        return 0;
}

/* Discovery logs. */

struct json_object *json_from_log(const DiscoveryLog *l)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();
        _cleanup_json_ struct json_object *entries = json_object_new_array();

        if (!o || !entries || json_input_add_uint(o, "genctr", l->genctr) < 0 ||
            add_flag(o, "partial", l->partial) < 0)
                return NULL;
        for (size_t i = 0; i < l->n_entries; i++)
                if (json_append(entries, json_from_dlpe(&l->entries[i])) < 0)
                        return NULL;
        return json_add(o, "entries", TAKE_PTR(entries)) < 0 ? NULL : TAKE_PTR(o);
}

int json_to_log(struct json_object *o, DiscoveryLog **ret)
{
        _cleanup_(discovery_log_freep) DiscoveryLog *l = calloc(1, sizeof(*l));
        struct json_object *entries;

        if (!l)
                return -ENOMEM;
        if (json_get_uint(o, "genctr", &l->genctr) < 0 ||
            json_get_array(o, "entries", &entries) < 0)
                return -EBADMSG;
        l->partial = get_flag(o, "partial");
        size_t n = json_object_array_length(entries);
        l->entries = n > 0 ? calloc(n, sizeof(*l->entries)) : NULL;
        if (n > 0 && !l->entries)
                return -ENOMEM;
        for (; l->n_entries < n; l->n_entries++) {
                int r = json_to_dlpe(json_object_array_get_idx(entries, l->n_entries),
                                     &l->entries[l->n_entries]);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(l);
        return 0;
}

/* Devices. */

struct json_object *json_from_device(const Device *d)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();

        if (!o || json_add(o, "instance", json_object_new_int(d->instance)) < 0 ||
            json_input_add_uint(o, "inode", d->inode) < 0 ||
            json_add_text(o, "state", device_state_to_string(d->state)) < 0 ||
            add_flag(o, "discovery", d->kind == CONTROLLER_DISCOVERY) < 0 ||
            json_add(o, "tid", json_from_tid(d->tid)) < 0 ||
            add_address(o, "source", &d->src_address) < 0 ||
            add_flag(o, "source-hidden", d->source_hidden) < 0 ||
            add_flag(o, "adopted", d->adopted) < 0 ||
            add_flag(o, "no-keep-alive", d->no_keep_alive) < 0 ||
            json_add_text(o, "host-id", d->host_id) < 0 ||
            json_add_text(o, "model", d->model) < 0 || json_add_text(o, "serial", d->serial) < 0 ||
            json_add_text(o, "cntrltype", d->cntrltype) < 0 ||
            json_add_text(o, "dctype", d->dctype) < 0 ||
            (d->owner && json_add_text(o, "owner", d->owner) < 0))
                return NULL;
        return TAKE_PTR(o);
}

static int to_device_texts(struct json_object *o, Device *d)
{
        int r = json_input_dup_text(o, "host-id", &d->host_id);

        if (r >= 0)
                r = json_input_dup_text(o, "model", &d->model);
        if (r >= 0)
                r = json_input_dup_text(o, "serial", &d->serial);
        if (r >= 0)
                r = json_input_dup_text(o, "cntrltype", &d->cntrltype);
        if (r >= 0)
                r = json_input_dup_text(o, "dctype", &d->dctype);
        if (r >= 0 && json_object_object_get_ex(o, "owner", NULL))
                r = json_input_dup_text(o, "owner", &d->owner);
        return r;
}

int json_to_device(struct json_object *o, Device **ret)
{
        _cleanup_(device_freep) Device *d = calloc(1, sizeof(*d));
        const char *state;

        if (!d)
                return -ENOMEM;
        if (json_get_int(o, "instance", &d->instance) < 0 || d->instance < 0 ||
            json_get_uint(o, "inode", &d->inode) < 0 || json_get_string(o, "state", &state) < 0)
                return -EBADMSG;
        d->state = device_state_from_string(state);
        d->adopted = get_flag(o, "adopted");
        d->no_keep_alive = get_flag(o, "no-keep-alive");
        d->kind = get_flag(o, "discovery") ? CONTROLLER_DISCOVERY : CONTROLLER_IO;
        d->source_hidden = get_flag(o, "source-hidden");
        int r = json_get_tid(o, &d->tid);
        if (r >= 0)
                r = get_address(o, "source", &d->src_address);
        if (r >= 0)
                r = to_device_texts(o, d);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(d);
        return 0;
}

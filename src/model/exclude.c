/* SPDX-License-Identifier: Apache-2.0 */

#include "model/exclude.h"

#include "base/array.h"
#include "base/text.h"

static void exclude_rule_done(ExcludeRule *r)
{
        free(r->where);
        free(r->traddr);
        free(r->trsvcid);
        free(r->subsysnqn);
        free(r->host_iface);
        free(r->host_nqn);
        free(r->host_traddr);
        *r = (ExcludeRule) { 0 };
}

/* Copies s without surrounding white space; *ret remains NULL if nothing is left. */
static int copy_field(const char *s, char **ret)
{
        if (!s)
                return 0;
        _cleanup_free_ char *copy = strdup(s);
        if (!copy)
                return -ENOMEM;
        const char *trimmed = text_trim(copy);
        return *trimmed ? text_replace(ret, trimmed) : 0;
}

/* Without a transport, the type of the address is derived from the text. */
static Address parse_address(const ExcludeRule *r, const char *s)
{
        if (r->has_transport)
                return address_parse(r->transport, s);
        Address a = address_parse(TRANSPORT_FC, s);
        return a.family == ADDRESS_FC ? a : address_parse(TRANSPORT_TCP, s);
}

static int exclude_rule_init(ExcludeRule *r, const TidFields *f, const char *where)
{
        _cleanup_free_ char *transport = NULL;

        if (copy_field(f->transport, &transport) < 0 || copy_field(f->traddr, &r->traddr) < 0 ||
            copy_field(f->trsvcid, &r->trsvcid) < 0 ||
            copy_field(f->subsysnqn, &r->subsysnqn) < 0 ||
            copy_field(f->host_iface, &r->host_iface) < 0 ||
            copy_field(f->host_nqn, &r->host_nqn) < 0 ||
            copy_field(f->host_traddr, &r->host_traddr) < 0 || text_replace(&r->where, where) < 0)
                return -ENOMEM;

        if (transport) {
                r->transport = transport_from_string(transport);
                r->has_transport = true;
                if (r->transport < 0)
                        return -EINVAL;
        } else if (!r->traddr && !r->trsvcid && !r->subsysnqn && !r->host_iface && !r->host_nqn &&
                   !r->host_traddr) {
                return -EINVAL;
        }
        r->address = parse_address(r, r->traddr);
        r->host_address = parse_address(r, r->host_traddr);
        return 0;
}

static bool is_family(const char *nqn)
{
        size_t n = strlen(text_or(nqn, ""));

        return n > 0 && nqn[n - 1] == '*';
}

int exclude_list_add_family(ExcludeList *l, const TidFields *fields, const char *where)
{
        int r = exclude_list_add(l, fields, where);

        if (r == 0) {
                ExcludeRule *rule = &l->rules[l->n_rules - 1];
                rule->is_family = is_family(rule->subsysnqn);
        }
        return r;
}

int exclude_list_add(ExcludeList *l, const TidFields *fields, const char *where)
{
        ExcludeRule rule = { 0 };
        int r = exclude_rule_init(&rule, fields, where);
        if (r == 0)
                r = ARRAY_RESERVE(l->rules, l->n_allocated, l->n_rules + 1);
        if (r < 0) {
                exclude_rule_done(&rule);
                return r;
        }
        l->rules[l->n_rules++] = rule;
        return 0;
}

TidFields exclude_rule_fields(const ExcludeRule *r)
{
        return (TidFields) {
                .transport = r->has_transport ? transport_to_string(r->transport) : NULL,
                .traddr = r->traddr,
                .trsvcid = r->trsvcid,
                .subsysnqn = r->subsysnqn,
                .host_traddr = r->host_traddr,
                .host_iface = r->host_iface,
                .host_nqn = r->host_nqn,
        };
}

static void exclude_list_cut(ExcludeList *l, size_t n)
{
        while (l->n_rules > n)
                exclude_rule_done(&l->rules[--l->n_rules]);
}

/* "FILE:LINE" or, if it is a folder, "FILE/NAME:LINE". */
static bool exclude_rule_is_in(const ExcludeRule *r, const char *file)
{
        const char *rest = text_after(r->where, file);

        return rest && (*rest == ':' || *rest == '/');
}

int exclude_list_append_from(ExcludeList *l, const ExcludeList *other, const char *file)
{
        size_t n = l->n_rules;

        for (size_t i = 0; i < other->n_rules; i++) {
                if (file && !exclude_rule_is_in(&other->rules[i], file))
                        continue;
                const TidFields fields = exclude_rule_fields(&other->rules[i]);
                int r = exclude_list_add(l, &fields, other->rules[i].where);
                if (r < 0) {
                        exclude_list_cut(l, n);
                        return r;
                }
                l->rules[l->n_rules - 1].is_family = other->rules[i].is_family;
        }
        return 0;
}

int exclude_list_append(ExcludeList *l, const ExcludeList *other)
{
        return exclude_list_append_from(l, other, NULL);
}

static bool exclude_rule_equal(const ExcludeRule *a, const ExcludeRule *b)
{
        return streq_ptr(a->where, b->where) && a->has_transport == b->has_transport &&
               (!a->has_transport || a->transport == b->transport) &&
               a->is_family == b->is_family && streq_ptr(a->traddr, b->traddr) &&
               streq_ptr(a->trsvcid, b->trsvcid) && streq_ptr(a->subsysnqn, b->subsysnqn) &&
               streq_ptr(a->host_iface, b->host_iface) && streq_ptr(a->host_nqn, b->host_nqn) &&
               streq_ptr(a->host_traddr, b->host_traddr);
}

bool exclude_list_equal(const ExcludeList *a, const ExcludeList *b)
{
        if (a->n_rules != b->n_rules)
                return false;
        for (size_t i = 0; i < a->n_rules; i++)
                if (!exclude_rule_equal(&a->rules[i], &b->rules[i]))
                        return false;
        return true;
}

static bool address_matches(const char *given, const Address *rule, const Address *address,
                            const char *text)
{
        if (!given)
                return true;
        if (address_compare(rule, address) != 0)
                return false;
        return rule->family != ADDRESS_NAME || strcasecmp(given, text) == 0;
}

static bool service_matches(const char *given, const char *service)
{
        if (!given)
                return true;
        while (given[0] == '0' && given[1])
                given++;
        return streq(given, service);
}

static bool exclude_text_matches(const char *given, const char *text)
{
        return !given || streq(given, text);
}

static bool nqn_matches(const ExcludeRule *r, const char *nqn)
{
        if (!r->is_family)
                return exclude_text_matches(r->subsysnqn, nqn);
        return strncmp(nqn, r->subsysnqn, strlen(r->subsysnqn) - 1) == 0;
}

static bool exclude_rule_matches(const ExcludeRule *r, const Tid *t)
{
        const char *interface = r->host_iface;
        if (!interface && address_is_link_local(&r->address) && *r->address.scope)
                interface = r->address.scope;

        return (!r->has_transport || r->transport == t->transport) &&
               address_matches(r->traddr, &r->address, &t->address, t->traddr) &&
               address_matches(r->host_traddr, &r->host_address, &t->host_address,
                               t->host_traddr) &&
               service_matches(r->trsvcid, t->trsvcid) && nqn_matches(r, t->subsysnqn) &&
               exclude_text_matches(r->host_nqn, t->host_nqn) &&
               exclude_text_matches(interface, tid_interface(t));
}

const ExcludeRule *exclude_list_match(const ExcludeList *l, const Tid *t)
{
        for (size_t i = 0; i < l->n_rules; i++)
                if (exclude_rule_matches(&l->rules[i], t))
                        return &l->rules[i];
        return NULL;
}

void exclude_list_done(ExcludeList *l)
{
        exclude_list_cut(l, 0);
        free(l->rules);
        *l = (ExcludeList) { 0 };
}

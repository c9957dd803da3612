/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* exclude= rules: a rule matches a controller when every field it gives matches, by value. */

#include "base/macro.h"
#include "model/tid.h"

typedef struct ExcludeRule {
        char *where; /* "/etc/stas/stacd.conf:14" */
        bool has_transport;
        Transport transport;
        Address address, host_address; /* ADDRESS_NONE: any */
        char *traddr, *trsvcid, *subsysnqn, *host_iface, *host_nqn, *host_traddr; /* NULL: any */
        bool is_family; /* the star that ends subsysnqn stands for any rest */
} ExcludeRule;

typedef struct ExcludeList {
        ExcludeRule *rules;
        size_t n_rules, n_allocated;
} ExcludeList;

/* Appends a rule. -EINVAL: no field given, or the transport is unknown: such a rule would match
 * everything or nothing, it is not added. -ENOMEM. */
int exclude_list_add(ExcludeList *l, const TidFields *fields, const char *where);
/* The same, but an NQN that ends with a star is a family of them. */
int exclude_list_add_family(ExcludeList *l, const TidFields *fields, const char *where);
/* What exclude_list_add() made the rule of. */
TidFields exclude_rule_fields(const ExcludeRule *r);
/* Appends copies of other's rules. 0 or -ENOMEM, which leaves l as it was. */
int exclude_list_append(ExcludeList *l, const ExcludeList *other);
/* The same rules from the same places, in the same order. */
bool exclude_list_equal(const ExcludeList *a, const ExcludeList *b);
/* The first rule that matches, or NULL. */
const ExcludeRule *exclude_list_match(const ExcludeList *l, const Tid *t);
void exclude_list_done(ExcludeList *l);

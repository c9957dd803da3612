/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* exclude= rules. A rule matches a controller if all fields it sets match, by value. */

#include "base/macro.h"
#include "model/tid.h"

typedef struct ExcludeRule {
        char *where; /* "/etc/stas/stacd.conf:14" */
        bool has_transport;
        Transport transport;
        Address address, host_address; /* ADDRESS_NONE: any */
        char *traddr, *trsvcid, *subsysnqn, *host_iface, *host_nqn, *host_traddr; /* NULL: any */
        bool is_family; /* the trailing '*' of subsysnqn matches any suffix */
} ExcludeRule;

typedef struct ExcludeList {
        ExcludeRule *rules;
        size_t n_rules, n_allocated;
} ExcludeList;

/* Appends a rule. Returns 0, -EINVAL (no field set, or unknown transport: the rule would match
 * everything or nothing, and is not added) or -ENOMEM. */
int exclude_list_add(ExcludeList *l, const TidFields *fields, const char *where);
/* The same, but a trailing '*' in the NQN matches any suffix. */
int exclude_list_add_family(ExcludeList *l, const TidFields *fields, const char *where);
/* Returns the fields that the rule was created from. */
TidFields exclude_rule_fields(const ExcludeRule *r);
/* Appends copies of the rules of other. Returns 0 or -ENOMEM; l is unmodified on failure. */
int exclude_list_append(ExcludeList *l, const ExcludeList *other);
/* The same with the rules from this file or folder. */
int exclude_list_append_from(ExcludeList *l, const ExcludeList *other, const char *file);
/* Compares the rules, their locations and their order. */
bool exclude_list_equal(const ExcludeList *a, const ExcludeList *b);
/* Returns the first rule that matches, or NULL. */
const ExcludeRule *exclude_list_match(const ExcludeList *l, const Tid *t);
void exclude_list_done(ExcludeList *l);

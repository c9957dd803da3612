/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ordered lists of key and value strings: a{ss} in the D-Bus API, or a row of a table. */

#include "base/macro.h"

typedef struct Property {
        const char *key; /* a string constant */
        char *value;
} Property;

typedef struct Properties {
        Property *items;
        size_t n_items, n_allocated;
} Properties;

typedef struct PropertiesList {
        Properties *items;
        size_t n_items, n_allocated;
} PropertiesList;

/* Appends key with a copy of value (NULL is stored as ""). Returns 0 or -ENOMEM. */
int properties_add(Properties *p, const char *key, const char *value);
_printf_(3, 4) int properties_addf(Properties *p, const char *key, const char *format, ...);
const char *properties_get(const Properties *p, const char *key);
void properties_done(Properties *p);

/* Appends an empty row and returns it. The pointer is valid until the next append. Returns NULL if
 * out of memory. */
Properties *properties_list_add(PropertiesList *l);
void properties_list_done(PropertiesList *l);

#define _cleanup_properties_ _cleanup_(properties_done)
#define _cleanup_properties_list_ _cleanup_(properties_list_done)

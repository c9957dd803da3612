/* SPDX-License-Identifier: Apache-2.0 */

#include "base/properties.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/array.h"
#include "base/text.h"

/* Takes ownership of value, even on failure. */
static int properties_take(Properties *p, const char *key, char *value)
{
        if (!value || ARRAY_RESERVE(p->items, p->n_allocated, p->n_items + 1) < 0) {
                free(value);
                return -ENOMEM;
        }
        p->items[p->n_items++] = (Property) { .key = key, .value = value };
        return 0;
}

int properties_add(Properties *p, const char *key, const char *value)
{
        return properties_take(p, key, strdup(text_or(value, "")));
}

int properties_addf(Properties *p, const char *key, const char *format, ...)
{
        va_list args;
        char *value;

        va_start(args, format);
        int n = vasprintf(&value, format, args);
        va_end(args);
        return properties_take(p, key, n < 0 ? NULL : value);
}

const char *properties_get(const Properties *p, const char *key)
{
        for (size_t i = 0; i < p->n_items; i++)
                if (streq(p->items[i].key, key))
                        return p->items[i].value;
        return NULL;
}

void properties_done(Properties *p)
{
        for (size_t i = 0; i < p->n_items; i++)
                free(p->items[i].value);
        free(p->items);
        *p = (Properties) { 0 };
}

Properties *properties_list_add(PropertiesList *l)
{
        if (ARRAY_RESERVE(l->items, l->n_allocated, l->n_items + 1) < 0)
                return NULL;
        Properties *p = &l->items[l->n_items++];
        *p = (Properties) { 0 };
        return p;
}

void properties_list_done(PropertiesList *l)
{
        for (size_t i = 0; i < l->n_items; i++)
                properties_done(&l->items[i]);
        free(l->items);
        *l = (PropertiesList) { 0 };
}

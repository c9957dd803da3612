/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/exclusion_file.h"

#include "base/text.h"
#include "codec/controller_line.h"
#include "codec/excerpt.h"
#include "codec/ini.h"

typedef struct Parser {
        const char *file, *host_id;
        ExcludeList *l;
        Diagnostics *d;
} Parser;

static int exclusion_file_take_item(const IniItem *item, void *userdata)
{
        const Parser *p = userdata;

        bool is_entry = streq(item->key, "exclusion");

        if (!streq(item->section, "exclusions")) {
                if (is_entry)
                        diagnostics_add(p->d, SEVERITY_WARNING, p->file, item->line, "exclusion",
                                        "not in [exclusions]; the entry excludes nothing");
                return 0;
        }
        if (!is_entry) {
                diagnostics_add(p->d, SEVERITY_WARNING, p->file, item->line,
                                excerpt_of_key(item->key), "unknown key in [exclusions]; ignored");
                return 0;
        }
        int r = exclusion_line_parse(item->value, p->file, item->line, p->host_id, p->l, p->d);
        return r == -ENOMEM ? r : 0;
}

int exclusion_file_parse(const char *file, const char *data, size_t n, const char *host_id,
                         ExcludeList *l, Diagnostics *d)
{
        Parser p = { .file = file, .host_id = host_id, .l = l, .d = d };
        size_t n_before = d->n_items;
        int r = ini_parse(file, data, n, INI_BY_LINE, exclusion_file_take_item, &p, d);

        /* The file is not ours and must not cause a reload to be rejected. */
        for (size_t i = n_before; i < d->n_items; i++)
                d->items[i].severity = SEVERITY_WARNING;
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "source/exclusions.h"

#include "codec/exclusion_file.h"
#include "source/drop_ins.h"

typedef struct Target {
        const char *host_id;
        ExcludeList *l;
        Diagnostics *d;
} Target;

static int parse_file(const char *path, const FileText *text, void *userdata)
{
        const Target *t = userdata;

        return exclusion_file_parse(path, text->data, text->n, t->host_id, t->l, t->d);
}

/* What a file contained that cannot be read at the moment remains in force. */
static int keep_unread(const Diagnostics *d, size_t first, const ExcludeList *last, ExcludeList *l)
{
        int r = 0;

        for (size_t i = first; r >= 0 && i < d->n_items; i++)
                if (d->items[i].severity == SEVERITY_ERROR)
                        r = exclude_list_append_from(l, last, d->items[i].file);
        return r;
}

int exclusions_load(const char *path, const char *host_id, const ExcludeList *last,
                    ExcludeList *ret, Diagnostics *d)
{
        ExcludeList l = { 0 };
        Target t = { .host_id = host_id, .l = &l, .d = d };
        size_t n_before = d->n_items;

        int r = drop_ins_read(path, DROP_INS_READ_HIDDEN, parse_file, &t, d);
        if (r >= 0 && last)
                r = keep_unread(d, n_before, last, &l);
        for (size_t i = n_before; i < d->n_items; i++)
                d->items[i].severity = SEVERITY_WARNING;
        if (r < 0) {
                exclude_list_done(&l);
                return r;
        }
        *ret = l;
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/model.h"

#include "base/array.h"
#include "base/text.h"

void model_init(Model *m)
{
        *m = (Model) {
                .nqn = MODEL_WELL_KNOWN_NQN,
                .serial = "stas-peer",
                .dctype = DC_TYPE_NOT_REPORTED,
                .cntrltype = CNTRLTYPE_DISCOVERY,
                .mdts = MDTS_MAX,
                .can_be_held = true,
                .tells_changes = true,
                .log_bytes_max = UINT64_MAX,
                .genctr = 1,
        };
}

void model_done(Model *m)
{
        free(m->entries);
        *m = (Model) { 0 };
}

void entry_init(Entry *e)
{
        *e = (Entry) {
                .trtype = TRTYPE_TCP,
                .adrfam = ADRFAM_IPV4,
                .subtype = SUBTYPE_NVME,
                .cntlid = CNTLID_DYNAMIC,
                .asqsz = 32,
        };
}

int model_add(Model *m, const Entry *e)
{
        int r = ARRAY_RESERVE(m->entries, m->n_allocated, m->n_entries + 1);
        if (r < 0)
                return r;
        m->entries[m->n_entries++] = *e;
        model_changed(m);
        return 0;
}

size_t model_remove(Model *m, const char *subnqn)
{
        size_t n_kept = 0, n_before = m->n_entries;
        for (size_t i = 0; i < n_before; i++)
                if (!streq(m->entries[i].subnqn, subnqn))
                        m->entries[n_kept++] = m->entries[i];
        m->n_entries = n_kept;
        if (n_kept < n_before)
                model_changed(m);
        return n_before - n_kept;
}

size_t model_clear(Model *m)
{
        size_t n_before = m->n_entries;
        m->n_entries = 0;
        if (n_before > 0)
                model_changed(m);
        return n_before;
}

Entry *model_find(Model *m, const char *subnqn, size_t from)
{
        for (size_t i = from; i < m->n_entries; i++)
                if (streq(m->entries[i].subnqn, subnqn))
                        return &m->entries[i];
        return NULL;
}

void model_changed(Model *m)
{
        m->genctr++;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Entries of discovery logs that name no controller: the engine has no row of them. */

#include "explain/explain.h"

/* As an administrator would name it, by what the log has. */
static bool skipped_is_asked_for(const char *what, const DlpEntry *e)
{
        char trtype[16];
        Transport transport = transport_from_string(dlpe_trtype_to_string(e->trtype, trtype));
        Tid t = {
                .transport = transport < 0 ? TRANSPORT_TCP : transport,
                .traddr = e->traddr,
                .trsvcid = e->trsvcid,
                .subsysnqn = e->subnqn,
                .host_traddr = "",
                .host_iface = "",
                .host_nqn = "",
        };

        t.address = address_parse(t.transport, t.traddr);
        return explain_is_named(what, &t);
}

static int explain_skipped_identity(const DlpEntry *e, Properties *p)
{
        char trtype[16];
        const Property identity[] = {
                { "traddr", e->traddr },
                { "trsvcid", (char *) e->trsvcid },
                { "transport", (char *) dlpe_trtype_to_string(e->trtype, trtype) },
                { "subsysnqn", e->subnqn },
                { "host-iface", (char *) "" },
                { "host-traddr", (char *) "" },
                { "host-nqn", (char *) "" },
                { "device", (char *) "" },
                { "state", (char *) "not connected" },
        };

        for (size_t i = 0; i < ELEMENTSOF(identity); i++)
                if (properties_add(p, identity[i].key, identity[i].value) < 0)
                        return -ENOMEM;
        return 0;
}

static int explain_skipped_entry(const SourceSet *set, const SkippedEntry *e, size_t n_unusable,
                                 Properties *p)
{
        const Decision nothing = { .step = STEP_NOTHING };
        int r = explain_skipped_identity(&e->dlpe, p);

        if (r >= 0)
                r = properties_add(p, "decision", decision_to_string(&nothing));
        if (r >= 0)
                r = properties_add(p, "reason", reason_to_string(REASON_SKIPPED));
        if (r >= 0 && n_unusable > 1)
                r = properties_addf(p, "why", "not used: %s (unusable entries of that source: %zu)",
                                    e->problem, n_unusable);
        else if (r >= 0)
                r = properties_addf(p, "why", "not used: %s", e->problem);
        return r < 0 ? r
                     : properties_addf(p, "sources", "%s [%s, %s, not used: %s]", e->where,
                                       source_kind_to_string(set->kind),
                                       source_state_to_string(set->state), e->problem);
}

/* Where all are asked for, one of each source stands for the others: a log may have thousands. */
static int explain_skipped_set(const Explainer *x, const SourceSet *set, const char *what,
                               size_t *size, PropertiesList *list)
{
        for (size_t i = 0; i < set->n_skipped; i++) {
                if (!skipped_is_asked_for(what, &set->skipped[i].dlpe))
                        continue;
                Properties *p = properties_list_add(list);
                size_t n = *what ? 0 : source_set_count_unusable(set);
                int r = p ? explain_skipped_entry(set, &set->skipped[i], n, p) : -ENOMEM;
                if (r >= 0)
                        r = explain_count(x, p, size);
                if (r < 0 || !*what)
                        return r;
        }
        return 0;
}

int explain_skipped(const Explainer *x, const char *what, size_t *size, PropertiesList *list)
{
        for (const SourceSet *s = engine_next_source(x->engine, NULL); s;
             s = engine_next_source(x->engine, s)) {
                int r = explain_skipped_set(x, s, what, size, list);
                if (r < 0)
                        return r;
        }
        return 0;
}

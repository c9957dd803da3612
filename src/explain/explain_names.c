/* SPDX-License-Identifier: Apache-2.0 */

/* Configured controllers whose host name is not resolved yet, unknown to the engine. */

#include "base/text.h"
#include "explain/describe.h"
#include "explain/explain.h"
#include "explain/meaning.h"

#define REASON "its host name is not resolved yet"

typedef int (*Teller)(const Explainer *x, const ExplainName *n, const Tid *tid, Properties *p);

/* Problems of the line were reported when it was read. */
static int explain_make_tid(const Explainer *x, const ControllerLine *l, Tid **ret)
{
        const TidFields fields = {
                .transport = l->transport,
                .traddr = l->traddr,
                .trsvcid = l->trsvcid,
                .subsysnqn = l->subsysnqn,
                .host_traddr = l->host_traddr,
                .host_iface = l->host_iface,
                .host_nqn = text_or(l->host_nqn, x->host->nqn),
        };

        int r = tid_new(&fields, engine_policy(x->engine)->role, ret);
        return r == -ENOMEM ? r : 0;
}

static int tell_all(const Explainer *x, const char *what, Teller teller, PropertiesList *list)
{
        int r = 0;

        for (size_t i = 0; i < x->n_names && r >= 0; i++) {
                _cleanup_tid_ Tid *tid = NULL; /* with the name as address */
                r = explain_make_tid(x, x->names[i].line, &tid);
                if (!tid || !explain_is_named(what, tid))
                        continue;
                Properties *p = properties_list_add(list);
                r = p ? teller(x, &x->names[i], tid, p) : -ENOMEM;
        }
        return r;
}

static int add_identity(const Tid *tid, Properties *p)
{
        int r = describe_identity(tid, -1, p);

        return r < 0 ? r : properties_add(p, "state", "not connected");
}

static int add_why(const Explainer *x, const ExplainName *n, Properties *p)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_printf(&b, "wanted; its host name %s ", n->name);
        if (n->error != 0)
                text_buffer_printf(&b, "could not be resolved: %s; ",
                                   meaning_of_resolve_error(n->error));
        if (n->error != 0 && !n->is_resolved)
                explain_append_time(&b, "next attempt in ", x->now, n->next_at);
        else
                text_buffer_append(&b,
                                   n->error != 0 ? "being resolved again" : "is being resolved");
        _cleanup_free_ char *why = text_buffer_take(&b);
        return why ? properties_add(p, "why", why) : -ENOMEM;
}

static int explain_line(const Explainer *x, const ExplainName *n, const Tid *tid, Properties *p)
{
        int r = add_identity(tid, p);

        if (r >= 0)
                r = properties_add(p, "decision",
                                   decision_to_string(&(Decision) { .step = STEP_WAIT }));
        if (r >= 0)
                r = properties_add(p, "reason", REASON);
        if (r >= 0)
                r = add_why(x, n, p);
        if (r >= 0 && !n->is_resolved)
                r = explain_add_time(p, "next try", x->now, n->next_at);
        if (r >= 0)
                r = properties_addf(p, "sources", "%s [%s]", n->line->where,
                                    source_kind_to_string(SOURCE_CONFIGURED));
        if (r >= 0 && n->error != 0)
                r = explain_add_error(p, "last error", n->error,
                                      meaning_of_resolve_error(n->error));
        return r;
}

static int plan_line(const Explainer *x, const ExplainName *n, const Tid *tid, Properties *p)
{
        int r = add_identity(tid, p);

        if (r >= 0)
                r = properties_add(p, "verb", "resolve");
        if (r >= 0)
                r = n->is_resolved ? properties_add(p, "when", "under way")
                                   : explain_add_time(p, "when", x->now, n->next_at);
        return r < 0 ? r : properties_add(p, "reason", REASON);
}

int explain_unresolved(const Explainer *x, const char *what, PropertiesList *list)
{
        return tell_all(x, what, explain_line, list);
}

int explain_plan_unresolved(const Explainer *x, PropertiesList *list)
{
        return tell_all(x, "", plan_line, list);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Configured controllers whose host name has not been resolved yet: the engine does not know of
 * them. */

#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/describe.h"
#include "daemon/explain.h"
#include "daemon/meaning.h"

#define REASON "its host name is not resolved yet"

typedef struct Unresolved {
        const ControllerLine *line;
        const HostName *name;
        Tid *tid; /* with the name for an address */
} Unresolved;

typedef int (*Teller)(const Explainer *x, const Unresolved *u, Properties *p);

/* 1: the line waits for an address, 0: it does not. */
static int take_line(const Explainer *x, const ControllerLine *l, Unresolved *ret)
{
        const HostName *h = host_names_has_name(l) ? host_names_find(x->names, l->traddr) : NULL;
        const TidFields fields = {
                .transport = l->transport,
                .traddr = l->traddr,
                .trsvcid = l->trsvcid,
                .subsysnqn = l->subsysnqn,
                .host_traddr = l->host_traddr,
                .host_iface = l->host_iface,
                .host_nqn = text_or(l->host_nqn, x->inputs->host->nqn),
        };
        Tid *tid;

        if (!h || h->address)
                return 0;
        int r = tid_new(&fields, engine_policy(x->engine)->role, &tid);
        if (r < 0) /* what is wrong with a line was told when it was read */
                return r == -ENOMEM ? r : 0;
        *ret = (Unresolved) { .line = l, .name = h, .tid = tid };
        return 1;
}

static int tell_all(const Explainer *x, const char *what, Teller teller, PropertiesList *list)
{
        const Configuration *c = x->inputs ? x->inputs->configuration : NULL;

        for (size_t i = 0; c && i < c->n_controllers; i++) {
                Unresolved u = { 0 };
                int r = take_line(x, &c->controllers[i], &u);
                if (r > 0 && explain_is_named(what, u.tid)) {
                        Properties *p = properties_list_add(list);
                        r = p ? teller(x, &u, p) : -ENOMEM;
                }
                (void) tid_free(u.tid);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_identity(const Unresolved *u, Properties *p)
{
        int r = describe_identity(u->tid, -1, p);

        return r < 0 ? r : properties_add(p, "state", "not connected");
}

static int add_why(const Explainer *x, const HostName *h, Properties *p)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_printf(&b, "wanted; its host name %s ", h->name);
        if (h->error != 0)
                text_buffer_printf(&b, "could not be resolved: %s; ",
                                   meaning_of_resolve_error(h->error));
        if (h->error != 0 && h->op_id == 0)
                explain_append_time(&b, "the next try is in ", x->now, h->next_at);
        else
                text_buffer_append(&b,
                                   h->error != 0 ? "it is being tried again" : "is being resolved");
        _cleanup_free_ char *why = text_buffer_take(&b);
        return why ? properties_add(p, "why", why) : -ENOMEM;
}

static int explain_line(const Explainer *x, const Unresolved *u, Properties *p)
{
        const HostName *h = u->name;
        int r = add_identity(u, p);

        if (r >= 0)
                r = properties_add(p, "decision",
                                   decision_to_string(&(Decision) { .step = STEP_WAIT }));
        if (r >= 0)
                r = properties_add(p, "reason", REASON);
        if (r >= 0)
                r = add_why(x, h, p);
        if (r >= 0 && h->op_id == 0)
                r = explain_add_time(p, "next try", x->now, h->next_at);
        if (r >= 0)
                r = properties_addf(p, "sources", "%s [%s]", u->line->where,
                                    source_kind_to_string(SOURCE_CONFIGURED));
        if (r >= 0 && h->error != 0)
                r = explain_add_error(p, "last error", h->error,
                                      meaning_of_resolve_error(h->error));
        return r;
}

static int plan_line(const Explainer *x, const Unresolved *u, Properties *p)
{
        const HostName *h = u->name;
        int r = add_identity(u, p);

        if (r >= 0)
                r = properties_add(p, "verb", "resolve");
        if (r >= 0)
                r = h->op_id != 0 ? properties_add(p, "when", "under way")
                                  : explain_add_time(p, "when", x->now, h->next_at);
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

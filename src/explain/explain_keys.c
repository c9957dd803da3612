/* SPDX-License-Identifier: Apache-2.0 */

/* Keys and values of explain() for one controller. */

#include <string.h>

#include "base/text.h"
#include "explain/describe.h"
#include "explain/explain.h"
#include "explain/meaning.h"

int explain_identity(const ExplainSubject *s, Properties *p)
{
        int r = describe_identity(s->row ? s->row->tid : s->node->device->tid,
                                  s->node ? s->node->instance : -1, p);

        return r < 0 ? r : properties_add(p, "state", describe_state(s->row, s->state));
}

Decision explain_decision(const ExplainSubject *s)
{
        Decision d = s->decision;

        if (d.step == STEP_FORGET)
                d.step = STEP_NOTHING;
        return d;
}

int explain_add_time(Properties *p, const char *key, usec_t now, usec_t at)
{
        return properties_addf(p, key, "%.1fs", (double) (at > now ? at - now : 0) / USEC_PER_SEC);
}

static int add_decision(const ExplainSubject *s, Properties *p)
{
        Decision d = explain_decision(s);
        int r = properties_add(p, "decision", decision_to_string(&d));

        if (r >= 0)
                r = properties_add(p, "reason", reason_to_string(s->decision.reason));
        if (r < 0)
                return r;
        _cleanup_free_ char *why = explain_why(s);
        r = why ? properties_add(p, "why", why) : -ENOMEM;
        if (r >= 0 && d.step == STEP_WAIT)
                r = explain_add_time(p, "next try", s->now, s->decision.at);
        return r;
}

static void explain_append_source(TextBuffer *b, const Claim *claim)
{
        const SourceEntry *e = claim->entry;

        text_buffer_printf(b, "%s [%s, %s", e->where, source_kind_to_string(claim->set->kind),
                           source_state_to_string(claim->set->state));
        if (e->restored)
                text_buffer_append(b, ", remembered");
        if (e->problem)
                text_buffer_printf(b, ", not used: %s", e->problem);
        if (e->demands_tls)
                text_buffer_append(b, ", requires TLS");
        if (e->dlpe && (e->dlpe->eflags & DLPE_EFLAGS_NCC))
                text_buffer_append(b, ", NCC");
        text_buffer_append(b, "]");
}

/* Adds one line per source. */
static int explain_add_sources(const ExplainSubject *s, Properties *p)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        size_t n = s->row ? s->row->wanted.n_claims : 0;

        if (n == 0)
                return 0;
        for (size_t i = 0; i < MIN(n, (size_t) EXPLAIN_SOURCES_MAX); i++) {
                text_buffer_append(&b, i > 0 ? "\n" : "");
                explain_append_source(&b, &s->row->wanted.claims[i]);
        }
        if (n > EXPLAIN_SOURCES_MAX)
                text_buffer_printf(&b, "\nand %zu more", n - EXPLAIN_SOURCES_MAX);
        _cleanup_free_ char *text = text_buffer_take(&b);
        return text ? properties_add(p, "sources", text) : -ENOMEM;
}

static int add_obstacles(const ExplainSubject *s, Properties *p)
{
        int r = 0;

        if (s->rule)
                r = properties_add(p, "excluded by", s->rule->where);
        if (r >= 0 && s->row && s->row->wanted.wrong_family)
                r = properties_add(p, "excluded by family", "True");
        if (r >= 0 && s->row && row_dlpe(s->row))
                r = properties_add(p, "ncc", s->row->wanted.ncc ? "True" : "False");
        return r;
}

int explain_add_error(Properties *p, const char *key, int error, const char *meaning)
{
        return properties_addf(p, key, "%s (%s)", text_or(strerrorname_np(-error), "?"), meaning);
}

/* Of the row's own connect; if it is connected, of a disconnect. */
static int add_last_error(const ExplainSubject *s, Properties *p)
{
        int error = s->row->attempts.last_error;

        if (error == 0)
                return 0;
        if (s->node)
                return explain_add_error(p, "last error", error,
                                         meaning_of_disconnect_error(error));
        _cleanup_free_ char *text = meaning_of_connect(s->engine, s->row, error);
        return text ? explain_add_error(p, "last error", error, text) : -ENOMEM;
}

/* Other rows may share the portal: its errors are not those of the row. */
static int add_portal(const ExplainSubject *s, Properties *p)
{
        int error = row_portal_error(s->row);
        unsigned n = s->row->attempts.n_unanswered;
        int r = n > 0 ? properties_addf(p, "unanswered probes", "%u", n) : 0;

        if (r >= 0 && error != 0)
                r = explain_add_error(p, "portal error", error, meaning_of_probe_error(error));
        return r;
}

static int add_attempts(const ExplainSubject *s, Properties *p)
{
        const Row *row = s->row;
        if (!row)
                return 0;

        int r = properties_addf(p, "connect attempts", "%u", row->attempts.n_connects);
        if (r >= 0)
                r = add_last_error(s, p);
        if (r >= 0)
                r = add_portal(s, p);
        if (r >= 0 && row->log.last_error != 0)
                r = explain_add_error(p, "last log error", row->log.last_error,
                                      meaning_of_log_error(row->log.last_error));
        return r;
}

static int add_connection(const ExplainSubject *s, Properties *p)
{
        if (!s->node)
                return 0;

        const char *owner = s->node->device ? s->node->device->owner : NULL;
        int r = properties_add(p, "connection", s->node->ours ? "ours" : "foreign");
        if (r >= 0 && owner)
                r = properties_add(p, "registry owner", owner);
        if (r >= 0 && s->is_empty)
                r = properties_add(p, "namespaces", "none");
        if (r >= 0 && s->facts.firmware)
                r = properties_add(p, "boot firmware", "True");
        if (r >= 0 && s->facts.in_use)
                r = properties_add(p, "in use", "True");
        if (r >= 0 && s->facts.in_use && s->row && s->row->attempts.in_use_by)
                r = properties_add(p, "in use by", s->row->attempts.in_use_by);
        return r;
}

int explain_subject(const ExplainSubject *s, Properties *p)
{
        int r = explain_identity(s, p);

        if (r >= 0)
                r = add_decision(s, p);
        if (r >= 0)
                r = explain_add_sources(s, p);
        if (r >= 0)
                r = add_obstacles(s, p);
        if (r >= 0)
                r = add_attempts(s, p);
        return r < 0 ? r : add_connection(s, p);
}

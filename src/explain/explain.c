/* SPDX-License-Identifier: Apache-2.0 */

#include "explain/explain.h"

#include <stdio.h>
#include <strings.h>

#include "base/text.h"

/* ---- matching of names ---- */

static bool is_address(const char *text, const char *service, const Tid *t)
{
        Address a = address_parse(t->transport, text);

        if (a.family == ADDRESS_NONE || address_compare(&a, &t->address) != 0)
                return false;
        if (a.family == ADDRESS_NAME && strcasecmp(text, t->traddr) != 0)
                return false;
        if (*a.scope && !streq(a.scope, tid_interface(t)))
                return false;
        return !service || streq(service, t->trsvcid);
}

/* "192.0.2.1", "192.0.2.1:4420", "2001:db8::1", "[2001:db8::1]:4420": as printed by the tools. */
static bool names_address(const char *what, const Tid *t)
{
        if (is_address(what, NULL, t))
                return true;

        const char *colon = strrchr(what, ':');
        if (!colon)
                return false;
        _cleanup_free_ char *host = strndup(what, (size_t) (colon - what));
        return host && is_address(host, colon + 1, t);
}

bool explain_is_named(const char *what, const Tid *t)
{
        return !*what || streq(what, t->subsysnqn) || names_address(what, t);
}

static bool names_device(const char *what, int instance)
{
        char name[32];

        (void) snprintf(name, sizeof(name), "nvme%i", instance);
        return streq(text_or(text_after(what, "/dev/"), what), name);
}

/* A connection may have attributes that were not requested: a discovery controller's own NQN. */
static bool is_asked_for(const char *what, const Tid *t, const DeviceNode *n)
{
        if (explain_is_named(what, t))
                return true;
        return n && (names_device(what, n->instance) ||
                     (n->device && explain_is_named(what, n->device->tid)));
}

/* ---- subjects ---- */

DeviceState explain_read_state(const Explainer *x, const Device *device)
{
        if (!device)
                return DEVICE_STATE_UNKNOWN;
        return x->read_state ? x->read_state(device, x->userdata) : device->state;
}

bool explain_is_empty(const Explainer *x, const Device *device, DeviceState state)
{
        return device && device->kind == CONTROLLER_IO && state == DEVICE_LIVE &&
               x->has_namespaces && !x->has_namespaces(device, x->userdata);
}

static ExplainSubject subject_of_row(const Explainer *x, const Row *row)
{
        const Policy *policy = engine_policy(x->engine);
        Facts facts = engine_facts(x->engine, row);

        return (ExplainSubject) {
                .row = row,
                .node = row->node,
                .engine = x->engine,
                .policy = policy,
                .rule = row->wanted.excluded_by,
                .stall = stalls_find(engine_stalls(x->engine), row->tid),
                .silent = "",
                .facts = facts,
                .decision = plan_controller(&facts, policy, x->now),
                .state = explain_read_state(x, row_device(row)),
                .now = x->now,
        };
}

/* A connection without a row is decided on once it is live; its identity is not known before. */
static ExplainSubject subject_of_device(const Explainer *x, const DeviceNode *n)
{
        const Policy *policy = engine_policy(x->engine);
        Facts facts = {
                .kind = n->device->kind,
                .sure = true,
                .actual_known = engine_knows_kernel(x->engine),
                .device = n->device,
                .ours = n->ours,
                .unwanted_since = x->now,
        };
        Decision decision = plan_controller(&facts, policy, x->now);

        if (decision.reason == REASON_QUIET_TIME && n->device->state != DEVICE_LIVE)
                decision.reason = REASON_NOT_LIVE;
        return (ExplainSubject) {
                .node = n,
                .engine = x->engine,
                .policy = policy,
                .rule = exclude_list_match(&policy->excludes, n->device->tid),
                .silent = "",
                .facts = facts,
                .decision = decision,
                .state = explain_read_state(x, n->device),
                .now = x->now,
        };
}

static bool needs_no_row(const Explainer *x, const DeviceNode *n)
{
        return n->device && n->device->kind == engine_policy(x->engine)->role &&
               LIST_EMPTY(&n->users);
}

/* Names of incomplete sources: "stafd, dc (tcp, …)". */
static char *list_silent(const Engine *e)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        size_t n = 0;

        for (const SourceSet *s = engine_next_source(e, NULL); s; s = engine_next_source(e, s)) {
                if (s->state == SOURCE_COMPLETE || s->kind == SOURCE_REFERRAL)
                        continue;
                if (n++ < EXPLAIN_SOURCES_MAX)
                        text_buffer_printf(&b, "%s%s", n > 1 ? ", " : "",
                                           s->kind == SOURCE_CONFIGURED ? "the configuration"
                                                                        : s->key);
        }
        if (n > EXPLAIN_SOURCES_MAX)
                text_buffer_printf(&b, " and %zu more", n - EXPLAIN_SOURCES_MAX);
        return text_buffer_take(&b);
}

int explain_count(const Explainer *x, const Properties *row, size_t *size)
{
        return x->count_row ? x->count_row(row, size) : 0;
}

static int explain_add_row(const Explainer *x, ExplainSubject *s, size_t *size,
                           PropertiesList *list)
{
        Properties *p = properties_list_add(list);

        s->is_empty = explain_is_empty(x, s->facts.device, s->state);
        int r = p ? explain_subject(s, p) : -ENOMEM;

        return r < 0 ? r : explain_count(x, p, size);
}

static int explain_rows(const Explainer *x, const char *what, const char *silent, size_t *size,
                        PropertiesList *list)
{
        for (const Row *row = engine_next_row(x->engine, NULL); row;
             row = engine_next_row(x->engine, row)) {
                if (!is_asked_for(what, row->tid, row->node))
                        continue;
                ExplainSubject s = subject_of_row(x, row);
                s.silent = silent;
                int r = explain_add_row(x, &s, size, list);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int explain_devices(const Explainer *x, const char *what, size_t *size, PropertiesList *list)
{
        for (const DeviceNode *n = engine_next_device(x->engine, NULL); n;
             n = engine_next_device(x->engine, n)) {
                if (!needs_no_row(x, n) || !is_asked_for(what, n->device->tid, n))
                        continue;
                ExplainSubject s = subject_of_device(x, n);
                int r = explain_add_row(x, &s, size, list);
                if (r < 0)
                        return r;
        }
        return 0;
}

int explain_controllers(const Explainer *x, const char *what, PropertiesList *ret)
{
        _cleanup_properties_list_ PropertiesList list = { 0 };
        _cleanup_free_ char *silent = list_silent(x->engine);
        size_t size = 0;

        int r = silent ? explain_rows(x, what, silent, &size, &list) : -ENOMEM;
        if (r >= 0)
                r = explain_devices(x, what, &size, &list);
        if (r >= 0)
                r = explain_skipped(x, what, &size, &list);
        if (r >= 0)
                r = explain_unresolved(x, what, &list);
        if (r < 0)
                return r;
        if (*what && list.n_items == 0)
                return -ENOENT;
        *ret = list;
        list = (PropertiesList) { 0 };
        return 0;
}

/* ---- plan ---- */

/* Returns the final decision: a wait is followed by an operation. */
static Decision next_decision(const ExplainSubject *s)
{
        Decision d = explain_decision(s);

        if (s->row->op.operation != OPERATION_NONE)
                return (Decision) { .step = STEP_START, .operation = s->row->op.operation };
        if (d.step == STEP_WAIT)
                d = plan_controller(&s->facts, s->policy, d.at);
        if (decision_starts(&d, OPERATION_PROBE))
                d.operation = OPERATION_CONNECT;
        return d;
}

static int add_when(const ExplainSubject *s, Properties *p)
{
        if (s->row->op.operation != OPERATION_NONE)
                return properties_add(p, "when", "under way");
        if (s->decision.step == STEP_WAIT)
                return explain_add_time(p, "when", s->now, s->decision.at);
        return properties_add(p, "when", s->row->in_turns ? "in turn" : "now");
}

static int plan_row(const Explainer *x, const ExplainSubject *s, const Decision *next, size_t *size,
                    PropertiesList *list)
{
        Properties *p = properties_list_add(list);
        int r = p ? explain_identity(s, p) : -ENOMEM;

        if (r >= 0)
                r = properties_add(p, "verb", decision_to_string(next));
        if (r >= 0)
                r = add_when(s, p);
        if (r >= 0)
                r = properties_add(p, "reason", reason_to_string(s->decision.reason));
        return r < 0 ? r : explain_count(x, p, size);
}

int explain_plan(const Explainer *x, PropertiesList *ret)
{
        _cleanup_properties_list_ PropertiesList list = { 0 };
        size_t size = 0;

        for (const Row *row = engine_next_row(x->engine, NULL); row;
             row = engine_next_row(x->engine, row)) {
                ExplainSubject s = subject_of_row(x, row);
                Decision next = next_decision(&s);
                int r = next.step == STEP_NOTHING ? 0 : plan_row(x, &s, &next, &size, &list);
                if (r < 0)
                        return r;
        }
        int r = explain_plan_unresolved(x, &list);
        if (r < 0)
                return r;
        *ret = list;
        list = (PropertiesList) { 0 };
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* --dry-run: runs the daemon itself with an executor that only reads. */

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/daemon.h"
#include "explain/explain.h"

/* By then all waits are over: the output is the final outcome if nothing changes. */
#define LATER_USEC (3600 * USEC_PER_SEC)
#define ANSWER_TIMEOUT_USEC (5 * USEC_PER_SEC)

/* ---- until all is known ---- */

/* True if all sources that can be queried have answered; missing ones, such as Avahi, are not
 * waited for. */
static bool all_have_spoken(const Engine *e)
{
        for (const SourceSet *s = engine_next_source(e, NULL); s; s = engine_next_source(e, s))
                if ((s->kind == SOURCE_DISCOVERY_LOG && s->state != SOURCE_COMPLETE) ||
                    (s->kind == SOURCE_DISCOVERED && s->state == SOURCE_PARTIAL))
                        return false;
        return true;
}

static int on_anything(sd_event_source *s, void *userdata)
{
        Daemon *d = userdata;

        return engine_knows_kernel(d->engine) &&
                               (!d->follow_connection || all_have_spoken(d->engine))
                       ? sd_event_exit(d->loop.event, 0)
                       : 0;
}

static int dry_run_on_timeout(sd_event_source *s, uint64_t usec, void *userdata)
{
        Daemon *d = userdata;

        return sd_event_exit(d->loop.event, engine_knows_kernel(d->engine) ? 0 : -ETIMEDOUT);
}

static int dry_run_learn(Daemon *d)
{
        const Plan *plan;
        int r = daemon_start(d);

        if (r >= 0)
                r = sd_event_add_post(d->loop.event, NULL, on_anything, d);
        if (r >= 0)
                r = sd_event_add_time_relative(d->loop.event, NULL, CLOCK_MONOTONIC,
                                               ANSWER_TIMEOUT_USEC, 0, dry_run_on_timeout, d);
        if (r >= 0)
                r = sd_event_loop(d->loop.event);
        if (r < 0)
                return r;
        if (!all_have_spoken(d->engine))
                (void) fprintf(stderr,
                               "%s did not report everything it knows: nothing that it may name is "
                               "disconnected.\n",
                               d->type->role == CONTROLLER_IO ? "stafd" : "mDNS");
        return engine_plan(d->engine, daemon_now(d), &plan);
}

/* ---- what it comes to ---- */

static const char *what_happens(const ExplainSubject *s)
{
        if (decision_starts(&s->decision, OPERATION_PROBE) ||
            decision_starts(&s->decision, OPERATION_CONNECT))
                return "connect";
        if (decision_starts(&s->decision, OPERATION_DISCONNECT))
                return "disconnect";
        if (!s->node)
                return "leave out";
        return s->facts.wanted ? "keep" : "leave alone";
}

_printf_(1, 2) static int print_line(const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list args;

        va_start(args, format);
        int n = vasprintf(&text, format, args);
        va_end(args);
        if (n < 0) {
                text = NULL;
                return -ENOMEM;
        }
        text_make_printable(text);
        (void) puts(text);
        return 0;
}

static int print_row(const Engine *e, const Row *row, usec_t later)
{
        Facts facts = engine_facts(e, row);
        char device[32] = "";

        facts.op = OPERATION_NONE; /* nothing is carried out */
        ExplainSubject s = {
                .row = row,
                .node = row->node,
                .policy = engine_policy(e),
                .rule = row->wanted.excluded_by,
                .silent = "",
                .facts = facts,
                .decision = plan_controller(&facts, engine_policy(e), later),
                .state = facts.device ? facts.device->state : DEVICE_STATE_UNKNOWN,
                .now = later,
        };
        _cleanup_free_ char *tid = tid_to_string(row->tid), *why = explain_why(&s);
        if (!tid || !why)
                return -ENOMEM;

        const Claim *origin = row_origin(row);
        if (row->node)
                (void) snprintf(device, sizeof(device), "nvme%i ", row->node->instance);
        return print_line("%s %s%s: %s%s", what_happens(&s), device, tid,
                          facts.wanted ? "wanted by " : why,
                          facts.wanted ? origin->entry->where : "");
}

static int print_rows(const Daemon *d)
{
        usec_t later = daemon_now(d) + LATER_USEC;
        int r = 0;

        for (const Row *row = engine_next_row(d->engine, NULL); row && r >= 0;
             row = engine_next_row(d->engine, row))
                r = print_row(d->engine, row, later);
        return r;
}

/* Resolving a name would query other hosts, so names are not resolved here. */
static int print_names(const Daemon *d)
{
        _cleanup_free_ ExplainName *names = NULL;
        size_t n;
        int r = names_list_unresolved(d, &names, &n);

        for (size_t i = 0; r >= 0 && i < n; i++)
                r = print_line("resolve %s: connected when its address is known, by %s",
                               names[i].line->traddr, names[i].line->where);
        return r;
}

int dry_run(const DaemonType *type, const char *conf_file)
{
        Daemon d = { .type = type, .conf_file = conf_file, .looks_only = true };
        _cleanup_free_ char *reason = NULL;

        int r = inputs_load(type, conf_file, false, &d.inputs, &d.inputs, &reason);
        if (r >= 0)
                r = dry_run_learn(&d);
        if (r >= 0)
                r = print_names(&d);
        if (r >= 0)
                r = print_rows(&d);
        if (r < 0)
                (void) fprintf(stderr, "%s\n", text_or(reason, strerror(-r)));
        daemon_done(&d);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

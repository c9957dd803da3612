/* SPDX-License-Identifier: Apache-2.0 */

/* Host names of configured controllers and in discovery logs: HostNames reports what is due, the
 * executor resolves it, and new addresses are passed to the engine together with all lines of the
 * configuration and the logs that contain names, so once for many. */

#include <string.h>

#include "base/span.h"
#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "explain/explain.h"
#include "explain/meaning.h"

/* Minimum interval between two updates, for each line of the configuration; an update costs about 5
 * us per line. */
#define APPLY_USEC 100
/* The same if logs contain names: these logs may be long. */
#define APPLY_LOGS_USEC USEC_PER_SEC
/* Minimum interval between two searches of the logs for names. A log that contains other names each
 * second thus causes no more than HOST_NAMES_PER_LOG_MAX queries in this time. */
#define FOLLOW_LOGS_USEC (5 * USEC_PER_SEC)

static void tell_failure(Daemon *d, const HostName *h, usec_t now)
{
        _cleanup_free_ char *wait = span_to_string(h->next_at > now ? h->next_at - now : 0);

        if (h->address)
                report_repeated(d, MESSAGE_HOST_NAME_UNRESOLVED, h->name, LOG_WARNING,
                                "%s: %s cannot be resolved: %s; its last known address %s remains "
                                "in use, next attempt in %s",
                                h->where, h->name, meaning_of_resolve_error(h->error), h->address,
                                text_or(wait, "a moment"));
        else if (!h->configured)
                report_repeated(d, MESSAGE_HOST_NAME_UNRESOLVED, h->name, LOG_WARNING,
                                "%s: %s cannot be resolved: %s; its controller is not connected, "
                                "next attempt in %s",
                                h->where, h->name, meaning_of_resolve_error(h->error),
                                text_or(wait, "a moment"));
        else
                report_repeated(d, MESSAGE_HOST_NAME_UNRESOLVED, h->name, LOG_WARNING,
                                "%s: %s cannot be resolved: %s; its controller waits, and nothing "
                                "is disconnected as unwanted meanwhile, next attempt in %s",
                                h->where, h->name, meaning_of_resolve_error(h->error),
                                text_or(wait, "a moment"));
}

static void names_tell(Daemon *d, const HostName *h, HostNameOutcome outcome, usec_t now)
{
        switch (outcome) {
        case HOST_NAME_FAILED:
                tell_failure(d, h, now);
                return;
        case HOST_NAME_RESOLVED:
                report_repeated(d, MESSAGE_HOST_NAME_RESOLVED, h->name, LOG_INFO,
                                "%s: %s has the address %s", h->where, h->name, h->address);
                return;
        case HOST_NAME_RECOVERED:
                report_repeated(d, MESSAGE_HOST_NAME_RESOLVED, h->name, LOG_INFO,
                                "%s: %s can be resolved again, and still has the address %s",
                                h->where, h->name, h->address);
                return;
        case HOST_NAME_CONFIRMED:
        case HOST_NAME_UNCHANGED:
                return;
        }
}

static int names_set_timer(Daemon *d, sd_event_source **timer, usec_t at, usec_t accuracy,
                           sd_event_time_handler_t handler)
{
        if (!*timer)
                return sd_event_add_time(d->loop.event, timer, CLOCK_MONOTONIC, at, accuracy,
                                         handler, d);
        int r = sd_event_source_set_time(*timer, at);
        return r < 0 ? r : sd_event_source_set_enabled(*timer, SD_EVENT_ONESHOT);
}

static void names_apply_now(Daemon *d)
{
        usec_t pace = d->inputs.configuration->n_controllers * APPLY_USEC;

        d->names_apply_at =
                usec_add(daemon_now(d), d->names.n_logged > 0 ? MAX(pace, APPLY_LOGS_USEC) : pace);
        if (inputs_apply(d) < 0 ||
            (d->names.n_logged > 0 && d->stafd && stafd_client_resolved(d->stafd) < 0))
                log_error(MESSAGE_OUT_OF_MEMORY,
                          "Out of memory: the addresses of host names are not used");
        daemon_schedule_plan(d);
}

static int on_apply(sd_event_source *s, uint64_t usec, void *userdata)
{
        names_apply_now(userdata);
        return 0;
}

/* At the end of this loop iteration, or somewhat later if the last update was recent. */
static void apply_soon(Daemon *d)
{
        usec_t at = MAX(d->names_apply_at, daemon_now(d));

        if (names_set_timer(d, &d->names_apply, at, USEC_PER_MSEC, on_apply) < 0)
                names_apply_now(d);
}

static void names_end(Daemon *d, uint64_t op_id, int error, const char *address)
{
        usec_t now = daemon_now(d);
        const HostName *h;

        HostNameOutcome outcome = host_names_end(&d->names, op_id, error, address, now, &h);
        if (!h)
                return;
        names_tell(d, h, outcome, now);
        if (outcome != HOST_NAME_RESOLVED && outcome != HOST_NAME_CONFIRMED)
                return;
        apply_soon(d);
}

static int names_begin(Daemon *d, const HostName *h)
{
        Job job = {
                .operation = OPERATION_RESOLVE,
                .op_id = h->op_id,
                .ip_families = engine_policy(d->engine)->ip_families,
        };

        int r = text_replace(&job.name, h->name);
        if (r >= 0)
                r = text_replace(&job.known, host_name_known(h));
        if (r >= 0)
                r = executor_submit(d->kernel.executor, &job);
        if (r < 0)
                job_done(&job);
        return r;
}

static int names_on_timer(sd_event_source *s, uint64_t usec, void *userdata)
{
        names_resolve(userdata);
        return 0;
}

void names_resolve(Daemon *d)
{
        usec_t now = daemon_now(d);
        const HostName *h;

        while ((h = host_names_begin(&d->names, now))) {
                int r = names_begin(d, h);
                if (r < 0)
                        names_end(d, h->op_id, r, NULL);
        }
        usec_t at = host_names_next_at(&d->names);
        if (at != USEC_INFINITY &&
            names_set_timer(d, &d->names_timer, at, 100 * USEC_PER_MSEC, names_on_timer) < 0)
                log_error(MESSAGE_OUT_OF_MEMORY,
                          "Out of memory: host names are not resolved before the next reload");
}

void names_resolved(Daemon *d, const Completion *r)
{
        names_end(d, r->op_id, r->error, r->address);
        names_resolve(d);
}

int names_set(Daemon *d)
{
        const Configuration *c = d->inputs.configuration;

        host_names_set_families(&d->names, c->policy.ip_families);
        int r = host_names_set(&d->names, c->controllers, c->n_controllers, daemon_now(d));
        if (r >= 0 && d->kernel.executor)
                names_resolve(d);
        return r;
}

static void follow_logs_now(Daemon *d)
{
        _cleanup_(logged_names_done) LoggedNames l = { 0 };

        d->names_follow_at = usec_add(daemon_now(d), FOLLOW_LOGS_USEC);
        int r = stafd_client_list_names(d->stafd, &l);
        bool is_full = r > 0;
        if (r >= 0 && (l.n_items > 0 || d->names.n_logged > 0))
                r = host_names_set_logged(&d->names, l.items, l.n_items, daemon_now(d));
        if (r < 0) {
                log_error(MESSAGE_OUT_OF_MEMORY,
                          "Out of memory: host names in discovery logs are not resolved");
                return;
        }
        is_full = is_full || r > 0;
        if (is_full && !d->told_names)
                log_warning(MESSAGE_LOG_ENTRIES_LEFT_OUT,
                            "The discovery logs contain more host names than are resolved (%i of a "
                            "log, %i in all): the controllers of the others are not connected, "
                            "existing connections are kept",
                            HOST_NAMES_PER_LOG_MAX, HOST_NAMES_LOGGED_MAX);
        d->told_names = is_full;
        names_resolve(d);
}

static int on_follow(sd_event_source *s, uint64_t usec, void *userdata)
{
        follow_logs_now(userdata);
        return 0;
}

void names_follow_logs(Daemon *d)
{
        usec_t at = MAX(d->names_follow_at, daemon_now(d));

        if (names_set_timer(d, &d->names_follow, at, USEC_PER_MSEC, on_follow) < 0)
                log_error(MESSAGE_OUT_OF_MEMORY,
                          "Out of memory: host names in discovery logs are not resolved");
}

int names_list_unresolved(const Daemon *d, ExplainName **ret, size_t *ret_n)
{
        const Configuration *c = d->inputs.configuration;
        ExplainName *names = calloc(MAX(c->n_controllers, (size_t) 1), sizeof(*names));
        size_t n = 0;

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < c->n_controllers; i++) {
                const ControllerLine *l = &c->controllers[i];
                const HostName *h =
                        host_names_has_name(l) ? host_names_find(&d->names, l->traddr) : NULL;
                if (h && !h->address)
                        names[n++] = (ExplainName) {
                                .line = l,
                                .name = h->name,
                                .error = h->error,
                                .is_resolved = h->op_id != 0,
                                .next_at = h->next_at,
                        };
        }
        *ret = names;
        *ret_n = n;
        return 0;
}

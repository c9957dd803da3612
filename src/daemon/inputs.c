/* SPDX-License-Identifier: Apache-2.0 */

/* The files a daemon reads, at start and on reload. */

#include <stdio.h>

#include "base/diagnostics.h"
#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "source/configuration_files.h"

void inputs_done(Inputs *i)
{
        i->configuration = configuration_free(i->configuration);
        i->host = host_identity_free(i->host);
}

static void log_diagnostics(const Diagnostics *d)
{
        for (size_t i = 0; i < d->n_items; i++) {
                _cleanup_free_ char *text = diagnostic_to_string(&d->items[i]);
                if (text)
                        log_warning("%s", text);
        }
}

/* All errors, one a line: what a refused reload answers. */
static char *join_errors(const Diagnostics *d)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (size_t i = 0; i < d->n_items; i++) {
                _cleanup_free_ char *text = diagnostic_to_string(&d->items[i]);
                if (d->items[i].severity == SEVERITY_ERROR && text)
                        text_buffer_printf(&b, "%s%s", b.length > 0 ? "\n" : "", text);
        }
        return text_buffer_take(&b);
}

/* The daemon cannot be itself without these two. */
static char *host_reason(const Diagnostics *d)
{
        for (size_t i = 0; i < d->n_items; i++) {
                const Diagnostic *item = &d->items[i];
                bool is_nqn = streq_ptr(item->key, "nqn");
                _cleanup_text_buffer_ TextBuffer b = { 0 };

                if (item->severity != SEVERITY_ERROR || (!is_nqn && !streq_ptr(item->key, "id")))
                        continue;
                text_buffer_printf(&b,
                                   "Error reading mandatory Host %s (see stasadm --help): %s: %s",
                                   is_nqn ? "NQN" : "ID", text_or(item->file, SYS_CONF),
                                   text_or(item->reason, "not usable"));
                return text_buffer_take(&b);
        }
        return join_errors(d);
}

static int load_host(HostIdentity **ret, char **ret_reason)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };

        int r = host_identity_load(SYS_CONF, ret, &d);
        if (r >= 0)
                log_diagnostics(&d);
        else
                *ret_reason = host_reason(&d);
        return r;
}

int inputs_load(const DaemonType *type, const char *conf_file, bool strict, Inputs *ret,
                char **ret_reason)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        Inputs i = { 0 };

        int r = load_host(&i.host, ret_reason);
        if (r < 0)
                return r;
        r = configuration_load(conf_file, type->role, &i.configuration, &d);
        if (r >= 0 && strict && diagnostics_has_errors(&d)) {
                *ret_reason = join_errors(&d);
                r = -EINVAL;
        }
        if (r < 0) {
                inputs_done(&i);
                return r;
        }
        log_diagnostics(&d);
        i.has_errors = diagnostics_has_errors(&d);
        *ret = i;
        return 0;
}

int inputs_take_policy(Inputs *i, Policy **ret)
{
        Policy *policy = malloc(sizeof(*policy));
        if (!policy)
                return -ENOMEM;

        *policy = i->configuration->policy;
        i->configuration->policy.excludes = (ExcludeList) { 0 };
        *ret = policy;
        return 0;
}

int inputs_apply(Daemon *d)
{
        SourceSet *set;

        int r = configuration_to_source_set(d->inputs.configuration, d->inputs.host, &set);
        if (r < 0)
                return r;
        if (d->inputs.has_errors)
                set->state = SOURCE_PARTIAL;
        return engine_set_source(d->engine, set, daemon_now(d));
}

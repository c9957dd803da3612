/* SPDX-License-Identifier: Apache-2.0 */

/* The files a daemon reads, at start and on reload. */

#include <stdio.h>
#include <string.h>

#include "base/diagnostics.h"
#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/firmware.h"
#include "daemon/log.h"
#include "observe/registry_entry.h"
#include "observe/sysfs.h"
#include "source/configuration_files.h"
#include "source/exclusions.h"

const DaemonPaths daemon_paths = {
        .root = "",
        .sys_conf = SYS_CONF,
        .exclusions = EXCLUSIONS_CONF,
        .sysfs = "/sys",
        .dev = "/dev",
        .registry = REGISTRY_ROOT,
        .nvme = "/etc/nvme",
};

void inputs_done(Inputs *i)
{
        i->configuration = configuration_free(i->configuration);
        i->host = host_identity_free(i->host);
        exclude_list_done(&i->exclusions);
        nbft_done(&i->nbft);
        free(i->nbft_told);
        free(i->exclusion_warnings);
        free(i->error_at);
        i->nbft_told = i->exclusion_warnings = i->error_at = NULL;
}

static void log_diagnostics(const Diagnostics *d)
{
        for (size_t i = 0; i < d->n_items; i++) {
                _cleanup_free_ char *text = diagnostic_to_string(&d->items[i]);
                if (text)
                        log_warning(MESSAGE_CONFIGURATION_PROBLEM, "%s", text);
        }
}

/* All diagnostics of one severity, one per line. */
static char *join(const Diagnostics *d, Severity severity)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (size_t i = 0; i < d->n_items; i++) {
                _cleanup_free_ char *text = diagnostic_to_string(&d->items[i]);
                if (d->items[i].severity == severity && text)
                        text_buffer_printf(&b, "%s%s", b.length > 0 ? "\n" : "", text);
        }
        return text_buffer_take(&b);
}

/* The daemon cannot run without host NQN and host ID. */
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
        return join(d, SEVERITY_ERROR);
}

/* Problems refuse a reload; at start they are logged and remembered. */
static int judge(const Diagnostics *d, bool strict, Inputs *i, char **ret_reason)
{
        if (strict && diagnostics_has_errors(d)) {
                *ret_reason = join(d, SEVERITY_ERROR);
                return -EINVAL;
        }
        log_diagnostics(d);
        return i->error_at ? 0 : diagnostics_first_error(d, &i->error_at);
}

static int load_host(const DaemonType *type, bool strict, Inputs *i, char **ret_reason)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };

        int r = host_identity_load(type->paths->root, type->paths->sys_conf, &i->host, &d);
        if (r < 0) {
                *ret_reason = host_reason(&d);
                return strict && r == -ENODATA ? -EINVAL : r;
        }
        return judge(&d, strict, i, ret_reason);
}

/* A file given on the command line takes the place of both files of this kind. */
static int read_later_files(const DaemonType *type, bool is_named, Configuration *c, Diagnostics *d)
{
        const DaemonPaths *paths = type->paths;
        _cleanup_free_ char *behaviour = NULL, *connections = NULL;

        if (!paths || !paths->nvme)
                return 0;
        if (asprintf(&behaviour, "%s/%s.conf", paths->nvme, type->name) < 0 ||
            asprintf(&connections, "%s/nvme-stas.conf", paths->nvme) < 0)
                return -ENOMEM;
        const LaterFiles files = {
                .behaviour = is_named ? NULL : behaviour,
                .connections = text_or(paths->connections, connections),
                .required = paths->connections,
        };
        return configuration_load_later(&files, c, d);
}

int inputs_read_configuration(const DaemonType *type, const char *conf_file,
                              const HostIdentity *host, Configuration **ret, Diagnostics *d)
{
        bool is_named = !streq(conf_file, type->conf_file);
        int r = configuration_load(conf_file, is_named, type->role, ret, d);

        if (r >= 0)
                r = read_later_files(type, is_named, *ret, d);
        if (r >= 0 && host)
                configuration_check_host_ids(*ret, host, d);
        return r;
}

int inputs_load_configuration(const DaemonType *type, const char *conf_file, bool strict, Inputs *i,
                              char **ret_reason)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };

        int r = inputs_read_configuration(type, conf_file, i->host, &i->configuration, &d);
        if (r < 0)
                return r;
        i->configuration->policy.no_rdma = !sysfs_has_rdma(type->paths->sysfs);
        return judge(&d, strict, i, ret_reason);
}

int inputs_load_exclusions(const DaemonType *type, const ExcludeList *last, Inputs *i)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        ExcludeList list;

        int r = exclusions_load(type->paths->exclusions, i->host->id, last, &list, &d);
        if (r < 0)
                return r;
        char *warnings = join(&d, SEVERITY_WARNING);
        if (!warnings) {
                exclude_list_done(&list);
                return -ENOMEM;
        }
        exclude_list_done(&i->exclusions);
        i->exclusions = list;
        free(i->exclusion_warnings);
        i->exclusion_warnings = warnings;
        return 0;
}

void inputs_log_exclusion_warnings(const Inputs *i)
{
        for (const char *line = i->exclusion_warnings; *line;) {
                size_t n = strcspn(line, "\n");

                log_warning(MESSAGE_CONFIGURATION_PROBLEM, "%.*s", (int) n, line);
                line += line[n] ? n + 1 : n;
        }
}

int inputs_load(const DaemonType *type, const char *conf_file, bool strict, const Inputs *before,
                Inputs *ret, char **ret_reason)
{
        _cleanup_(inputs_done) Inputs i = { 0 };

        int r = load_host(type, strict, &i, ret_reason);
        if (r >= 0)
                r = inputs_load_configuration(type, conf_file, strict, &i, ret_reason);
        if (r >= 0)
                r = inputs_load_exclusions(type, &before->exclusions, &i);
        if (r >= 0)
                r = firmware_load(type, &before->nbft, &i);
        if (r < 0)
                return r;
        inputs_log_exclusion_warnings(&i);
        *ret = i;
        i = (Inputs) { 0 };
        return 0;
}

int inputs_make_policy(const Inputs *i, Policy **ret)
{
        const Policy *configured = &i->configuration->policy;
        _cleanup_(policy_freep) Policy *policy = malloc(sizeof(*policy));
        if (!policy)
                return -ENOMEM;

        *policy = *configured;
        policy->excludes = (ExcludeList) { 0 };
        int r = exclude_list_append(&policy->excludes, &configured->excludes);
        if (r >= 0)
                r = exclude_list_append(&policy->excludes, &i->exclusions);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(policy);
        return 0;
}

int inputs_make_source(const Inputs *i, const HostNames *names, SourceSet **ret)
{
        int r = configuration_to_source_set(i->configuration, i->host, names, ret);

        if (r >= 0 && i->error_at)
                (*ret)->state = SOURCE_PARTIAL;
        return r;
}

int inputs_apply(Daemon *d)
{
        SourceSet *set;

        int r = inputs_make_source(&d->inputs, &d->names, &set);
        if (r < 0)
                return r;
        r = daemon_set_source(d, set);
        if (r < 0 || !d->inputs.nbft.set)
                return r;
        return daemon_set_source(d, TAKE_PTR(d->inputs.nbft.set));
}

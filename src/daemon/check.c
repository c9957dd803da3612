/* SPDX-License-Identifier: Apache-2.0 */

/* --check reports problems of the configuration. */

#include <stdio.h>

#include "base/diagnostics.h"
#include "base/text.h"
#include "daemon/daemon.h"
#include "source/configuration_files.h"
#include "source/exclusions.h"

static void print_diagnostics(const Diagnostics *d)
{
        for (size_t i = 0; i < d->n_items; i++) {
                _cleanup_free_ char *text = diagnostic_to_string(&d->items[i]);
                (void) fprintf(stderr, "%s%s\n",
                               d->items[i].severity == SEVERITY_WARNING ? "warning: " : "",
                               text_or(text, "out of memory"));
        }
}

int check_exit_code(const Diagnostics *d, bool strict)
{
        return diagnostics_has_errors(d) || (strict && d->n_items > 0) ? EXIT_FAILURE
                                                                       : EXIT_SUCCESS;
}

int check_configuration(const DaemonType *type, const char *conf_file, bool strict)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(host_identity_freep) HostIdentity *host = NULL;
        _cleanup_(configuration_freep) Configuration *c = NULL;
        ExcludeList exclusions = { 0 };

        int q = host_identity_load(type->paths->root, type->paths->sys_conf, &host, &d);
        int r = inputs_read_configuration(type, conf_file, host, &c, &d);
        int p = exclusions_load(type->paths->exclusions, host ? host->id : NULL, NULL, &exclusions,
                                &d);
        print_diagnostics(&d);
        exclude_list_done(&exclusions);
        return r < 0 || q < 0 || p < 0 ? EXIT_FAILURE : check_exit_code(&d, strict);
}

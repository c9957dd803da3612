/* SPDX-License-Identifier: Apache-2.0 */

/* The host-wide exclusion list takes effect when it is written; no reload is needed. */

#include <string.h>

#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/to_engine.h"
#include "source/exclusions.h"

static int apply(Daemon *d)
{
        Policy *policy;

        int r = inputs_make_policy(&d->inputs, &policy);
        if (r < 0)
                return r;
        (void) to_engine_set_policy(d, policy);
        return 0;
}

/* Not every change of the files changes the rules. */
static int read_again(Daemon *d)
{
        Inputs *i = &d->inputs;
        ExcludeList old = i->exclusions;
        _cleanup_free_ char *old_warnings = TAKE_PTR(i->exclusion_warnings);

        i->exclusions = (ExcludeList) { 0 };
        int r = inputs_load_exclusions(d->type, &old, i);
        if (r < 0) {
                i->exclusions = old;
                i->exclusion_warnings = TAKE_PTR(old_warnings);
                return r;
        }
        bool changed = !exclude_list_equal(&old, &i->exclusions);
        exclude_list_done(&old);
        if (!streq_ptr(old_warnings, i->exclusion_warnings))
                inputs_log_exclusion_warnings(i);
        if (!changed)
                return 0;
        log_info(MESSAGE_EXCLUSIONS_CHANGED,
                 "The host-wide exclusion list has changed; it now has %zu rules",
                 i->exclusions.n_rules);
        return apply(d);
}

static void on_change(int error, void *userdata)
{
        Daemon *d = userdata;

        if (error < 0)
                log_warning(MESSAGE_EXCLUSIONS_UNWATCHED,
                            "Cannot watch the host-wide exclusion list, changes may take effect "
                            "only on the next reload: %s",
                            strerror(-error));
        if (read_again(d) < 0)
                log_error(MESSAGE_OUT_OF_MEMORY,
                          "Out of memory: a change of the host-wide exclusion list is not used");
        daemon_schedule_plan(d); /* connects have been waiting for it */
}

void exclusions_watch(Daemon *d)
{
        int r = exclusions_watch_new(d->loop.event, d->type->paths->exclusions, on_change, d,
                                     &d->exclusions_watch);
        if (r < 0)
                log_warning(MESSAGE_EXCLUSIONS_UNWATCHED,
                            "Cannot watch the host-wide exclusion list, changes take effect on the "
                            "next reload: %s",
                            strerror(-r));
}

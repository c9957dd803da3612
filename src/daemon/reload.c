/* SPDX-License-Identifier: Apache-2.0 */

/* A reload applies the new configuration as a whole or not at all, so that a typo never disconnects
 * storage. */

#include <string.h>

#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/registration.h"
#include "daemon/to_engine.h"
#include "observe/interfaces.h"

static int reload_apply(Daemon *d, Inputs *fresh)
{
        Policy *policy;
        Network network = { 0 };

        int r = inputs_make_policy(fresh, &policy);
        if (r < 0)
                return r;
        bool renamed = registration_differs(d->inputs.host, fresh->host);
        inputs_done(&d->inputs);
        d->inputs = *fresh;
        *fresh = (Inputs) { 0 };

        (void) to_engine_set_policy(d, policy);
        if (interfaces_read(&network) >= 0)
                (void) to_engine_set_network(d, &network);
        r = names_set(d);
        if (r >= 0)
                r = inputs_apply(d);
        if (r >= 0 && d->stafd)
                r = stafd_client_set_host(
                        d->stafd, dlpe_host(&d->inputs.configuration->policy, d->inputs.host->nqn));
        if (r >= 0)
                r = mdns_reload(d);
        (void) to_engine_event(d, INPUT_RETRY_NOW);
        (void) to_engine_event(d, INPUT_REREAD_LOGS);
        if (renamed)
                (void) to_engine_event(d, INPUT_REGISTER_AGAIN);
        log_set_debug(d->tron || d->inputs.configuration->tron);
        memory_apply(d);
        daemon_schedule_plan(d);
        return r;
}

/* systemd expects a single line and would parse the next as another assignment. */
static void tell_refusal(const char *reason)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        const char *separator = "Running, last reload refused: ";

        for (const char *line = reason; *line; separator = "; ") {
                size_t n = strcspn(line, "\n");

                text_buffer_printf(&b, "%s%.*s", separator, (int) n, line);
                line += line[n] ? n + 1 : n;
        }
        notify_status(text_or(b.data, "Running, last reload refused"));
}

int daemon_reload(Daemon *d, char **ret_reason)
{
        _cleanup_(inputs_done) Inputs fresh = { 0 };
        _cleanup_free_ char *reason = NULL;

        int r = inputs_load(d->type, d->conf_file, true, &d->inputs, &fresh, &reason);
        if (r >= 0)
                r = reload_apply(d, &fresh);
        if (r >= 0) {
                log_info(MESSAGE_RELOADED, "The configuration was reloaded");
                notify_status("Running, configuration reloaded");
                return 0;
        }
        tell_refusal(text_or(reason, "out of memory"));
        *ret_reason = TAKE_PTR(reason);
        return r;
}

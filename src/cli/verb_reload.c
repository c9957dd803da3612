/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/daemon_client.h"
#include "cli/verbs.h"

static int run_reload(const Invocation *i)
{
        _cleanup_daemon_client_ DaemonClient c = { 0 };
        int r;

        r = daemon_client_init(&c, i);
        return r < 0 ? r : daemon_reload(&c);
}

const Verb verb_reload = {
        .name = "reload",
        .help = "Reload the configuration, or print why it is refused",
        .run = run_reload,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/daemon_client.h"
#include "cli/verbs.h"

static int verb_tron_set(const Invocation *i, bool on)
{
        _cleanup_daemon_client_ DaemonClient c = { 0 };
        bool value;
        int r;

        r = daemon_client_init(&c, i);
        if (r < 0)
                return r;
        r = daemon_set_tron(&c, on, &value);
        if (r < 0)
                return r;
        printf("tron = %s\n", value ? "True" : "False");
        return 0;
}

static int run_tron(const Invocation *i)
{
        return verb_tron_set(i, true);
}

static int run_troff(const Invocation *i)
{
        return verb_tron_set(i, false);
}

const Verb verb_tron = {
        .name = "tron",
        .help = "Enable debug messages",
        .run = run_tron,
};

const Verb verb_troff = {
        .name = "troff",
        .help = "Disable debug messages",
        .run = run_troff,
};

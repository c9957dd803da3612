/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/daemon_client.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "cli/view.h"

static int run_ls(const Invocation *i)
{
        _cleanup_daemon_client_ DaemonClient c = { 0 };
        _cleanup_json_ struct json_object *rows = NULL;
        bool detailed = i->options[OPTION_DETAILED], json = cli_wants_json(i);
        int r;

        r = daemon_client_init(&c, i);
        if (r < 0)
                return r;
        /* The short table has a state too, which the short list has not. */
        r = daemon_list_controllers(&c, detailed || !json, &rows);
        if (r < 0)
                return r;
        if (json)
                return output_json(i, rows);
        return output_text_or(i,
                              detailed ? view_controllers_detailed(rows, output_has_colour())
                                       : view_controllers(rows, output_has_colour()),
                              "No controllers.");
}

static const Option ls_options[] = {
        { OPTION_DETAILED, 'd', "detailed", NULL, NULL, "Print everything known about each" },
        CLI_OPTION_END,
};

const Verb verb_ls = {
        .name = "ls",
        .help = "List the controllers, connected or to be connected",
        .options = ls_options,
        .run = run_ls,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/daemon_client.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "cli/view.h"

static int run_plan(const Invocation *i)
{
        _cleanup_daemon_client_ DaemonClient c = { 0 };
        _cleanup_json_ struct json_object *rows = NULL;
        int r;

        r = daemon_client_init(&c, i);
        if (r < 0)
                return r;
        r = daemon_plan(&c, &rows);
        if (r < 0)
                return r;
        if (cli_wants_json(i))
                return output_json(i, rows);
        return output_text_or(i, view_plan(rows, output_has_colour()), "Nothing to do.");
}

const Verb verb_plan = {
        .name = "plan",
        .help = "Show operations in progress and those that come next",
        .run = run_plan,
};

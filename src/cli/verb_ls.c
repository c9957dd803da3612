/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/daemon_client.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "cli/view.h"
#include "cli/watch.h"

static const char nothing[] = "No controllers.";

static int get_rows(DaemonClient *c, struct json_object **ret)
{
        const Invocation *i = c->invocation;

        /* The short table shows the state too, which the short list does not contain. */
        return daemon_list_controllers(c, i->options[OPTION_DETAILED] || !cli_wants_json(i), ret);
}

static char *rows_to_text(const Invocation *i, struct json_object *rows)
{
        return i->options[OPTION_DETAILED] ? view_controllers_detailed(rows, output_has_colour())
                                           : view_controllers(rows, output_has_colour());
}

static int run_ls(const Invocation *i)
{
        static const WatchedList list = { get_rows, rows_to_text, nothing };
        _cleanup_daemon_client_ DaemonClient c = { 0 };
        _cleanup_json_ struct json_object *rows = NULL;
        int r;

        r = daemon_client_init(&c, i);
        if (r < 0)
                return r;
        if (i->options[OPTION_WATCH])
                return watch_list(&c, &list);
        r = get_rows(&c, &rows);
        if (r < 0)
                return r;
        if (cli_wants_json(i))
                return output_json(i, rows);
        return output_text_or(i, rows_to_text(i, rows), nothing);
}

static const Option ls_options[] = {
        { OPTION_DETAILED, 'd', "detailed", NULL, NULL,
          "Print everything that is known about each" },
        { OPTION_WATCH, 'w', "watch", NULL, NULL, "Keep printing them as they change" },
        CLI_OPTION_END,
};

const Verb verb_ls = {
        .name = "ls",
        .help = "List the controllers, connected or to be connected",
        .options = ls_options,
        .run = run_ls,
};

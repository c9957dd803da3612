/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/daemon_client.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "cli/view.h"

static int run_adlp(const Invocation *i)
{
        _cleanup_daemon_client_ DaemonClient c = { 0 };
        _cleanup_json_ struct json_object *list = NULL;
        bool detailed = i->options[OPTION_DETAILED];
        int r;

        r = daemon_client_init(&c, i);
        if (r < 0)
                return r;
        /* JSON is what the Python version prints. */
        r = cli_wants_json(i) ? daemon_all_log_pages(&c, detailed, &list)
                              : daemon_read_logs(&c, &list);
        if (r < 0)
                return r;
        if (cli_wants_json(i))
                return output_json(i, list);
        return output_text_or(i, view_all_log_pages(list, detailed, output_has_colour()),
                              "No discovery controllers.");
}

static const Option adlp_options[] = {
        { OPTION_DETAILED, 'd', "detailed", NULL, NULL,
          "Print everything that is known about each" },
        CLI_OPTION_END,
};

const Verb verb_adlp = {
        .name = "adlp",
        .help = "Show the log pages of all discovery controllers",
        .options = adlp_options,
        .run = run_adlp,
};

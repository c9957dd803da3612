/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "cli/daemon_client.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "cli/view.h"

static int run_explain(const Invocation *i)
{
        _cleanup_daemon_client_ DaemonClient c = { 0 };
        _cleanup_json_ struct json_object *rows = NULL;
        int r;

        r = daemon_client_init(&c, i);
        if (r < 0)
                return r;
        r = daemon_explain(&c, text_or(i->arguments[0], ""), &rows);
        if (r < 0)
                return r;
        if (cli_wants_json(i))
                return output_json(i, rows);
        return output_text_or(i, view_explanations(rows, output_has_colour()), "No controllers.");
}

const Verb verb_explain = {
        .name = "explain",
        .arguments = "[DEVICE|NQN|ADDRESS]",
        .n_optional = 1,
        .help = "Explain the state of controllers: what requests them, what prevents them",
        .run = run_explain,
};

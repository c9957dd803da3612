/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "cli/daemon_client.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "cli/view.h"
#include "model/transport.h"

static const char *option_or(const Invocation *i, OptionId id, const char *fallback)
{
        return text_or(i->options[id], fallback);
}

static const char *nothing_of(struct json_object *log)
{
        const char *state = view_get(log, "log-state");

        if (!*state)
                return "No entries: the log is empty or not read yet, or there is no such "
                       "discovery controller.";
        return streq(state, "unknown") ? "The log is not read yet." : "No entries.";
}

static int show_log_pages(DaemonClient *c, const char *host_nqn)
{
        const Invocation *i = c->invocation;
        const char *const id[DAEMON_ID_PARTS] = {
                option_or(i, OPTION_TRANSPORT, "tcp"),
                option_or(i, OPTION_TRADDR, ""),
                option_or(i, OPTION_TRSVCID, ""),
                option_or(i, OPTION_NQN, NQN_DISCOVERY),
                option_or(i, OPTION_HOST_TRADDR, ""),
                option_or(i, OPTION_HOST_IFACE, ""),
                host_nqn,
        };
        _cleanup_json_ struct json_object *log = json_object_new_object();
        struct json_object *rows;
        int r;

        if (!log)
                return cli_oom(i);
        /* JSON is what the Python version prints. */
        r = cli_wants_json(i) ? daemon_get_log(c, id, log) : daemon_read_log(c, id, log);
        if (r < 0)
                return r;
        (void) json_get_array(log, "log-pages", &rows); /* always there */
        if (cli_wants_json(i))
                return output_json(i, rows);
        return output_text_or(i, view_log_pages(rows, 0, output_has_colour()), nothing_of(log));
}

static int run_dlp(const Invocation *i)
{
        _cleanup_daemon_client_ DaemonClient c = { 0 };
        _cleanup_json_ struct json_object *info = NULL;
        const char *host_nqn = option_or(i, OPTION_HOST_NQN, "");
        int r;

        if (!i->options[OPTION_TRADDR] && !streq(option_or(i, OPTION_TRANSPORT, "tcp"), "loop")) {
                cli_error(i, "dlp: --traddr is missing");
                return -EINVAL;
        }
        r = daemon_client_init(&c, i);
        if (r < 0)
                return r;
        /* The host NQN is part of the identity; the daemon knows which one it uses. */
        if (!i->options[OPTION_HOST_NQN]) {
                r = daemon_process_info(&c, &info);
                if (r < 0)
                        return r;
                (void) json_get_string(info, "hostnqn", &host_nqn); /* NULL if absent */
        }
        return show_log_pages(&c, host_nqn);
}

static const char *const transports[] = { "tcp", "rdma", "fc", "loop", NULL };

static const Option dlp_options[] = {
        { OPTION_TRANSPORT, 't', "transport", "tcp|rdma|fc|loop", transports,
          "Transport (default: tcp)" },
        { OPTION_TRADDR, 'a', "traddr", "ADDRESS", NULL, "Address of the discovery controller" },
        { OPTION_TRSVCID, 's', "trsvcid", "SERVICE", NULL,
          "Its port (default: that of the transport)" },
        { OPTION_HOST_TRADDR, 'w', "host-traddr", "ADDRESS", NULL, "Address used on the host" },
        { OPTION_HOST_IFACE, 'f', "host-iface", "IFACE", NULL, "Interface used on the host" },
        { OPTION_HOST_NQN, 'q', "host-nqn", "NQN", NULL, "Host NQN (default: the daemon's)" },
        { OPTION_NQN, 'n', "nqn", "NQN", NULL,
          "NQN of the discovery controller (default: the well-known one)" },
        CLI_OPTION_END,
};

const Verb verb_dlp = {
        .name = "dlp",
        .help = "Show the log pages of one discovery controller",
        .options = dlp_options,
        .run = run_dlp,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verbs.h"

static const Verb *const stasadm_verbs[] = {
        &verb_hostnqn, &verb_hostid, &verb_set_symname, &verb_clear_symname, NULL,
};

int main(int argc, char **argv)
{
        static const Option options[] = {
                { OPTION_CONF_FILE, 'c', "conf-file", "FILE", NULL,
                  "Configuration file (default: " SYS_CONF_FILE ")" },
                CLI_OPTION_END,
        };
        static const Program program = {
                .name = "stasadm",
                .summary = "Generate the host NQN and host ID, set the symbolic name of this host",
                .options = options,
                .verbs = stasadm_verbs,
        };

        return cli_main(&program, argc, argv);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/daemon_client.h"
#include "cli/verbs.h"

static const Verb *const stafctl_verbs[] = {
        &verb_tron, &verb_troff,   &verb_staf_status, &verb_ls,     &verb_dlp,
        &verb_adlp, &verb_explain, &verb_plan,        &verb_reload, NULL,
};

int main(int argc, char **argv)
{
        const Option options[] = { cli_output_option, CLI_OPTION_END };
        const Program program = {
                .name = "stafctl",
                .summary = "Control stafd, the NVMe-oF discovery daemon",
                .daemon = &daemon_staf,
                .options = options,
                .verbs = stafctl_verbs,
        };

        return cli_main(&program, argc, argv);
}

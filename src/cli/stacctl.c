/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/daemon_client.h"
#include "cli/verbs.h"

static const Verb *const stacctl_verbs[] = {
        &verb_tron,    &verb_troff, &verb_stac_status, &verb_ls,
        &verb_explain, &verb_plan,  &verb_reload,      NULL,
};

int main(int argc, char **argv)
{
        const Option options[] = { cli_output_option, CLI_OPTION_END };
        const Program program = {
                .name = "stacctl",
                .summary = "Control stacd, the NVMe-oF connection daemon",
                .daemon = &daemon_stac,
                .options = options,
                .verbs = stacctl_verbs,
        };

        return cli_main(&program, argc, argv);
}

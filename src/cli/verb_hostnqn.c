/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/host_setting.h"
#include "cli/make_uuid.h"
#include "cli/verbs.h"
#include "model/host_id.h"

static int run_hostnqn(const Invocation *i)
{
        char nqn[sizeof(HOST_NQN_UUID_PREFIX) + UUID_TEXT_SIZE];
        UuidText uuid;
        int r;

        r = make_host_uuid("", uuid);
        if (r < 0)
                return host_setting_report(i, "Cannot generate a host NQN", r);
        snprintf(nqn, sizeof(nqn), "%s%s", HOST_NQN_UUID_PREFIX, uuid);
        return host_setting_save(i, "nqn", nqn);
}

static const Option hostnqn_options[] = {
        { OPTION_FILE, 'f', "file", "FILE", NULL,
          "Save the host NQN in this file and refer to it in sys.conf" },
        CLI_OPTION_END,
};

const Verb verb_hostnqn = {
        .name = "hostnqn",
        .help = "Generate the host NQN, always the same on this machine",
        .options = hostnqn_options,
        .run = run_hostnqn,
};

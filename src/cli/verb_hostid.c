/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/host_setting.h"
#include "cli/make_uuid.h"
#include "cli/verbs.h"

static int run_hostid(const Invocation *i)
{
        UuidText uuid;
        int r;

        r = make_random_uuid(uuid);
        if (r < 0)
                return host_setting_report(i, "Cannot make a host ID", r);
        return host_setting_save(i, "id", uuid);
}

static const Option hostid_options[] = {
        { OPTION_FILE, 'f', "file", "FILE", NULL, "Save the host ID there, sys.conf refers to it" },
        CLI_OPTION_END,
};

const Verb verb_hostid = {
        .name = "hostid",
        .help = "Make a new random host ID",
        .options = hostid_options,
        .run = run_hostid,
};

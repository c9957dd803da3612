/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "cli/host_setting.h"
#include "cli/make_uuid.h"
#include "cli/verbs.h"
#include "codec/configuration.h"
#include "model/host_id.h"

/* The value in sys.conf, or in the file it refers to; NULL if not set. */
static int read_host_nqn(const char *conf_file, char **ret)
{
        _cleanup_file_text_ FileText conf = { 0 }, text = { 0 };
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(host_file_done) HostFile h = { 0 };

        int r = host_setting_read(conf_file, &conf);
        if (r >= 0)
                r = host_file_parse(conf_file, text_or(conf.data, ""), conf.n, &h, &d);
        if (r < 0)
                return r;
        const char *nqn = text_is_empty(h.nqn) ? "file:///etc/nvme/hostnqn" : h.nqn;
        const char *path = text_after(nqn, "file://");
        if (path) {
                r = host_setting_read(path, &text);
                nqn = text_or(text.data, "");
        }
        if (r >= 0)
                *ret = host_value_first_word(nqn, strlen(nqn));
        return r;
}

/* Other programs use the UUID in the host NQN as the host ID, and the kernel refuses one NQN with
 * two IDs. The NQN may be generated concurrently, from a known source. */
static int make_host_id(const char *conf_file, UuidText ret)
{
        _cleanup_free_ char *nqn = NULL;

        int r = read_host_nqn(conf_file, &nqn);
        if (r < 0)
                return r;
        const char *uuid = nqn ? host_id_in_nqn(nqn) : NULL;
        if (!uuid)
                return nqn ? make_random_uuid(ret) : make_host_uuid("", ret);
        memcpy(ret, uuid, UUID_TEXT_SIZE);
        return 0;
}

static int run_hostid(const Invocation *i)
{
        UuidText uuid;
        int r;

        r = make_host_id(text_or(i->options[OPTION_CONF_FILE], SYS_CONF_FILE), uuid);
        if (r < 0)
                return host_setting_report(i, "Cannot generate a host ID", r);
        return host_setting_save(i, "id", uuid);
}

static const Option hostid_options[] = {
        { OPTION_FILE, 'f', "file", "FILE", NULL,
          "Save the host ID in this file and refer to it in sys.conf" },
        CLI_OPTION_END,
};

const Verb verb_hostid = {
        .name = "hostid",
        .help = "Generate the host ID: the UUID in the host NQN, else a random one",
        .options = hostid_options,
        .run = run_hostid,
};

/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever the file contains: each controller has a place, a transport, no secret, and settings
 * within bounds; a drop-in does not change the settings of the policy, and controllers that are not
 * used are reported by an error. */

#include <assert.h>

#include "base/text.h"
#include "codec/connection_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_settings(const Settings *s, bool is_final)
{
        for (int i = 0; i < _SETTING_MAX; i++) {
                const SettingInfo *info = setting_info((Setting) i);
                int32_t value = s->value[i];

                assert(value == SETTING_DEFAULT || (value == SETTING_RESET && !is_final) ||
                       (value >= info->min && value <= info->max));
        }
}

static void check_role(const char *data, size_t size, ControllerKind role, bool is_drop_in)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL, *defaults = NULL;
        _cleanup_(connection_hosts_done) ConnectionHosts hosts = { 0 };

        assert(configuration_new(role, &c) == 0 && configuration_new(role, &defaults) == 0);
        assert(connection_file_parse("fuzz", data, size, is_drop_in, c, &hosts, &d) == 0);
        check_settings(&c->policy.settings, true);
        if (is_drop_in)
                assert(memcmp(&c->policy.settings, &defaults->policy.settings, sizeof(Settings)) ==
                       0);
        assert(!c->is_partial || diagnostics_has_errors(&d));
        for (size_t i = 0; i < c->n_controllers; i++) {
                const ControllerLine *l = &c->controllers[i];

                assert(l->transport && text_after(l->where, "fuzz:") && l->of_section);
                assert(!l->dhchap_secret && !l->dhchap_ctrl_secret);
                assert(role == CONTROLLER_DISCOVERY || l->subsysnqn);
                check_settings(&l->settings, false);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        check_role((const char *) data, size, CONTROLLER_DISCOVERY, false);
        check_role((const char *) data, size, CONTROLLER_DISCOVERY, true);
        check_role((const char *) data, size, CONTROLLER_IO, false);
        check_role((const char *) data, size, CONTROLLER_IO, true);
        return 0;
}

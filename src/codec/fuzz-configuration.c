/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever the file contains, the configuration remains within its bounds; parsing the file twice
 * doubles the lists and leaves the scalars unchanged. */

#include <assert.h>

#include "base/text.h"
#include "codec/configuration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_bounds(const Configuration *c, ControllerKind role)
{
        const unsigned families = IP_FAMILY_IPV4 | IP_FAMILY_IPV6;

        assert(c->policy.role == role);
        assert((c->policy.ip_families & families) != 0);
        assert((c->policy.ip_families & ~(families | IP_FAMILY_IPV6_FIRST)) == 0);
        assert(c->policy.disconnect_scope >= 0 &&
               c->policy.disconnect_scope < _DISCONNECT_SCOPE_MAX);
        assert(c->policy.disconnect_transports != 0);
        assert(c->policy.disconnect_transports < 1U << TRANSPORT_LOOP);
        assert(c->policy.connect_attempts_on_ncc != 1);
        for (int s = 0; s < _SETTING_MAX; s++) {
                int32_t value = c->policy.settings.value[s];
                const SettingInfo *info = setting_info((Setting) s);
                assert(value == SETTING_DEFAULT || (value >= info->min && value <= info->max));
        }
        for (size_t i = 0; i < c->n_controllers; i++) {
                assert(c->controllers[i].transport && c->controllers[i].where);
                assert(role == CONTROLLER_DISCOVERY || c->controllers[i].subsysnqn);
        }
}

static void check_role(const char *data, size_t size, ControllerKind role)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;

        assert(configuration_new(role, &c) == 0);
        assert(configuration_parse("fuzz", data, size, role, c, &d) == 0);
        check_bounds(c, role);

        Configuration once = *c;
        size_t n_rules = c->policy.excludes.n_rules, n_problems = d.n_items;
        assert(configuration_parse("fuzz", data, size, role, c, &d) == 0);
        check_bounds(c, role);
        assert(c->n_controllers == 2 * once.n_controllers);
        assert(c->policy.excludes.n_rules == 2 * n_rules);
        assert(d.n_items == 2 * n_problems);
        assert(c->tron == once.tron && c->policy.pleo == once.policy.pleo &&
               c->zeroconf == once.zeroconf);
        assert(c->zeroconf_persistence == once.zeroconf_persistence);
        assert(memcmp(&c->policy.settings, &once.policy.settings, sizeof(Settings)) == 0);
        if (role == CONTROLLER_IO)
                assert(!c->policy.pleo && !c->zeroconf && c->zeroconf_persistence == 0);
        else
                assert(!c->policy.disconnect_in_use_force &&
                       c->policy.disconnect_scope == DISCONNECT_ONLY_STAS);
}

static void check_later(const char *data, size_t size, ControllerKind role)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;

        assert(configuration_new(role, &c) == 0);
        assert(configuration_parse("fuzz", data, size, role, c, &d) == 0);
        assert(configuration_parse_later("later", data, size, role, c, &d) == 0);
        check_bounds(c, role);
        assert(!c->keeps_all || c->policy.disconnect_scope == DISCONNECT_NONE);
}

static void check_host_file(const char *data, size_t size)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(host_file_done) HostFile h = { 0 };
        _cleanup_free_ char *word = host_value_first_word(data, size);

        assert(!word || (*word && !strpbrk(word, " \t\r\n\v\f") && strlen(word) <= size));
        assert(host_file_parse("fuzz", data, size, &h, &d) == 0);
        if (h.nqn && host_nqn_check(h.nqn) == 0)
                assert(strlen(h.nqn) <= NQN_MAX && !strpbrk(h.nqn, " ,"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        check_role((const char *) data, size, CONTROLLER_DISCOVERY);
        check_role((const char *) data, size, CONTROLLER_IO);
        check_later((const char *) data, size, CONTROLLER_DISCOVERY);
        check_later((const char *) data, size, CONTROLLER_IO);
        check_host_file((const char *) data, size);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "model/configuration.h"

#include <string.h>

#include "base/array.h"
#include "base/testing.h"

static void test_defaults_of_stafd(void **state)
{
        _cleanup_(configuration_freep) Configuration *c = NULL;
        assert_int_equal(configuration_new(CONTROLLER_DISCOVERY, &c), 0);

        assert_false(c->tron);
        assert_true(c->policy.pleo);
        assert_true(c->zeroconf);
        assert_true(c->persistent_connections);
        assert_int_equal(c->zeroconf_persistence, 72ULL * 3600 * USEC_PER_SEC);
        assert_int_equal(c->policy.role, CONTROLLER_DISCOVERY);
        assert_int_equal(c->policy.ip_families, IP_FAMILY_IPV4 | IP_FAMILY_IPV6);
        assert_false(c->policy.ignore_iface);
        for (Setting s = 0; s < _SETTING_MAX; s++)
                assert_int_equal(c->policy.settings.value[s],
                                 s == SETTING_KATO ? 30 : SETTING_DEFAULT);
}

static void test_defaults_of_stacd(void **state)
{
        _cleanup_(configuration_freep) Configuration *c = NULL;
        assert_int_equal(configuration_new(CONTROLLER_IO, &c), 0);

        assert_false(c->tron);
        assert_int_equal(c->policy.role, CONTROLLER_IO);
        assert_int_equal(c->policy.ip_families, IP_FAMILY_IPV4 | IP_FAMILY_IPV6);
        assert_int_equal(c->policy.disconnect_scope, DISCONNECT_ONLY_STAS);
        assert_int_equal(c->policy.disconnect_transports, 1U << TRANSPORT_TCP);
        assert_int_equal(c->policy.connect_attempts_on_ncc, 0);
        assert_false(c->policy.disconnect_in_use_force);
        assert_int_equal(c->policy.excludes.n_rules, 0);
        for (Setting s = 0; s < _SETTING_MAX; s++)
                assert_int_equal(c->policy.settings.value[s], SETTING_DEFAULT);
}

/* For leak checkers: sets everything that can be owned. */
static void test_everything_owned_is_freed(void **state)
{
        Configuration *c;
        assert_int_equal(configuration_new(CONTROLLER_IO, &c), 0);
        assert_int_equal(ARRAY_RESERVE(c->controllers, c->n_allocated, 1), 0);
        ControllerLine *l = &c->controllers[c->n_controllers++];
        l->transport = strdup("tcp");
        l->traddr = strdup("192.0.2.1");
        l->trsvcid = strdup("4420");
        l->subsysnqn = strdup("nqn.a");
        l->host_traddr = strdup("192.0.2.9");
        l->host_iface = strdup("eth0");
        l->host_nqn = strdup("nqn.host");
        l->where = strdup("a.conf:1");
        assert_int_equal(secret_new("s", &l->dhchap_secret), 0);
        assert_int_equal(secret_new("t", &l->dhchap_ctrl_secret), 0);
        assert_null(configuration_free(c));
        assert_null(configuration_free(NULL));

        HostIdentity *h = calloc(1, sizeof(*h));
        h->nqn = strdup("nqn.host");
        h->id = strdup("id");
        h->symname = strdup("name");
        assert_int_equal(secret_new("k", &h->key), 0);
        assert_null(host_identity_free(h));
        assert_null(host_identity_free(NULL));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_defaults_of_stafd),
                cmocka_unit_test(test_defaults_of_stacd),
                cmocka_unit_test(test_everything_owned_is_freed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

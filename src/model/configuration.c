/* SPDX-License-Identifier: Apache-2.0 */

#include "model/configuration.h"

#include <stdio.h>

#include "base/array.h"
#include "base/text.h"

void controller_line_done(ControllerLine *l)
{
        free(l->transport);
        free(l->traddr);
        free(l->trsvcid);
        free(l->subsysnqn);
        free(l->host_traddr);
        free(l->host_iface);
        free(l->host_nqn);
        free(l->host_id);
        free(l->where);
        (void) secret_free(l->dhchap_secret);
        (void) secret_free(l->dhchap_ctrl_secret);
        *l = (ControllerLine) { 0 };
}

int configuration_new(ControllerKind role, Configuration **ret)
{
        Configuration *c = malloc(sizeof(*c));
        if (!c)
                return -ENOMEM;

        bool is_stafd = role == CONTROLLER_DISCOVERY;
        *c = (Configuration){
                .zeroconf = is_stafd,
                .persistent_connections = is_stafd,
                .zeroconf_persistence = is_stafd ? 72 * 3600 * USEC_PER_SEC : 0,
                .policy =
                        {
                                .role = role,
                                .poll_minutes = is_stafd ? 15 : 0,
                                .pleo = is_stafd,
                                .ip_families = IP_FAMILY_IPV4 | IP_FAMILY_IPV6,
                                .disconnect_scope = DISCONNECT_ONLY_STAS,
                                .disconnect_transports = 1U << TRANSPORT_TCP,
                        },
        };
        settings_init(&c->policy.settings);
        if (is_stafd)
                c->policy.settings.value[SETTING_KATO] = 30;
        *ret = c;
        return 0;
}

Configuration *configuration_free(Configuration *c)
{
        if (!c)
                return NULL;
        for (size_t i = 0; i < c->n_controllers; i++)
                controller_line_done(&c->controllers[i]);
        free(c->controllers);
        for (size_t i = 0; i < c->n_set_keys; i++)
                free(c->set_keys[i].where);
        free(c->set_keys);
        exclude_list_done(&c->policy.excludes);
        free(c);
        return NULL;
}

const char *configuration_where(const Configuration *c, const char *name)
{
        for (size_t i = 0; i < c->n_set_keys; i++)
                if (streq(c->set_keys[i].name, name))
                        return c->set_keys[i].where;
        return NULL;
}

int configuration_remember(Configuration *c, const char *name, const char *file, unsigned line)
{
        char *where;
        size_t i = 0;

        int r = ARRAY_RESERVE(c->set_keys, c->n_set_keys_allocated, c->n_set_keys + 1);
        if (r < 0)
                return r;
        if (asprintf(&where, "%s:%u", file, line) < 0)
                return -ENOMEM;
        while (i < c->n_set_keys && !streq(c->set_keys[i].name, name))
                i++;
        if (i == c->n_set_keys)
                c->n_set_keys++;
        free(c->set_keys[i].where);
        c->set_keys[i] = (SetKey) { .name = name, .where = where };
        return 0;
}

HostIdentity *host_identity_free(HostIdentity *h)
{
        if (!h)
                return NULL;
        free(h->nqn);
        free(h->id);
        free(h->symname);
        (void) secret_free(h->key);
        free(h);
        return NULL;
}

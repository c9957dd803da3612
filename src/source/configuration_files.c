/* SPDX-License-Identifier: Apache-2.0 */

#include "source/configuration_files.h"

#include "base/text.h"
#include "codec/configuration.h"
#include "source/drop_ins.h"

typedef struct Target {
        ControllerKind role;
        Configuration *c;
        Diagnostics *d;
} Target;

static int parse_daemon_file(const char *path, const FileText *text, void *userdata)
{
        const Target *t = userdata;

        return configuration_parse(path, text->data, text->n, t->role, t->c, t->d);
}

int configuration_load(const char *path, ControllerKind role, Configuration **ret, Diagnostics *d)
{
        _cleanup_(configuration_freep) Configuration *c = NULL;
        int r = configuration_new(role, &c);

        if (r < 0)
                return r;
        Target t = { .role = role, .c = c, .d = d };
        r = drop_ins_read(path, parse_daemon_file, &t, d);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

static int add_controller(SourceSet *set, const ControllerLine *l, Tid *tid)
{
        SourceEntry *e = source_set_add(set, tid, l->where);
        if (!e)
                return -ENOMEM;

        e->settings = l->settings;
        int r = secret_dup(l->dhchap_secret, &e->dhchap_secret);
        return r < 0 ? r : secret_dup(l->dhchap_ctrl_secret, &e->dhchap_ctrl_secret);
}

int configuration_to_source_set(const Configuration *c, const HostIdentity *host, SourceSet **ret)
{
        _cleanup_(source_set_freep) SourceSet *set = NULL;
        int r = source_set_new("config", SOURCE_CONFIGURED, SOURCE_COMPLETE, &set);
        if (r < 0)
                return r;

        for (size_t i = 0; i < c->n_controllers; i++) {
                const ControllerLine *l = &c->controllers[i];
                _cleanup_tid_ Tid *tid = NULL;
                const TidFields fields = {
                        .transport = l->transport,
                        .traddr = l->traddr,
                        .trsvcid = l->trsvcid,
                        .subsysnqn = l->subsysnqn,
                        .host_traddr = l->host_traddr,
                        .host_iface = c->policy.ignore_iface ? NULL : l->host_iface,
                        .host_nqn = text_or(l->host_nqn, host->nqn),
                };

                r = tid_new(&fields, c->policy.role, &tid);
                if (r == -ENOMEM)
                        return r;
                bool is_name =
                        r >= 0 && tid->address.family == ADDRESS_NAME &&
                        (tid->transport == TRANSPORT_TCP || tid->transport == TRANSPORT_RDMA);
                /* What is not resolved, or not understood, is not gone. */
                if (r < 0 || is_name) {
                        set->state = SOURCE_PARTIAL;
                        continue;
                }
                r = add_controller(set, l, TAKE_PTR(tid));
                if (r < 0)
                        return r;
        }
        source_set_seal(set);
        *ret = TAKE_PTR(set);
        return 0;
}

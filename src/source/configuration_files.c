/* SPDX-License-Identifier: Apache-2.0 */

#include "source/configuration_files.h"

#include <stdio.h>

#include "base/text.h"
#include "codec/configuration.h"
#include "codec/connection_file.h"
#include "model/host_id.h"
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

int configuration_load(const char *path, bool required, ControllerKind role, Configuration **ret,
                       Diagnostics *d)
{
        _cleanup_(configuration_freep) Configuration *c = NULL;
        int r = configuration_new(role, &c);

        if (r < 0)
                return r;
        Target t = { .role = role, .c = c, .d = d };
        r = drop_ins_read(path, required ? DROP_INS_REQUIRE_MAIN : 0, parse_daemon_file, &t, d);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

static int parse_later_file(const char *path, const FileText *text, void *userdata)
{
        const Target *t = userdata;

        return configuration_parse_later(path, text->data, text->n, t->role, t->c, t->d);
}

typedef struct ConnectionsTarget {
        const char *main;
        ConnectionHosts hosts;
        Configuration *c;
        Diagnostics *d;
} ConnectionsTarget;

static int parse_connections(const char *path, const FileText *text, void *userdata)
{
        ConnectionsTarget *t = userdata;

        return connection_file_parse(path, text->data, text->n, !streq(path, t->main), t->c,
                                     &t->hosts, t->d);
}

int configuration_load_later(const LaterFiles *files, Configuration *c, Diagnostics *d)
{
        Target t = { .role = c->policy.role, .c = c, .d = d };
        ConnectionsTarget connections = { .main = files->connections, .c = c, .d = d };
        int r = 0;

        if (files->behaviour)
                r = drop_ins_read(files->behaviour, DROP_INS_MAIN_ONLY, parse_later_file, &t, d);
        if (r >= 0 && files->connections)
                r = drop_ins_read(files->connections, files->required ? DROP_INS_REQUIRE_MAIN : 0,
                                  parse_connections, &connections, d);
        connection_hosts_done(&connections.hosts);
        return r;
}

/* Returns true if the line has no host ID, or the one that belongs to its host NQN (ret_right). */
static bool host_id_fits(const ControllerLine *l, const HostIdentity *host,
                         char ret_right[static HOST_ID_SIZE])
{
        host_id_for_nqn(text_or(l->host_nqn, host->nqn), host->nqn, host->id, ret_right);
        return !l->host_id || strcasecmp(l->host_id, ret_right) == 0;
}

void configuration_check_host_ids(Configuration *c, const HostIdentity *host, Diagnostics *d)
{
        char right[HOST_ID_SIZE];
        size_t n = 0;

        for (size_t i = 0; i < c->n_controllers; i++) {
                ControllerLine *l = &c->controllers[i];
                if (host_id_fits(l, host, right)) {
                        c->controllers[n++] = *l;
                        continue;
                }
                diagnostics_add(d, l->of_section ? SEVERITY_WARNING : SEVERITY_ERROR, l->where, 0,
                                l->of_section ? "hostid" : "controller: host-id",
                                "'%s' is not the host ID that goes with the host NQN, which is %s; "
                                "the line is not used",
                                l->host_id, right);
                c->is_partial = c->is_partial || l->of_section;
                controller_line_done(l);
        }
        c->n_controllers = n;
}

static char *configuration_files_entry_where(const ControllerLine *l, const HostName *name)
{
        char *where;

        if (!name)
                return strdup(l->where);
        return asprintf(&where, "%s (%s)", l->where, l->traddr) < 0 ? NULL : where;
}

static int configuration_files_add_controller(SourceSet *set, const ControllerLine *l,
                                              const HostName *name, Tid *tid)
{
        _cleanup_free_ char *where = configuration_files_entry_where(l, name);
        SourceEntry *e = source_set_add(set, tid, text_or(where, l->where));
        if (!e)
                return -ENOMEM;

        e->settings = l->settings;
        e->tentative = name && name->state == HOST_NAME_ANSWERED;
        int r = secret_dup(l->dhchap_secret, &e->dhchap_secret);
        return r < 0 ? r : secret_dup(l->dhchap_ctrl_secret, &e->dhchap_ctrl_secret);
}

static int configuration_files_take_line(const Configuration *c, const ControllerLine *l,
                                         const HostIdentity *host, const HostNames *names,
                                         SourceSet *set)
{
        bool has_name = host_names_has_name(l);
        const HostName *name = has_name && names ? host_names_find(names, l->traddr) : NULL;
        _cleanup_tid_ Tid *tid = NULL;
        const TidFields fields = {
                .transport = l->transport,
                .traddr = name ? name->address : l->traddr,
                .trsvcid = l->trsvcid,
                .subsysnqn = l->subsysnqn,
                .host_traddr = l->host_traddr,
                .host_iface = c->policy.ignore_iface ? NULL : l->host_iface,
                .host_nqn = text_or(l->host_nqn, host->nqn),
        };

        if (has_name && (!name || name->state != HOST_NAME_SETTLED))
                set->state = SOURCE_PARTIAL;
        if (has_name && (!name || name->state == HOST_NAME_UNKNOWN))
                return 0;
        int r = tid_new(&fields, c->policy.role, &tid);
        if (r == -ENOMEM)
                return r;
        if (r < 0) { /* an unusable line does not mean a removed controller */
                set->state = SOURCE_PARTIAL;
                return 0;
        }
        return configuration_files_add_controller(set, l, name, TAKE_PTR(tid));
}

int configuration_to_source_set(const Configuration *c, const HostIdentity *host,
                                const HostNames *names, SourceSet **ret)
{
        _cleanup_(source_set_freep) SourceSet *set = NULL;
        int r = source_set_new("config", SOURCE_CONFIGURED, SOURCE_COMPLETE, &set);

        for (size_t i = 0; r >= 0 && i < c->n_controllers; i++)
                r = configuration_files_take_line(c, &c->controllers[i], host, names, set);
        if (r < 0)
                return r;
        if (c->is_partial)
                set->state = SOURCE_PARTIAL;
        source_set_seal(set);
        *ret = TAKE_PTR(set);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "source/nbft.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "codec/nbft.h"
#include "io/dir.h"
#include "io/file_text.h"
#include "source/nbft_interface.h"
#include "source/nbft_table.h"

#define TABLES "/sys/firmware/acpi/tables"

typedef struct Reading {
        const char *root;
        ControllerKind role;
        const HostIdentity *host;
        bool ignore_iface;
        const Nbft *before;
        Nbft *nbft;
        Diagnostics *d;
} Reading;

void nbft_done(Nbft *n)
{
        for (size_t i = 0; i < n->n_hosts; i++)
                free(n->hosts[i].nqn);
        free(n->hosts);
        free(n->interfaces);
        (void) source_set_free(n->set);
        *n = (Nbft) { 0 };
}

const char *nbft_host_id(const Nbft *n, const char *host_nqn)
{
        for (size_t i = 0; i < n->n_hosts; i++)
                if (streq(n->hosts[i].nqn, host_nqn))
                        return n->hosts[i].id;
        return NULL;
}

static int nbft_take_host(Nbft *n, const NbftTable *t)
{
        if (!t->host_nqn || !*t->host_id || nbft_host_id(n, t->host_nqn))
                return 0;
        int r = ARRAY_RESERVE(n->hosts, n->n_hosts_allocated, n->n_hosts + 1);
        if (r < 0)
                return r;
        NbftHost *host = &n->hosts[n->n_hosts];
        *host = (NbftHost) { .nqn = strdup(t->host_nqn) };
        if (!host->nqn)
                return -ENOMEM;
        memcpy(host->id, t->host_id, sizeof(host->id));
        n->n_hosts++;
        return 0;
}

static NbftInterface *find_interface(const Nbft *n, const uint8_t mac[static 6], uint16_t vlan)
{
        for (size_t i = 0; i < n->n_interfaces; i++)
                if (memcmp(n->interfaces[i].mac, mac, sizeof(n->interfaces[i].mac)) == 0 &&
                    n->interfaces[i].vlan == vlan)
                        return &n->interfaces[i];
        return NULL;
}

/* Finds the interface that the path starts from; valid until the next call. */
static int look_up(const Reading *x, const NbftPath *p, const NbftInterface **ret)
{
        Nbft *n = x->nbft;
        NbftInterface *i = find_interface(n, p->mac, p->vlan);
        const NbftInterface *before = find_interface(x->before, p->mac, p->vlan);

        if (i) {
                *ret = i;
                return 0;
        }
        int r = ARRAY_RESERVE(n->interfaces, n->n_interfaces_allocated, n->n_interfaces + 1);
        if (r < 0)
                return r;
        i = &n->interfaces[n->n_interfaces];
        *i = before ? *before : (NbftInterface) { .vlan = p->vlan };
        memcpy(i->mac, p->mac, sizeof(i->mac));
        i->is_there = nbft_interface_find(x->root, p->mac, p->vlan, i->name) >= 0;
        n->n_interfaces++;
        *ret = i;
        return 0;
}

static void tell_missing(const Reading *x, const char *path, const NbftPath *p)
{
        const uint8_t *m = p->mac;
        char vlan[sizeof(" of VLAN 65535")] = "";

        if (p->vlan != 0)
                (void) snprintf(vlan, sizeof(vlan), " of VLAN %u", p->vlan);
        diagnostics_add(x->d, SEVERITY_WARNING, path, 0, NULL,
                        "discovery controller %u waits: no interface%s has the MAC address "
                        "%02x:%02x:%02x:%02x:%02x:%02x",
                        p->index, vlan, m[0], m[1], m[2], m[3], m[4], m[5]);
}

bool nbft_interfaces_changed(const Nbft *n, const char *root)
{
        for (size_t i = 0; i < n->n_interfaces; i++) {
                const NbftInterface *old = &n->interfaces[i];
                char name[ADDRESS_SCOPE_SIZE];
                bool is_there = nbft_interface_find(root, old->mac, old->vlan, name) >= 0;

                if (is_there != old->is_there || (is_there && !streq(name, old->name)))
                        return true;
        }
        return false;
}

/* Why a controller is not connected to. Whoever has connected it keeps it. */
static const char *problem_of(const Reading *x, const NbftPath *p)
{
        if (p->kind == CONTROLLER_IO)
                return NULL;
        if (!nqn_is_usable(p->subsysnqn))
                return NQN_NOT_USABLE;
        if (p->has_security)
                return "the boot firmware has a security profile for it, and nvme-stas does not "
                       "support these";
        if (p->has_unknown_interface && !x->ignore_iface)
                return "the boot firmware's table does not describe the interface that it names";
        return NULL;
}

static int nbft_add_entry(const Reading *x, const char *path, const NbftPath *p, bool is_missing,
                          Tid *tid)
{
        _cleanup_free_ char *where = NULL;
        bool is_io = p->kind == CONTROLLER_IO;

        if (asprintf(&where, "%s %s %u", path, is_io ? "subsystem" : "discovery controller",
                     p->index) < 0) {
                where = NULL;
                (void) tid_free(tid);
                return -ENOMEM;
        }
        SourceEntry *e = source_set_add(x->nbft->set, tid, where);
        if (!e)
                return -ENOMEM;
        settings_init(&e->settings);
        e->problem = problem_of(x, p);
        e->passive = e->problem || is_missing || is_io;
        return 0;
}

static void tell_unusable(const Reading *x, const char *path, const NbftPath *p, const char *why)
{
        x->nbft->set->state = SOURCE_PARTIAL;
        diagnostics_add(x->d, SEVERITY_WARNING, path, 0, NULL, "%s %u cannot be used: %s",
                        p->kind == CONTROLLER_IO ? "subsystem" : "discovery controller", p->index,
                        why);
}

static int take_path(const Reading *x, const char *path, const NbftTable *t, const NbftPath *p)
{
        const NbftInterface *interface = NULL;
        Tid *tid;

        if (p->kind != x->role)
                return 0;
        if (p->has_interface && !x->ignore_iface) {
                int r = look_up(x, p, &interface);
                if (r < 0)
                        return r;
        }
        bool is_missing = interface && !interface->is_there;
        const TidFields fields = {
                .transport = transport_to_string(TRANSPORT_TCP),
                .traddr = p->traddr,
                .trsvcid = p->trsvcid,
                .subsysnqn = p->subsysnqn,
                .host_traddr = p->host_traddr,
                .host_iface = interface ? interface->name : NULL,
                .host_nqn = text_or(t->host_nqn, x->host->nqn),
        };
        int r = tid_new(&fields, p->kind, &tid);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                tell_unusable(x, path, p, strerror(-r));
                return 0;
        }
        if (tid->address.family == ADDRESS_NAME) {
                (void) tid_free(tid);
                tell_unusable(x, path, p, "its address is a name");
                return 0;
        }
        if (is_missing && !problem_of(x, p))
                tell_missing(x, path, p);
        return nbft_add_entry(x, path, p, is_missing, tid);
}

static int take_table(const Reading *x, const char *path, const NbftTable *t)
{
        int r = nbft_take_host(x->nbft, t);

        for (size_t i = 0; r >= 0 && i < t->n_paths; i++)
                r = take_path(x, path, t, &t->paths[i]);
        if (r < 0 || t->n_left_out == 0)
                return r;
        x->nbft->set->state = SOURCE_PARTIAL;
        diagnostics_add(x->d, SEVERITY_WARNING, path, 0, NULL,
                        "%u of the boot firmware's controllers could not be decoded",
                        t->n_left_out);
        return 0;
}

static const char *meaning(int error, const char *reason)
{
        switch (error) {
        case -EBADMSG:
                return reason;
        case -EOPNOTSUPP:
                return "this program was built without libnvme, which is required to read it";
        case -ELIBACC:
                return "libnvme, which is required to read it, cannot be loaded; is it installed?";
        case -EPROTONOSUPPORT:
                return "libnvme cannot read it";
        default:
                return strerror(-error);
        }
}

static int nbft_read_table(const Reading *x, const char *path)
{
        _cleanup_file_text_ FileText text = { 0 };
        _cleanup_nbft_table_ NbftTable t = { 0 };
        const char *reason = NULL;

        int r = file_text_read(path, NBFT_SIZE_MAX, &text);
        if (r >= 0)
                r = nbft_table_read((const uint8_t *) text.data, text.n, &t, &reason);
        if (r >= 0)
                return take_table(x, path, &t);
        if (r == -ENOMEM)
                return r;
        x->nbft->set->state = SOURCE_PARTIAL;
        diagnostics_add(x->d, SEVERITY_WARNING, path, 0, NULL,
                        "the boot firmware's table cannot be used: %s", meaning(r, reason));
        return 0;
}

static bool is_table(const char *name)
{
        return text_after(name, "NBFT") != NULL;
}

static int nbft_read_tables(const Reading *x)
{
        _cleanup_dir_paths_ DirPaths tables = { 0 };
        _cleanup_free_ char *folder = NULL;

        if (asprintf(&folder, "%s" TABLES, x->root) < 0) {
                folder = NULL;
                return -ENOMEM;
        }
        int r = dir_list(folder, is_table, &tables);
        if (r == -ENOMEM)
                return r;
        if (r < 0 && r != -ENOENT) { /* the directory does not exist without ACPI */
                x->nbft->set->state = SOURCE_PARTIAL;
                diagnostics_add(x->d, SEVERITY_WARNING, folder, 0, NULL, "cannot be read: %s",
                                strerror(-r));
        }
        r = 0;
        for (size_t i = 0; r >= 0 && i < tables.n; i++)
                r = nbft_read_table(x, tables.items[i]);
        return r;
}

int nbft_read(const char *root, ControllerKind role, const HostIdentity *host, bool ignore_iface,
              const Nbft *before, Nbft *ret, Diagnostics *d)
{
        _cleanup_(nbft_done) Nbft nbft = { 0 };
        const Reading x = { root, role, host, ignore_iface, before, &nbft, d };

        int r = source_set_new(NBFT_SOURCE_KEY, SOURCE_NBFT, SOURCE_COMPLETE, &nbft.set);
        if (r >= 0)
                r = nbft_read_tables(&x);
        if (r < 0)
                return r;
        source_set_seal(nbft.set);
        *ret = nbft;
        nbft = (Nbft) { 0 };
        return 0;
}

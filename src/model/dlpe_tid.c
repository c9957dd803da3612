/* SPDX-License-Identifier: Apache-2.0 */

#include "model/dlpe_tid.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char dlpe_unresolved[] = "its host name has not been resolved";

DlpeHost dlpe_host(const Policy *p, const char *nqn)
{
        return (DlpeHost) {
                .nqn = nqn,
                .ignore_iface = p->ignore_iface,
                .no_rdma = p->no_rdma,
        };
}

/* The kernel refuses to bind to an address of another family. */
static bool is_of_another_family(const Tid *t)
{
        return t->host_address.family != ADDRESS_NONE &&
               t->host_address.family != t->address.family;
}

/* Entries never name an interface of this host, so the one of the discovery controller is used,
 * however it was specified. A link-local address is meaningless without it, even with ignore-iface.
 * That of a tcp connection is not used for rdma. */
static const char *inherit_interface(const DlpEntry *e, const DlpeOrigin *o)
{
        char trtype[16];
        bool is_rdma =
                transport_from_string(dlpe_trtype_to_string(e->trtype, trtype)) == TRANSPORT_RDMA;

        return is_rdma && o->dc->transport != TRANSPORT_RDMA ? NULL : tid_interface(o->dc);
}

/* The address as this host spells it: without the scope that the target has for it. */
static const char *spell_address(const DlpEntry *e, const char *interface,
                                 char buf[static DLPE_TRADDR_SIZE + 1])
{
        char *scope;

        (void) snprintf(buf, DLPE_TRADDR_SIZE + 1, "%s", e->traddr);
        if (!text_is_empty(interface) && (scope = strchr(buf, '%')))
                *scope = '\0';
        return buf;
}

static int dlpe_to_tid(const DlpEntry *e, ControllerKind kind, const DlpeOrigin *o, Tid **ret)
{
        char trtype[16], traddr[DLPE_TRADDR_SIZE + 1];
        const char *interface = inherit_interface(e, o);
        TidFields fields = {
                .transport = dlpe_trtype_to_string(e->trtype, trtype),
                .traddr = spell_address(e, interface, traddr),
                .trsvcid = e->trsvcid,
                .subsysnqn = e->subnqn,
                .host_traddr = o->dc->host_traddr,
                .host_iface = interface,
                .host_nqn = text_is_empty(o->dc->host_nqn) ? o->host.nqn : o->dc->host_nqn,
        };
        _cleanup_tid_ Tid *tid = NULL;

        int r = tid_new(&fields, kind, &tid);
        if (r >= 0 && is_of_another_family(tid)) {
                tid = tid_free(tid);
                fields.host_traddr = NULL;
                r = tid_new(&fields, kind, &tid);
        }
        if (r < 0)
                return r;
        if (o->host.ignore_iface && !address_is_link_local(&tid->address))
                return tid_dup_without_interface(tid, ret);
        *ret = TAKE_PTR(tid);
        return 0;
}

/* Over tcp and rdma a discovery controller may name controllers of either transport. */
static const char *find_foreign_transport(const Tid *tid, const DlpeOrigin *o)
{
        if (tid->transport == TRANSPORT_LOOP && (!o || o->dc->transport != TRANSPORT_LOOP))
                return "it is of transport loop, which would be this host itself";
        if (tid->transport == TRANSPORT_FC && (!o || o->dc->transport != TRANSPORT_FC))
                return "it is of transport fc, and its discovery controller is not";
        if (tid->transport == TRANSPORT_RDMA && (!o || o->host.no_rdma))
                return "it is of transport rdma, and this host has no RDMA device";
        return NULL;
}

bool dlpe_has_host_name(const DlpEntry *e)
{
        char trtype[16];
        Transport t = transport_from_string(dlpe_trtype_to_string(e->trtype, trtype));

        return e->subtype == DLPE_NVME && !e->bad_nqn &&
               (t == TRANSPORT_TCP || t == TRANSPORT_RDMA) && address_is_host_name(e->traddr);
}

const char *dlpe_problem(const DlpEntry *e, const Tid *tid, const DlpeOrigin *o)
{
        bool is_over_ip = tid->transport == TRANSPORT_TCP || tid->transport == TRANSPORT_RDMA;

        if (e->bad_nqn)
                return NQN_NOT_USABLE;
        if (is_over_ip && !address_is_ip(&tid->address))
                return dlpe_has_host_name(e) ? dlpe_unresolved : "its address is not an IP address";
        if (tid->transport == TRANSPORT_FC && tid->address.family != ADDRESS_FC)
                return "its address is not a Fibre Channel address";
        if (e->subtype == DLPE_NVME && streq(tid->subsysnqn, NQN_DISCOVERY))
                return "its NQN is that of discovery controllers";
        return find_foreign_transport(tid, o);
}

/* tid_new() has refused it: what would have to be another? */
int dlpe_defect(const DlpEntry *e, const char **ret)
{
        char trtype[16];
        const TidFields without_service = {
                .transport = dlpe_trtype_to_string(e->trtype, trtype),
                .traddr = e->traddr,
                .subsysnqn = e->subnqn,
        };
        _cleanup_tid_ Tid *tid = NULL;

        if (e->subtype < DLPE_REFERRAL || e->subtype > DLPE_DISCOVERY)
                *ret = "its subtype is not known";
        else if (!*e->subnqn)
                *ret = "it has no NQN";
        else if (strlen(e->subnqn) > NQN_MAX)
                *ret = "its NQN is too long";
        else if (transport_from_string(without_service.transport) < 0)
                *ret = "its transport is not known";
        else if (!*e->traddr)
                *ret = "it has no address";
        else {
                int r = tid_new(&without_service, CONTROLLER_IO, &tid);
                if (r == -ENOMEM)
                        return r;
                *ret = r == -EADDRNOTAVAIL ? "its address is unspecified"
                       : r < 0             ? "its address is not usable"
                                           : "its service is not a port number";
        }
        return 0;
}

/* A referral to where it comes from, under whatever name, leads nowhere. */
static bool is_own(const DlpEntry *e, const Tid *tid, const DlpeOrigin *o)
{
        return e->subtype == DLPE_REFERRAL && tid_compare_portal(tid, o->dc) == 0;
}

int dlpe_judge(const DlpEntry *e, const DlpeOrigin *o, DlpeVerdict *ret)
{
        ControllerKind kind = e->subtype == DLPE_NVME ? CONTROLLER_IO : CONTROLLER_DISCOVERY;
        bool is_named = *e->subnqn && (e->subtype == DLPE_NVME || e->subtype == DLPE_REFERRAL);
        _cleanup_tid_ Tid *tid = NULL;

        *ret = (DlpeVerdict) { 0 };
        if (e->subtype == DLPE_DISCOVERY)
                return 0;
        int r = is_named ? dlpe_to_tid(e, kind, o, &tid) : -EINVAL;
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return dlpe_defect(e, &ret->problem);
        if (is_own(e, tid, o))
                return 0;
        ret->problem = dlpe_problem(e, tid, o);
        ret->tid = TAKE_PTR(tid);
        return 0;
}

void dlpe_verdict_done(DlpeVerdict *v)
{
        v->tid = tid_free(v->tid);
}

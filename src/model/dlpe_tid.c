/* SPDX-License-Identifier: Apache-2.0 */

#include "model/dlpe_tid.h"

#include "base/text.h"

/* The kernel refuses to bind to an address of another family. */
static bool is_of_another_family(const Tid *t)
{
        return t->host_address.family != ADDRESS_NONE &&
               t->host_address.family != t->address.family;
}

static int dlpe_to_tid(const DlpEntry *e, ControllerKind kind, const DlpeOrigin *o, Tid **ret)
{
        char trtype[16];
        TidFields fields = {
                .transport = dlpe_trtype_to_string(e->trtype, trtype),
                .traddr = e->traddr,
                .trsvcid = e->trsvcid,
                .subsysnqn = e->subnqn,
                .host_traddr = o->dc->host_traddr,
                /* Entries never name an interface, so use that of the discovery controller, however
                 * it was specified. A link-local address is meaningless without it, even with
                 * ignore-iface. */
                .host_iface = tid_interface(o->dc),
                .host_nqn = text_is_empty(o->dc->host_nqn) ? o->host_nqn : o->dc->host_nqn,
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
        if (o->ignore_iface && !address_is_link_local(&tid->address))
                return tid_dup_without_interface(tid, ret);
        *ret = TAKE_PTR(tid);
        return 0;
}

const char *dlpe_problem(const DlpEntry *e, const Tid *tid)
{
        bool is_over_ip = tid->transport == TRANSPORT_TCP || tid->transport == TRANSPORT_RDMA;

        if (e->bad_nqn)
                return NQN_NOT_USABLE;
        return is_over_ip && !address_is_ip(&tid->address) ? "its address is not an IP address"
                                                           : NULL;
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
        ret->problem = dlpe_problem(e, tid);
        ret->tid = TAKE_PTR(tid);
        return 0;
}

void dlpe_verdict_done(DlpeVerdict *v)
{
        v->tid = tid_free(v->tid);
}

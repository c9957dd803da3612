/* SPDX-License-Identifier: Apache-2.0 */

#include "model/dlpe_tid.h"

#include "base/text.h"

/* The kernel refuses to bind to an address of another family. */
static bool is_of_another_family(const Tid *t)
{
        return t->host_address.family != ADDRESS_NONE &&
               t->host_address.family != t->address.family;
}

int dlpe_to_tid(const DlpEntry *e, ControllerKind kind, const DlpeOrigin *o, Tid **ret)
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

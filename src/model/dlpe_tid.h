/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The verdict on a discovery log page entry: which controller it names, as reached from this host,
 * and whether it is used. */

#include "model/dlp.h"
#include "model/policy.h"
#include "model/tid.h"

/* What a verdict needs to know of this host. */
typedef struct DlpeHost { /* borrowed */
        const char *nqn;  /* used if the discovery controller has none */
        bool ignore_iface;
        bool no_rdma; /* it has no RDMA device: nothing can be connected over rdma */
} DlpeHost;

DlpeHost dlpe_host(const Policy *p, const char *nqn);

/* Information that an entry lacks and that its discovery controller provides. */
typedef struct DlpeOrigin { /* borrowed */
        const Tid *dc;
        DlpeHost host;
} DlpeOrigin;

/* Without a problem, the controller is to be connected: by stacd for an entry of subtype nvme, by
 * stafd for a referral. With a problem it is not, but an existing connection to it is kept. An
 * entry that describes the discovery controller itself has neither a controller nor a problem. */
typedef struct DlpeVerdict {
        Tid *tid;            /* NULL if the entry names no controller that can be connected */
        const char *problem; /* a constant such as "its address is not an IP address", or NULL */
} DlpeVerdict;

void dlpe_verdict_done(DlpeVerdict *v);
#define _cleanup_dlpe_verdict_ _cleanup_(dlpe_verdict_done)

/* The controller inherits the host NQN and the interface, which also replaces the scope of a
 * link-local address: that is the target's. It inherits the host address unless its family differs
 * from that of the entry, and no interface if it is of transport rdma and the discovery controller
 * is not. Returns 0 or -ENOMEM. */
int dlpe_judge(const DlpEntry *e, const DlpeOrigin *o, DlpeVerdict *ret);

/* The problem of an entry for a subsystem whose address is a host name: stacd resolves it. */
extern const char dlpe_unresolved[];
/* Returns true if the address of the entry is to be resolved: a host name, for a subsystem over tcp
 * or rdma. */
bool dlpe_has_host_name(const DlpEntry *e);

/* The problem of an entry that names the controller tid, or NULL. o may be NULL if the entry is
 * known to have one. */
const char *dlpe_problem(const DlpEntry *e, const Tid *tid, const DlpeOrigin *o);
/* The problem of an entry that names no controller. Returns 0 or -ENOMEM. */
int dlpe_defect(const DlpEntry *e, const char **ret);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The boot firmware's tables (NVMe Boot Specification 1.0) as the kernel shows them: which
 * discovery controllers the firmware knows, and which connections the initramfs has made for it. */

#include "base/diagnostics.h"
#include "model/configuration.h"
#include "model/host_id.h"
#include "model/source_set.h"

#define NBFT_SOURCE_KEY "nbft"

typedef struct NbftHost { /* who the firmware says the host is */
        char *nqn, id[HOST_ID_SIZE];
} NbftHost;

typedef struct Nbft {    /* {0}: none; complete says whether that is known */
        NbftHost *hosts; /* of different NQNs, each with an ID */
        size_t n_hosts, n_hosts_allocated;
        SourceSet *set;
} Nbft;

/* Reads all tables below root ("" but in tests). Role discovery: the discovery controllers, each
 * from the interface with the MAC address and VLAN that the table tells, by the table's host NQN.
 * Role I/O: the subsystems, passive, by whatever interface: what leads there is the firmware's.
 * A table that cannot be used is a warning in d that names it, and what it may have said is not
 * known: the set is SOURCE_PARTIAL then. 0 or -ENOMEM. */
int nbft_read(const char *root, ControllerKind role, const HostIdentity *host, bool ignore_iface,
              Nbft *ret, Diagnostics *d);
void nbft_done(Nbft *n);

/* The Host Identifier that goes with the NQN, or NULL. */
const char *nbft_host_id(const Nbft *n, const char *host_nqn);

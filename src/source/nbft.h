/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The boot firmware's tables (NVMe Boot Specification 1.0) as the kernel shows them: which
 * discovery controllers the firmware knows, and which connections the initramfs has made for it. */

#include "base/diagnostics.h"
#include "model/address.h"
#include "model/configuration.h"
#include "model/host_id.h"
#include "model/source_set.h"

#define NBFT_SOURCE_KEY "nbft"

typedef struct NbftHost { /* who the firmware says the host is */
        char *nqn, id[HOST_ID_SIZE];
} NbftHost;

typedef struct NbftInterface { /* that a table names */
        uint8_t mac[6];
        uint16_t vlan;                 /* 0: none */
        char name[ADDRESS_SCOPE_SIZE]; /* the last known; "": it was never there */
        bool is_there;
} NbftInterface;

typedef struct Nbft {    /* {0}: none; complete says whether that is known */
        NbftHost *hosts; /* of different NQNs, each with an ID */
        size_t n_hosts, n_hosts_allocated;
        NbftInterface *interfaces;
        size_t n_interfaces, n_interfaces_allocated;
        SourceSet *set;
} Nbft;

/* Reads all tables below root ("" but in tests). Role discovery: the discovery controllers, each
 * from the interface with the MAC address and VLAN that the table tells, by the table's host NQN.
 * While there is no such interface the entry is passive and has the name that the interface had in
 * before, and a warning in d says so: it does not go by another one.
 * Role I/O: the subsystems, passive, by whatever interface: what leads there is the firmware's.
 * A table that cannot be used is a warning in d that names it, and what it may have said is not
 * known: the set is SOURCE_PARTIAL then. before: of the last time, or {0}. 0 or -ENOMEM. */
int nbft_read(const char *root, ControllerKind role, const HostIdentity *host, bool ignore_iface,
              const Nbft *before, Nbft *ret, Diagnostics *d);
/* An interface that a table names has come, gone or got another name: it is to be read again. */
bool nbft_interfaces_changed(const Nbft *n, const char *root);
void nbft_done(Nbft *n);

/* The Host Identifier that goes with the NQN, or NULL. */
const char *nbft_host_id(const Nbft *n, const char *host_nqn);

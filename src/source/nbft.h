/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The boot firmware's tables (NVMe Boot Specification 1.0) as exposed by the kernel: discovery
 * controllers configured in the firmware, and connections made for it by the initramfs. */

#include "base/diagnostics.h"
#include "model/address.h"
#include "model/configuration.h"
#include "model/host_id.h"
#include "model/source_set.h"

#define NBFT_SOURCE_KEY "nbft"

typedef struct NbftHost { /* host identity set by the firmware */
        char *nqn, id[HOST_ID_SIZE];
} NbftHost;

typedef struct NbftInterface { /* an interface that a table refers to */
        uint8_t mac[6];
        uint16_t vlan;                 /* 0: none */
        char name[ADDRESS_SCOPE_SIZE]; /* last known; "": never present */
        bool is_there;
} NbftInterface;

typedef struct Nbft {    /* {0}: none; complete reports whether that is certain */
        NbftHost *hosts; /* with different NQNs, each with an ID */
        size_t n_hosts, n_hosts_allocated;
        NbftInterface *interfaces;
        size_t n_interfaces, n_interfaces_allocated;
        SourceSet *set;
} Nbft;

/* Reads all tables below root ("" except in tests). Role discovery: returns the discovery
 * controllers, each with the table's host NQN and the interface that has the MAC address and VLAN
 * given in the table. While there is no such interface the entry is passive, keeps the interface's
 * name from before, and a warning is added to d: no other interface is used. Role I/O: returns the
 * subsystems, passive, on any interface, because their paths are managed by the firmware. A table
 * that cannot be used gives a warning in d that names it; its contents are unknown, so the set is
 * SOURCE_PARTIAL. before: the previous result, or {0}. Returns 0 or -ENOMEM. */
int nbft_read(const char *root, ControllerKind role, const HostIdentity *host, bool ignore_iface,
              const Nbft *before, Nbft *ret, Diagnostics *d);
/* Returns true if an interface that a table refers to was added, removed or renamed: the tables
 * must be read again. */
bool nbft_interfaces_changed(const Nbft *n, const char *root);
void nbft_done(Nbft *n);

/* Returns the Host Identifier that belongs to the NQN, or NULL. */
const char *nbft_host_id(const Nbft *n, const char *host_nqn);

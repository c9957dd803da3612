/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a boot firmware table says, by value: read by libnvme, whose two interfaces (libnvme 1.5,
 * libnvme3) nobody else has to know, and which is loaded for that alone. */

#include "base/macro.h"
#include "model/host_id.h"
#include "model/transport.h"

typedef struct NbftPath { /* to a controller, from one interface of the host's */
        ControllerKind kind;
        unsigned index; /* of the discovery controller's or the subsystem's descriptor */
        char *traddr, *trsvcid, *subsysnqn;
        bool has_interface;
        uint8_t mac[6];
        uint16_t vlan;     /* 0: none */
        char *host_traddr; /* NULL: none, or by DHCP, which may have given another one since */
} NbftPath;

typedef struct NbftTable {
        char *host_nqn;             /* NULL: none that can be used */
        char host_id[HOST_ID_SIZE]; /* "": none */
        NbftPath *paths;
        size_t n_paths, n_allocated;
        unsigned n_left_out; /* descriptors that were not understood */
} NbftTable;

/* Checks and reads. -EBADMSG with *ret_reason (static): damaged; -EOPNOTSUPP: built without
 * libnvme; -ELIBACC: it cannot be loaded; -EPROTONOSUPPORT: it does not read the table; -ENOMEM, or
 * what a memfd fails with. */
int nbft_table_read(const uint8_t *data, size_t n, NbftTable *ret, const char **ret_reason);
void nbft_table_done(NbftTable *t);

#define _cleanup_nbft_table_ _cleanup_(nbft_table_done)

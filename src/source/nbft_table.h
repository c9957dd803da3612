/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Contents of a boot firmware table, by value. It is read by libnvme, which is loaded only for
 * this; the differences between its two interfaces (libnvme 1.5, libnvme3) are handled here. */

#include "base/macro.h"
#include "model/host_id.h"
#include "model/transport.h"

typedef struct NbftPath { /* to a controller, from one interface of the host */
        ControllerKind kind;
        unsigned index; /* of the descriptor of the discovery controller or subsystem */
        char *traddr, *trsvcid, *subsysnqn;
        bool has_security;          /* a security profile is named for it */
        bool has_unknown_interface; /* one is named that the table does not describe */
        bool has_interface;
        uint8_t mac[6];
        uint16_t vlan;     /* 0: none */
        char *host_traddr; /* NULL: none, or by DHCP, which may have assigned another one since */
} NbftPath;

typedef struct NbftTable {
        char *host_nqn;             /* NULL: none that is valid */
        char host_id[HOST_ID_SIZE]; /* "": none */
        NbftPath *paths;
        size_t n_paths, n_allocated;
        unsigned n_left_out; /* descriptors that could not be parsed */
} NbftTable;

/* Checks and parses a table. -EBADMSG with *ret_reason (static): damaged; -EOPNOTSUPP: built
 * without libnvme; -ELIBACC: libnvme cannot be loaded; -EPROTONOSUPPORT: libnvme cannot parse it;
 * -ENOMEM, or an error of the memfd. */
int nbft_table_read(const uint8_t *data, size_t n, NbftTable *ret, const char **ret_reason);
void nbft_table_done(NbftTable *t);

#define _cleanup_nbft_table_ _cleanup_(nbft_table_done)

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the discovery controller reports about itself and others: plain values that a script may set
 * to anything, valid or not. A change of the entries increments GENCTR; notifying the hosts is
 * separate (peer.h). */

#include "base/macro.h"

#define MODEL_WELL_KNOWN_NQN "nqn.2014-08.org.nvmexpress.discovery"

enum {
        NQN_SIZE = 256,
        TRADDR_SIZE = 256,
        TRSVCID_SIZE = 32,
        SERIAL_SIZE = 20,
};

enum { /* of a log page entry */
        SUBTYPE_REFERRAL = 1,
        SUBTYPE_NVME = 2,
        SUBTYPE_DISCOVERY = 3,
        TRTYPE_RDMA = 1,
        TRTYPE_FC = 2,
        TRTYPE_TCP = 3,
        TRTYPE_LOOP = 254,
        ADRFAM_IPV4 = 1,
        ADRFAM_IPV6 = 2,
        ADRFAM_IB = 3,
        ADRFAM_FC = 4,
        ADRFAM_LOOP = 254,
        LOG_EXTENDED = 1 << 0,
        LOG_PORT_LOCAL = 1 << 1,
        LOG_ALL = 1 << 2,
        EFLAGS_DUPRETINFO = 1 << 0,
        EFLAGS_EPCSD = 1 << 1,
        EFLAGS_NCC = 1 << 2,
        CNTLID_ANY_STATIC = 0xfffe,
        CNTLID_DYNAMIC = 0xffff,
};

typedef enum DcType { /* DCTYPE of Identify Controller (TP8010) */
        DC_TYPE_NOT_REPORTED = 0,
        DC_TYPE_DDC = 1,
        DC_TYPE_CDC = 2,
} DcType;

/* Strings may fill their fields: they are not terminated on the wire. */
typedef struct Entry {
        uint8_t trtype, adrfam, subtype, treq;
        uint16_t portid, cntlid, asqsz, eflags;
        uint8_t sectype;   /* first byte of TSAS */
        bool is_elsewhere; /* on another port: hidden from hosts that request this port's (PLEO) */
        char trsvcid[TRSVCID_SIZE + 1], subnqn[NQN_SIZE + 1], traddr[TRADDR_SIZE + 1];
} Entry;

typedef struct Model {
        char nqn[NQN_SIZE + 1]; /* its own; hosts may always use the well-known one as well */
        char serial[SERIAL_SIZE + 1];
        uint8_t dctype;     /* DcType, or any other value */
        bool is_static;     /* hosts choose the controller ID */
        bool can_be_held;   /* else persistent connections (KATO is not 0) are refused */
        bool tells_changes; /* OAES: supports discovery log page change events */

        /* Supported features of log page 70h, requested by LSP (log page 00h). */
        unsigned log_options; /* LOG_* */

        /* Deliberately wrong values. */
        bool lies_numrec;
        uint64_t numrec;
        uint64_t log_bytes_max; /* a Get Log Page transfers at most this, and succeeds */
        uint64_t n_moves; /* number of reads of entries that are followed by a change of the log */

        uint64_t genctr;
        Entry *entries;
        size_t n_entries, n_allocated;
} Model;

void model_init(Model *m);
void model_done(Model *m);

/* Initializes a discovery log entry for an NVM subsystem on TCP, without names or address. */
void entry_init(Entry *e);

/* 0 or -ENOMEM. */
int model_add(Model *m, const Entry *e);
/* Select entries by the NQN of their subsystem; return the number of changed entries. */
size_t model_remove(Model *m, const char *subnqn);
size_t model_clear(Model *m);
/* Returns the first entry of that name from index `from` on; NULL if there is none. The caller
 * reports changes to it with model_changed(). */
Entry *model_find(Model *m, const char *subnqn, size_t from);
void model_changed(Model *m);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the discovery controller says of itself and of others: plain values that a script may set to
 * anything, true or not. A change of the entries counts GENCTR up; whether the hosts are told is
 * another matter (peer.h). */

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

/* Texts may fill their fields: on the wire they need no end. */
typedef struct Entry {
        uint8_t trtype, adrfam, subtype, treq;
        uint16_t portid, cntlid, asqsz, eflags;
        bool is_elsewhere; /* of another port: not there for who asks for this port's (PLEO) */
        char trsvcid[TRSVCID_SIZE + 1], subnqn[NQN_SIZE + 1], traddr[TRADDR_SIZE + 1];
} Entry;

typedef struct Model {
        char nqn[NQN_SIZE + 1]; /* its own; hosts may always use the well-known one too */
        char serial[SERIAL_SIZE + 1];
        uint8_t dctype;     /* DcType, or any other value */
        bool is_static;     /* controller ids are what the host asks for */
        bool can_be_held;   /* else it takes no host that wants to stay (KATO is not 0) */
        bool tells_changes; /* OAES: it can send discovery log page change events */

        /* Log page 00h and what LSP of log page 70h may ask for. */
        unsigned log_options; /* LOG_* */

        /* Lies. */
        bool lies_numrec;
        uint64_t numrec;
        uint64_t log_bytes_max; /* a Get Log transfers no more than this, and succeeds */
        uint64_t n_moves;       /* so many reads of entries find the log changed after them */

        uint64_t genctr;
        Entry *entries;
        size_t n_entries, n_allocated;
} Model;

void model_init(Model *m);
void model_done(Model *m);

/* A discovery log entry of an NVM subsystem at TCP, without names or address. */
void entry_init(Entry *e);

/* 0 or -ENOMEM. */
int model_add(Model *m, const Entry *e);
/* Entries named by their subsystem's NQN; each gives the number of entries it has changed. */
size_t model_remove(Model *m, const char *subnqn);
size_t model_clear(Model *m);
/* The first entry of that name at or behind index `from`; NULL when there is none. Who changes it
 * says so by model_changed(). */
Entry *model_find(Model *m, const char *subnqn, size_t from);
void model_changed(Model *m);

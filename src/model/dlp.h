/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Discovery log page, decoded (NVMe Base 2.x, 5.1.12.3.1 "Discovery", log page identifier 70h). */

#include "base/macro.h"
#include "base/properties.h"

enum {
        DLPE_TRADDR_SIZE = 256,
        DLPE_TRSVCID_SIZE = 32,
        DLPE_SUBNQN_SIZE = 256,
};

#define DLPE_PROBLEM "problem"
#define DLPE_NOT_USED "not used"
#define DLPE_REQUIREMENTS "requirements"
#define DLPE_SECTYPE "sectype"

typedef enum DlpeSubtype {
        DLPE_REFERRAL = 1,
        DLPE_NVME = 2,
        DLPE_DISCOVERY = 3, /* the discovery subsystem that returned the log */
} DlpeSubtype;

enum { /* TRTYPE */
        DLPE_TRTYPE_TCP = 3,
        DLPE_TRTYPE_LOOP = 254,
};

enum {
        DLPE_EFLAGS_DUPRETINFO = 1 << 0,
        DLPE_EFLAGS_EPCSD = 1 << 1,
        DLPE_EFLAGS_NCC = 1 << 2,
};

enum {                                /* TREQ */
        DLPE_TREQ_SECURE_CHANNEL = 3, /* two bits: DLPE_SECURE_CHANNEL_* */
        DLPE_TREQ_DISABLE_SQFLOW = 1 << 2,
        DLPE_SECURE_CHANNEL_REQUIRED = 1,
        DLPE_SECURE_CHANNEL_NOT_REQUIRED = 2,
};

enum { /* of the discovery log: bits of its LID Specific Parameter and of the command's LSP */
        DISCOVERY_LOG_EXTENDED = 1 << 0,   /* EXTDLPES, EXTDLPE */
        DISCOVERY_LOG_PORT_LOCAL = 1 << 1, /* PLEOS, PLEO: only entries of this port */
        DISCOVERY_LOG_ALL = 1 << 2,        /* ALLSUBES, ALLSUBE */
};

/* Strings are printable and have no leading or trailing white space. */
typedef struct DlpEntry {
        uint8_t trtype, adrfam, subtype, treq;
        uint16_t portid, cntlid, asqsz, eflags;
        uint8_t sectype; /* of tcp, else 0 */
        char trsvcid[DLPE_TRSVCID_SIZE + 1];
        char *subnqn, *traddr;
        bool bad_nqn; /* the NQN that was received is not usable, see nqn_is_usable() */
} DlpEntry;

typedef struct DiscoveryLog {
        uint64_t genctr;
        DlpEntry *entries;
        size_t n_entries;
        bool partial; /* entries may be missing: what is not in it is not known to be gone */
} DiscoveryLog;

/* Names as used on D-Bus by the Python version of nvme-stas: "tcp", "ipv4", "nvme" / "referral" /
 * "discovery", "disable sqflow"; the number if there is no name. Returns a constant or buf. */
const char *dlpe_trtype_to_string(uint8_t trtype, char buf[static 16]);
const char *dlpe_adrfam_to_string(uint8_t adrfam, char buf[static 16]);
const char *dlpe_subtype_to_string(uint8_t subtype, char buf[static 16]);
const char *dlpe_treq_to_string(uint8_t treq, char buf[static 64]);

/* Every value in words: "required, disable sqflow", "not specified, reserved 80h". */
const char *dlpe_requirements_to_string(uint8_t treq, char buf[static 64]);
/* "none", "tls1.2", "tls1.3", or a number. */
const char *dlpe_sectype_to_string(uint8_t sectype, char buf[static 16]);
/* Whether the portal does not accept connections without TLS. */
bool dlpe_demands_tls(const DlpEntry *e);

/* Appends the eleven keys of get_log_pages() in the order of the Python version: trtype adrfam
 * traddr trsvcid subnqn subtype treq portid cntlid asqsz eflags; and DLPE_PROBLEM if the NQN is
 * bad. Returns 0 or -ENOMEM. */
int dlpe_describe(const DlpEntry *e, Properties *p);
/* Appends the same keys and those that the Python version does not have: DLPE_REQUIREMENTS, and
 * DLPE_SECTYPE for tcp. Returns 0 or -ENOMEM. */
int dlpe_describe_all(const DlpEntry *e, Properties *p);
/* The reverse, for input from a D-Bus peer. Returns 0, -EBADMSG (a key is missing or out of range)
 * or -ENOMEM. */
int dlpe_from_properties(const Properties *p, DlpEntry *ret);
/* Formats an entry for messages: "(tcp, 192.0.2.1, 4420, nqn…)" without empty parts, like
 * tid_to_string(). Returns NULL if out of memory. */
char *dlpe_to_string(const DlpEntry *e);
/* Formats an entry like the Python version does: "{'trtype': 'tcp', …}". Returns NULL if out of
 * memory. */
char *dlpe_to_python_string(const DlpEntry *e);

bool dlpe_equal(const DlpEntry *a, const DlpEntry *b);
int dlpe_copy(const DlpEntry *from, DlpEntry *ret);
void dlpe_done(DlpEntry *e);

DiscoveryLog *discovery_log_free(DiscoveryLog *l);
DEFINE_CLEANUP(DiscoveryLog, discovery_log_free)
/* Compares the entries and their order. GENCTR is ignored. */
/* Returns true if a names each controller that b names; false also if memory is exhausted. */
bool discovery_log_covers(const DiscoveryLog *a, const DiscoveryLog *b);
bool discovery_log_equal(const DiscoveryLog *a, const DiscoveryLog *b);
bool discovery_log_names(const DiscoveryLog *l, DlpeSubtype subtype);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* MdnsServices: discovery controllers announced by mDNS, and how long they remain wanted after the
 * announcement is lost. Does no I/O and reads no clock. */

#include "codec/txt_record.h"
#include "model/exclude.h"
#include "model/source_set.h"

#define MDNS_SOURCE_KEY "mdns"
/* Maximum number of discovery controllers, including those no longer announced. The limits per
 * interface and per IP address are lower, so that none can crowd out the others. */
#define MDNS_SERVICES_MAX 2000
#define MDNS_PER_INTERFACE_MAX 1000
#define MDNS_PER_ADDRESS_MAX 128
#define MDNS_NAME_SIZE 64 /* DNS label (RFC 1035, 2.3.4), including NUL */

/* Identifies an announcement. */
typedef struct MdnsKey {
        int interface, protocol; /* Avahi's numbers */
        int type;                /* _nvme-disc._tcp or _nvme-disc._udp */
        char name[MDNS_NAME_SIZE];
} MdnsKey;

bool mdns_key_equal(const MdnsKey *a, const MdnsKey *b);

/* A resolved announcement. */
typedef struct MdnsService {
        MdnsKey key;
        char interface[ADDRESS_SCOPE_SIZE];
        char address[64]; /* longer than any IP address */
        uint16_t port;
        TxtRecord txt;
} MdnsService;

typedef enum MdnsRowState {
        MDNS_ANNOUNCED,
        MDNS_UNCONFIRMED, /* not seen since Avahi was queried anew, or since the restart */
        MDNS_LOST,        /* no longer announced */
} MdnsRowState;

typedef struct MdnsRow {
        MdnsRowState state;
        MdnsService service; /* undefined if only remembered */
        bool has_key;        /* service.key is valid */
        bool is_remembered;
        bool told_twice; /* its address was reported as announced on two interfaces */
        Tid *tid;
        usec_t idle_since; /* LOST: last seen connected, or when it was lost */
} MdnsRow;

typedef bool (*MdnsIsConnected)(const Tid *tid, void *userdata);

typedef struct MdnsServices {
        SourceState state;
        MdnsRow *rows;
        size_t n_rows, n_allocated;
        char *host_nqn;
        bool unique_nqn, ignore_iface;
        /* Returns true if it is or was connected: it is never evicted. NULL: none was. */
        MdnsIsConnected was_connected;
        void *userdata;
} MdnsServices;

/* {0} is empty, UNKNOWN and without a host NQN. */
void mdns_services_done(MdnsServices *s);

/* host_nqn: for all controllers. unique_nqn: use announced NQNs (the kernel supports TP8013),
 * otherwise the well-known one. ignore_iface: from the configuration. Returns 0, or -ENOMEM with
 * nothing changed. */
int mdns_services_set_host(MdnsServices *s, const char *host_nqn, bool unique_nqn,
                           bool ignore_iface);

/* Adds a controller known from before a restart, as UNCONFIRMED. Not subject to the limits. Returns
 * 0 or -ENOMEM. */
int mdns_services_remember(MdnsServices *s, const Tid *tid);
/* Adds or updates an announcement. Returns 0; -ENOPROTOOPT: its TXT record specifies no known
 * transport; -EILSEQ: invalid NQN; -EINVAL: invalid address, port or interface; -EDQUOT: too many
 * on its interface or address; -E2BIG: too many in total, and none that is lost and was never
 * connected can be evicted; -ENOMEM. On error an existing row becomes lost. ret_row is valid until
 * the next call. */
int mdns_services_found(MdnsServices *s, const MdnsService *service, usec_t now,
                        const MdnsRow **ret_row);
void mdns_services_lost(MdnsServices *s, const MdnsKey *key, usec_t now);
/* Avahi is about to be queried anew (PARTIAL), or not available (UNKNOWN): nothing becomes lost. */
void mdns_services_doubt(MdnsServices *s, SourceState state);
/* All current announcements have been received: COMPLETE. */
void mdns_services_complete(MdnsServices *s, usec_t now);

/* Returns the other interface on which the row's IP address is announced, unless reported before,
 * or NULL. Link-local addresses on different interfaces are different controllers. */
const char *mdns_services_tell_twice(MdnsServices *s, const MdnsRow *row);

/* While COMPLETE, removes rows that are lost and have not been connected for persistence. Returns
 * the latest time to call it again. */
usec_t mdns_services_expire(MdnsServices *s, usec_t persistence, MdnsIsConnected is_connected,
                            void *userdata, usec_t now);

/* excludes: rules with an interface apply even if the configuration ignores interfaces. Returns 0
 * or -ENOMEM. */
int mdns_services_to_set(const MdnsServices *s, const ExcludeList *excludes, SourceSet **ret);

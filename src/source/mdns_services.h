/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* MdnsServices: the discovery controllers that mDNS has announced, and for how long they are wanted
 * once it does not any more. Holds no handle and knows no clock. */

#include "codec/txt_record.h"
#include "model/exclude.h"
#include "model/source_set.h"

#define MDNS_SOURCE_KEY "mdns"
/* Discovery controllers, those included that are no longer announced. Of each interface and of each
 * IP address less, so that none takes the place of the others. */
#define MDNS_SERVICES_MAX 2000
#define MDNS_PER_INTERFACE_MAX 1000
#define MDNS_PER_ADDRESS_MAX 128
#define MDNS_NAME_SIZE 64 /* a label of DNS (RFC 1035, 2.3.4), with the NUL */

/* What one announcement is known by. */
typedef struct MdnsKey {
        int interface, protocol; /* as Avahi numbers them */
        int type;                /* _nvme-disc._tcp or _nvme-disc._udp: what it is called by */
        char name[MDNS_NAME_SIZE];
} MdnsKey;

bool mdns_key_equal(const MdnsKey *a, const MdnsKey *b);

/* An announcement, resolved. */
typedef struct MdnsService {
        MdnsKey key;
        char interface[ADDRESS_SCOPE_SIZE];
        char address[64]; /* longer than any IP address */
        uint16_t port;
        TxtRecord txt;
} MdnsService;

typedef enum MdnsRowState {
        MDNS_ANNOUNCED,
        MDNS_UNCONFIRMED, /* before Avahi was asked anew, or before the restart */
        MDNS_LOST,        /* not announced any more */
} MdnsRowState;

typedef struct MdnsRow {
        MdnsRowState state;
        MdnsService service; /* meaningless when it is only remembered */
        bool has_key;        /* service.key is its own */
        bool is_remembered;
        bool told_twice; /* its address was told to be there on two interfaces */
        Tid *tid;
        usec_t idle_since; /* LOST: last seen connected, or lost then */
} MdnsRow;

typedef bool (*MdnsIsConnected)(const Tid *tid, void *userdata);

typedef struct MdnsServices {
        SourceState state;
        MdnsRow *rows;
        size_t n_rows, n_allocated;
        char *host_nqn;
        bool unique_nqn, ignore_iface;
        /* It is connected or once was: it gives its place to nobody. NULL: none was. */
        MdnsIsConnected was_connected;
        void *userdata;
} MdnsServices;

/* {0} is an empty one, UNKNOWN and without a host NQN. */
void mdns_services_done(MdnsServices *s);

/* host_nqn: of every controller. unique_nqn: announced NQNs are used (the kernel supports TP8013),
 * else the well-known one. ignore_iface: of the configuration. 0 or -ENOMEM, which changes nothing.
 */
int mdns_services_set_host(MdnsServices *s, const char *host_nqn, bool unique_nqn,
                           bool ignore_iface);

/* Known from before a restart: UNCONFIRMED. As many as there are. 0 or -ENOMEM. */
int mdns_services_remember(MdnsServices *s, const Tid *tid);
/* Announced, for the first time or again. 0; -ENOPROTOOPT: its TXT record names no transport that
 * we know; -EILSEQ: its NQN is not usable; -EINVAL: address, port or interface are not usable;
 * -EDQUOT: too many on its interface or of its address, -E2BIG: too many, and none that is lost and
 * never was connected may give way; -ENOMEM. Should it have been usable before, it is lost then.
 * ret_row is valid until the next call. */
int mdns_services_found(MdnsServices *s, const MdnsService *service, usec_t now,
                        const MdnsRow **ret_row);
void mdns_services_lost(MdnsServices *s, const MdnsKey *key, usec_t now);
/* Avahi is to be asked anew (PARTIAL), or not there (UNKNOWN): nothing is taken for lost. */
void mdns_services_doubt(MdnsServices *s, SourceState state);
/* All that there is has been announced by now: COMPLETE. */
void mdns_services_complete(MdnsServices *s, usec_t now);

/* The other interface that the row's IP address is announced on, should that not have been told
 * before, or NULL. Link-local addresses are another's on each interface. */
const char *mdns_services_tell_twice(MdnsServices *s, const MdnsRow *row);

/* Removes what is lost and has not been connected for persistence, while COMPLETE. Returns when to
 * call again, at the latest. */
usec_t mdns_services_expire(MdnsServices *s, usec_t persistence, MdnsIsConnected is_connected,
                            void *userdata, usec_t now);

/* excludes: rules about an interface count also if the configuration ignores interfaces. 0 or
 * -ENOMEM. */
int mdns_services_to_set(const MdnsServices *s, const ExcludeList *excludes, SourceSet **ret);

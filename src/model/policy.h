/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the configuration permits a daemon to do with controllers. */

#include "base/macro.h"
#include "model/exclude.h"
#include "model/settings.h"
#include "model/transport.h"

typedef enum DisconnectScope {
        DISCONNECT_ONLY_STAS,    /* only-stas-connections */
        DISCONNECT_ALL_MATCHING, /* all-connections-matching-disconnect-trtypes */
        DISCONNECT_NONE,         /* no-disconnect */
        _DISCONNECT_SCOPE_MAX,
        _DISCONNECT_SCOPE_INVALID = -EINVAL,
} DisconnectScope;

const char *disconnect_scope_to_string(DisconnectScope s);
DisconnectScope disconnect_scope_from_string(const char *s);

enum { /* ip-family; the order of preference only matters for name resolution */
        IP_FAMILY_IPV4 = 1 << 0,
        IP_FAMILY_IPV6 = 1 << 1,
        IP_FAMILY_IPV6_FIRST = 1 << 2,
};

typedef struct Policy {
        ControllerKind role;  /* controllers managed by this daemon: stafd discovery, stacd I/O */
        unsigned ip_families; /* IP_FAMILY_* */
        ExcludeList excludes;
        Settings settings; /* [Global] */
        DisconnectScope disconnect_scope;
        unsigned disconnect_transports;   /* 1 << Transport */
        unsigned connect_attempts_on_ncc; /* 0: no limit */
        unsigned poll_minutes;            /* interval of polls of discovery logs; 0: the default */
        bool disconnect_in_use_force;
        bool ignore_iface;
        bool no_rdma; /* this host has no RDMA device */
        bool pleo;    /* request only entries of the port we are connected to from a DDC */
} Policy;

Policy *policy_free(Policy *p);
DEFINE_CLEANUP(Policy, policy_free)

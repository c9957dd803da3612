/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The configuration of a daemon and the identity of the host, as read from /etc/stas. */

#include "base/macro.h"
#include "model/exclude.h"
#include "model/policy.h"
#include "model/secret.h"
#include "model/settings.h"

/* One controller= line. Unset strings are NULL. */
typedef struct ControllerLine {
        char *transport, *traddr, *trsvcid, *subsysnqn, *host_traddr, *host_iface, *host_nqn;
        char *host_id;   /* as written next to the host NQN; for comparison, not an identity */
        char *where;     /* "file:line" */
        bool of_section; /* of nvme-stas.conf: its host ID is that of the file's [Host] */
        Settings settings;
        Secret *dhchap_secret, *dhchap_ctrl_secret;
} ControllerLine;

void controller_line_done(ControllerLine *l);

typedef enum LockMemory {
        LOCK_MEMORY_AUTO, /* if the program or the system is on NVMe-oF */
        LOCK_MEMORY_YES,
        LOCK_MEMORY_NO,
} LockMemory;

/* A scalar that a file set. */
typedef struct SetKey {
        const char *name; /* static */
        char *where;      /* "file:line" of the last one */
} SetKey;

typedef struct Configuration {
        bool tron;
        LockMemory lock_memory;
        bool zeroconf;               /* stafd */
        bool persistent_connections; /* stafd */
        usec_t zeroconf_persistence; /* stafd; USEC_INFINITY: forever */
        bool has_disconnect_scope;   /* stacd: the key was set */
        bool keeps_all;              /* stacd: no-disconnect, because the value is not understood */
        Policy policy;
        ControllerLine *controllers;
        size_t n_controllers, n_allocated;
        SetKey *set_keys;
        size_t n_set_keys, n_set_keys_allocated;
        bool is_partial; /* controllers that are configured are not in the list */
} Configuration;

/* Allocates a configuration with the defaults of the role (docs/SPECIFICATION.md §3.3). Returns 0
 * or -ENOMEM. */
int configuration_new(ControllerKind role, Configuration **ret);
Configuration *configuration_free(Configuration *c);
DEFINE_CLEANUP(Configuration, configuration_free)

/* Remembers where a scalar was set. name must be static. Returns 0 or -ENOMEM. */
int configuration_remember(Configuration *c, const char *name, const char *file, unsigned line);
/* Returns the place, or NULL if it has its default. */
const char *configuration_where(const Configuration *c, const char *name);

/* sys.conf [Host], with references resolved. */
typedef struct HostIdentity {
        char *nqn, *id, *symname; /* symname may be NULL */
        Secret *key;              /* may be NULL */
} HostIdentity;

HostIdentity *host_identity_free(HostIdentity *h);
DEFINE_CLEANUP(HostIdentity, host_identity_free)

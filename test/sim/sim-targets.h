/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The far ends of a simulated fabric, and the ways to connect each of them: without an interface,
 * or bound to the first or second one; for discovery controllers also by the well-known or by the
 * unique NQN. */

#include "base/macro.h"
#include "model/network.h"
#include "model/tid.h"

/* Behaviour of a portal on a TCP connect. */
typedef enum SimManner {
        SIM_ANSWERS,
        SIM_REFUSES,      /* at once */
        SIM_BLACK_HOLE,   /* does not answer, or accepts the connection and does not answer */
        SIM_STALLS_LATER, /* answers a probe, but holds the kernel */
        _SIM_MANNER_MAX,
} SimManner;

typedef struct SimFarEnd {
        ControllerKind kind;
        const char *dctype; /* discovery: as in sysfs */
        Transport transport;
        size_t first, n_ways; /* indexes of its targets */
        size_t subsystem;     /* I/O: the subsystem whose namespaces it is a path to */
        bool ncc;             /* I/O: set in the discovery logs */
        bool reachable;
        bool swallows;    /* answers probes, but holds the kernel; others of its portal do not */
        unsigned n_lives; /* number of times a controller became live */
        bool *log; /* discovery: I/O far ends named by its log, starting with the first one */
        /* Discovery: discovery far ends named by its log; 1: by the well-known NQN, 2: by their
         * unique NQN. */
        uint8_t *referrals;
        unsigned log_version;
} SimFarEnd;

/* One way to connect a far end. */
typedef struct SimTarget {
        Tid *tid;
        size_t far_end;
        const char *interface; /* interface the connection is bound to, or "" */
} SimTarget;

typedef struct SimTargets {
        SimFarEnd *far_ends; /* discovery controllers first */
        size_t n_far_ends, n_dcs, n_subsystems;
        SimManner *manners; /* indexed by portal */
        size_t n_portals;
        SimTarget *targets;
        size_t n_targets;
        size_t *by_tid;    /* indexes of targets, in order of TID */
        bool shows_source; /* src_addr in sysfs: Linux 6.1 and later */
} SimTargets;

typedef struct SimSize {
        size_t n_dcs, n_ios;
        size_t n_paths; /* per subsystem */
} SimSize;

void sim_targets_init(SimTargets *t, SimSize size, bool shows_source);
void sim_targets_done(SimTargets *t);

size_t sim_targets_portal(const SimTargets *t, size_t target);
/* RDMA portals always answer. */
SimManner sim_target_manner(const SimTargets *t, size_t target);
/* SIZE_MAX if there is none. */
size_t sim_targets_find(const SimTargets *t, const Tid *tid);
const SimFarEnd *sim_target_far_end(const SimTargets *t, size_t target);
/* Returns the target of a far end that is bound to the interface. */
size_t sim_targets_way(const SimTargets *t, size_t far_end, const char *interface);
/* The same by the interface that an entry in the log of from inherits. */
size_t sim_targets_inherited_way(const SimTargets *t, size_t from, size_t far_end);
/* Returns the target of a discovery far end named by the log of another target, connected in the
 * same way. SIZE_MAX: the target itself. */
size_t sim_targets_referral(const SimTargets *t, size_t from, size_t far_end, bool by_name);
/* Returns true if a connection made for one target serves the other. */
bool sim_targets_serve(const SimTargets *t, size_t made, size_t wanted);
/* Returns true if the kernel treats the targets as duplicates (nvmf_ip_options_match()). */
bool sim_targets_are_alike(const SimTargets *t, size_t a, size_t b);
/* Attributes of a connection as reported by the kernel. */
Tid *sim_target_device_tid(const SimTargets *t, size_t made);
Address sim_target_source(const SimTargets *t, size_t made);

/* Returns the host's interfaces; one_down: the second one has no address. */
void sim_network(bool one_down, Network *ret);

void *sim_must(void *p);

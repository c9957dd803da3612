/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The far ends of a simulated fabric, and the ways to ask for each: by whatever interface, by the
 * first or by the second one; a discovery controller also by the well-known NQN and by its own. */

#include "base/macro.h"
#include "model/network.h"
#include "model/tid.h"

/* How what is behind an address takes a host that comes by TCP. */
typedef enum SimManner {
        SIM_ANSWERS,
        SIM_REFUSES,      /* at once */
        SIM_BLACK_HOLE,   /* says nothing, or accepts and says nothing */
        SIM_STALLS_LATER, /* answers a probe, and lets the kernel hang */
        _SIM_MANNER_MAX,
} SimManner;

typedef struct SimFarEnd {
        ControllerKind kind;
        const char *dctype; /* discovery: as sysfs has it */
        Transport transport;
        size_t first, n_ways; /* its targets */
        size_t subsystem;     /* I/O: whose namespaces it is a path to */
        bool ncc;             /* I/O: so say the discovery logs */
        bool reachable;
        bool swallows;    /* answers probes, and lets the kernel hang; its portal's others do not */
        unsigned n_lives; /* how often a controller of it became live */
        bool *log;        /* discovery: which I/O far ends its log names, from the first one on */
        /* Discovery: which discovery far ends its log names; 1: by the well-known NQN, 2: by their
         * own. */
        uint8_t *referrals;
        unsigned log_version;
} SimFarEnd;

/* One way to ask for a connection. */
typedef struct SimTarget {
        Tid *tid;
        size_t far_end;
        const char *interface; /* that a connection is bound to, or "" */
} SimTarget;

typedef struct SimTargets {
        SimFarEnd *far_ends; /* discovery controllers first */
        size_t n_far_ends, n_dcs, n_subsystems;
        SimManner *manners; /* of portals */
        size_t n_portals;
        SimTarget *targets;
        size_t n_targets;
        size_t *by_tid;    /* indexes of targets, sorted */
        bool shows_source; /* src_addr in sysfs: since 6.1 */
} SimTargets;

typedef struct SimSize {
        size_t n_dcs, n_ios;
        size_t n_paths; /* to each subsystem */
} SimSize;

void sim_targets_init(SimTargets *t, SimSize size, bool shows_source);
void sim_targets_done(SimTargets *t);

size_t sim_targets_portal(const SimTargets *t, size_t target);
/* RDMA answers always. */
SimManner sim_target_manner(const SimTargets *t, size_t target);
/* SIZE_MAX: none. */
size_t sim_targets_find(const SimTargets *t, const Tid *tid);
const SimFarEnd *sim_target_far_end(const SimTargets *t, size_t target);
/* The target of a far end that is asked for by that interface. */
size_t sim_targets_way(const SimTargets *t, size_t far_end, const char *interface);
/* The target of a discovery far end that the log of another target names: asked for in the same
 * way. SIZE_MAX: itself. */
size_t sim_targets_referral(const SimTargets *t, size_t from, size_t far_end, bool by_name);
/* Would a connection that was asked for as made serve who wants the other? */
bool sim_targets_serve(const SimTargets *t, size_t made, size_t wanted);
/* Does the kernel take the one for a duplicate of the other (nvmf_ip_options_match())? */
bool sim_targets_are_alike(const SimTargets *t, size_t a, size_t b);
/* What the kernel shows of a connection. */
Tid *sim_target_device_tid(const SimTargets *t, size_t made);
Address sim_target_source(const SimTargets *t, size_t made);

/* The host's interfaces; with one_down the second one has lost its address. */
void sim_network(bool one_down, Network *ret);

void *sim_must(void *p);

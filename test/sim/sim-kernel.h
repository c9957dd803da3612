/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A kernel, its targets and their network, simulated: controllers that take their time to come and
 * go and whose names are recycled, uevents in a queue that can overflow, jobs that run in steps and
 * whose results arrive later still. */

#include "plan/engine.h"

typedef struct Random {
        uint64_t state;
} Random;

uint64_t random_next(Random *r);
/* 0..n-1 */
size_t random_below(Random *r, size_t n);
bool random_chance(Random *r, unsigned percent);

/* One way to ask for a connection. Several targets may be one far end: by another interface, or by
 * the well-known NQN and the unique one. */
typedef struct SimTarget {
        Tid *tid;
        size_t far_end; /* the first target with this far end */
        bool reachable;
        bool ncc;             /* so say the discovery logs */
        unsigned log_version; /* of the far end: only the first target's counts */
} SimTarget;

typedef enum SimPhase {
        SIM_ABSENT,
        SIM_STARTING, /* there is a name, and nothing to read yet */
        SIM_LIVE,
        SIM_CONNECTING, /* the connection broke, the kernel tries again */
        SIM_DELETING,
        SIM_LEAVING, /* its attributes are gone, the uevent is still to come */
} SimPhase;

typedef struct SimController {
        SimPhase phase;
        size_t target;        /* asked for as this one is */
        unsigned incarnation; /* serial of this connection, never reused: its inode */
        bool owned_by_others; /* by the registry */
} SimController;

typedef struct SimUevent {
        KernelEvent event;
        int instance;
} SimUevent;

typedef struct SimJob {
        Action action;
        size_t target; /* of the row that asked; SIZE_MAX: of none of them */
        bool begun, done;
        int error, instance;
        unsigned incarnation; /* CONNECT, READ_LOG: of the controller */
        unsigned log_version;
        size_t log_of; /* far end */
        Device **devices;
        size_t n_devices;
} SimJob;

enum {
        SIM_UEVENTS_MAX = 64
};

typedef struct SimKernel {
        Random random;
        ControllerKind kind;
        bool faults;       /* what may fail now and then does */
        bool shows_source; /* src_addr in sysfs: since 6.1 */
        SimTarget *targets;
        size_t *by_tid; /* indexes of targets, sorted */
        size_t n_targets;
        SimController *controllers; /* by instance; behind the last one there is a PCIe one */
        size_t n_controllers;
        unsigned n_incarnations;
        int starting; /* holds the mutex of all connects; -1: nobody does */
        bool starting_for_us;
        int *leaving;
        size_t n_leaving, n_leaving_allocated;
        SimUevent uevents[SIM_UEVENTS_MAX];
        size_t n_uevents, n_uevents_max;
        bool overflow;
        SimJob *jobs;
        size_t n_jobs, n_jobs_allocated;
} SimKernel;

void sim_kernel_init(SimKernel *k, uint64_t seed, ControllerKind kind, size_t n_targets);
void sim_kernel_done(SimKernel *k);

/* The host's interfaces; with one_down the second one has lost its address. */
void sim_kernel_network(bool one_down, Network *ret);
/* Would a connection serve who asks for the target? */
bool sim_kernel_serves(const SimKernel *k, const SimController *c, size_t target);
/* The first live one that does, or -1. */
int sim_kernel_find(const SimKernel *k, size_t target);
/* SIZE_MAX: none. */
size_t sim_kernel_find_target(const SimKernel *k, const Tid *tid);
void sim_kernel_emit(SimKernel *k, KernelEvent event, int instance);

/* A controller begins; it holds the mutex until sim_kernel_end_connect(). -EBUSY: the mutex is
 * taken; -EALREADY. */
int sim_kernel_begin_connect(SimKernel *k, size_t target, bool for_us);
/* The instance, or -ECONNREFUSED. */
int sim_kernel_end_connect(SimKernel *k);
/* Deletion begins. */
void sim_kernel_delete(SimKernel *k, int instance);
/* One of those that are going takes one step. */
void sim_kernel_advance_leaving(SimKernel *k);
/* The connection breaks, or is back. */
void sim_kernel_toggle_connection(SimKernel *k, int instance);

void sim_kernel_submit(SimKernel *k, const Action *action);
/* One step of a job that is not done. */
void sim_kernel_run(SimKernel *k, SimJob *job);
void sim_kernel_drop_job(SimKernel *k, SimJob *job);

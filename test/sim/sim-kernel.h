/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A simulated kernel: controllers that take time to appear and disappear and whose names are
 * reused, uevents in queues that may overflow, namespaces in use; also the registry of owners. */

#include "plan/engine-input.h"
#include "random.h"
#include "sim-targets.h"

typedef enum SimPhase {
        SIM_ABSENT,
        SIM_STARTING, /* has a name, but nothing to read yet */
        SIM_LIVE,
        SIM_CONNECTING, /* connection lost, the kernel reconnects */
        SIM_DELETING,
        SIM_LEAVING, /* no attributes any more, the uevent is pending */
} SimPhase;

typedef enum SimOwner {
        SIM_OWNER_NONE,
        SIM_OWNER_STAS,  /* valid for this inode only */
        SIM_OWNER_OTHER, /* valid for the name */
} SimOwner;

/* A name and the controller that has it. The registry entry outlives the controller it was made
 * for. */
typedef struct SimController {
        SimPhase phase;
        size_t target;        /* target it was connected as */
        unsigned incarnation; /* serial number of the connection, never reused: its inode */
        SimOwner owner;
        unsigned owned_incarnation;
        bool registered; /* since the last (re)connect */
} SimController;

typedef struct SimUevent {
        KernelEvent event;
        int instance;
} SimUevent;

enum {
        SIM_UEVENTS_MAX = 64,
        SIM_N_DAEMONS = 2, /* indexed by ControllerKind, the kind each daemon manages */
        SIM_OTHERS = -1,
        SIM_NOBODY = -2, /* the daemon that requested it was killed */
};

typedef struct SimSocket {
        bool is_open, overflow;
        SimUevent uevents[SIM_UEVENTS_MAX];
        size_t n_uevents, n_uevents_max;
} SimSocket;

typedef struct SimKernel {
        Random random;
        bool faults; /* random failures are enabled */
        SimTargets targets;
        SimController *controllers; /* by instance; the one behind the last is a PCIe controller */
        size_t n_controllers, n_names_used;
        unsigned n_incarnations;
        int starting; /* instance that holds the mutex of all connects, or -1 */
        int starter;  /* a daemon, SIM_OTHERS or SIM_NOBODY */
        bool *in_use; /* by subsystem: a namespace is mounted */
        int *leaving;
        size_t n_leaving, n_leaving_allocated;
        SimSocket sockets[SIM_N_DAEMONS];
} SimKernel;

void sim_kernel_init(SimKernel *k, uint64_t seed, SimSize size);
void sim_kernel_done(SimKernel *k);

/* Returns true if the connection serves the target. */
bool sim_kernel_serves(const SimKernel *k, const SimController *c, size_t target);
/* Returns the first connection that is up and serves the target, or -1. */
int sim_kernel_find(const SimKernel *k, size_t target);
ControllerKind sim_kernel_kind(const SimKernel *k, const SimController *c);
/* Returns true if the controller is live or being reconnected. */
bool sim_controller_is_up(const SimController *c);
void sim_kernel_emit(SimKernel *k, KernelEvent event, int instance);

/* Returns true if a namespace in use would have no live path without it. */
bool sim_kernel_is_last_path(const SimKernel *k, int instance);
bool sim_kernel_has_path(const SimKernel *k, size_t subsystem);

SimOwner sim_kernel_owner(const SimKernel *k, int instance);
void sim_kernel_set_owner(SimKernel *k, int instance, SimOwner owner);

/* Begins a connect, which holds the mutex until sim_kernel_end_connect(). Returns the instance,
 * -EBUSY if the mutex is held, or -EALREADY. */
int sim_kernel_begin_connect(SimKernel *k, size_t target, int starter);
/* Returns the instance, -ECONNREFUSED, -ETIMEDOUT, -EINTR or -ETIME. */
int sim_kernel_end_connect(SimKernel *k);
/* Begins a deletion. */
void sim_kernel_delete(SimKernel *k, int instance);
/* Executes one step of a deletion chosen at random. */
void sim_kernel_advance_leaving(SimKernel *k);
/* The connection is lost, or restored. */
void sim_kernel_toggle_connection(SimKernel *k, int instance);

/* Reads sysfs and the registry. Returns -ENODEV, -EBADMSG, -EOPNOTSUPP (PCIe), sometimes -EIO. */
int sim_kernel_read_device(SimKernel *k, size_t instance, Device **ret);

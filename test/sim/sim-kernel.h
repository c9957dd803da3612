/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A kernel, simulated: controllers that take their time to come and go and whose names are
 * recycled, uevents in queues that can overflow, namespaces in use; and the registry of owners
 * beside it. */

#include "plan/engine-input.h"
#include "random.h"
#include "sim-targets.h"

typedef enum SimPhase {
        SIM_ABSENT,
        SIM_STARTING, /* there is a name, and nothing to read yet */
        SIM_LIVE,
        SIM_CONNECTING, /* the connection broke, the kernel tries again */
        SIM_DELETING,
        SIM_LEAVING, /* its attributes are gone, the uevent is still to come */
} SimPhase;

typedef enum SimOwner {
        SIM_OWNER_NONE,
        SIM_OWNER_STAS,  /* with the inode: of no other connection */
        SIM_OWNER_OTHER, /* by the name alone */
} SimOwner;

/* A name, and what bears it. The registry's entry outlives the controller it was made for. */
typedef struct SimController {
        SimPhase phase;
        size_t target;        /* asked for as this one is */
        unsigned incarnation; /* serial of this connection, never reused: its inode */
        SimOwner owner;
        unsigned owned_incarnation;
        bool registered; /* on this connection, since it was last made */
} SimController;

typedef struct SimUevent {
        KernelEvent event;
        int instance;
} SimUevent;

enum {
        SIM_UEVENTS_MAX = 64,
        SIM_N_DAEMONS = 2, /* by ControllerKind: what each looks after */
        SIM_OTHERS = -1,
        SIM_NOBODY = -2, /* who asked for it has been killed */
};

typedef struct SimSocket {
        bool is_open, overflow;
        SimUevent uevents[SIM_UEVENTS_MAX];
        size_t n_uevents, n_uevents_max;
} SimSocket;

typedef struct SimKernel {
        Random random;
        bool faults; /* what may fail now and then does */
        SimTargets targets;
        SimController *controllers; /* by instance; behind the last one there is a PCIe one */
        size_t n_controllers, n_names_used;
        unsigned n_incarnations;
        int starting; /* holds the mutex of all connects; -1: nobody does */
        int starter;  /* a daemon, SIM_OTHERS or SIM_NOBODY */
        bool *in_use; /* by subsystem: a namespace is mounted */
        int *leaving;
        size_t n_leaving, n_leaving_allocated;
        SimSocket sockets[SIM_N_DAEMONS];
} SimKernel;

void sim_kernel_init(SimKernel *k, uint64_t seed, SimSize size);
void sim_kernel_done(SimKernel *k);

/* Would a connection serve who asks for the target? */
bool sim_kernel_serves(const SimKernel *k, const SimController *c, size_t target);
/* The first live one that does, or -1. */
int sim_kernel_find(const SimKernel *k, size_t target);
ControllerKind sim_kernel_kind(const SimKernel *k, const SimController *c);
/* Is it up, be it that the kernel is reconnecting it? */
bool sim_controller_is_up(const SimController *c);
void sim_kernel_emit(SimKernel *k, KernelEvent event, int instance);

/* Without it a namespace in use would have no live path. */
bool sim_kernel_is_last_path(const SimKernel *k, int instance);
bool sim_kernel_has_path(const SimKernel *k, size_t subsystem);

SimOwner sim_kernel_owner(const SimKernel *k, int instance);
void sim_kernel_set_owner(SimKernel *k, int instance, SimOwner owner);

/* A controller begins; it holds the mutex until sim_kernel_end_connect(). -EBUSY: the mutex is
 * taken; -EALREADY. */
int sim_kernel_begin_connect(SimKernel *k, size_t target, int starter);
/* The instance, -ECONNREFUSED, -ETIMEDOUT, -EINTR or -ETIME. */
int sim_kernel_end_connect(SimKernel *k);
/* Deletion begins. */
void sim_kernel_delete(SimKernel *k, int instance);
/* One of those that are going takes one step. */
void sim_kernel_advance_leaving(SimKernel *k);
/* The connection breaks, or is back. */
void sim_kernel_toggle_connection(SimKernel *k, int instance);

/* What sysfs and the registry say. -ENODEV, -EBADMSG, -EOPNOTSUPP (PCIe) or now and then -EIO. */
int sim_kernel_read_device(SimKernel *k, size_t instance, Device **ret);

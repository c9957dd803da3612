/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A kernel, its targets and their network, simulated: controllers with recycled names, uevents in a
 * queue that can overflow, jobs that run at one time and whose results arrive at another. */

#include "plan/engine.h"

typedef struct Random {
        uint64_t state;
} Random;

uint64_t random_next(Random *r);
/* 0..n-1 */
size_t random_below(Random *r, size_t n);
bool random_chance(Random *r, unsigned percent);

typedef struct SimTarget {
        Tid *tid;
        bool reachable;
        unsigned log_version; /* a discovery controller's log is this one entry's port id */
} SimTarget;

typedef struct SimController {
        bool exists;
        size_t target;
        unsigned incarnation; /* serial of this connection, never reused */
} SimController;

typedef struct SimUevent {
        KernelEvent event;
        int instance;
} SimUevent;

typedef struct SimJob {
        Action action;
        size_t target;        /* of the row that asked; SIZE_MAX for reads and scans */
        unsigned incarnation; /* of the controller it was meant for */
        bool ran;
        int error, instance;
        unsigned log_version;
        Device **devices;
        size_t n_devices;
} SimJob;

enum {
        SIM_UEVENTS_MAX = 64
};

typedef struct SimKernel {
        Random random;
        ControllerKind kind;
        SimTarget *targets;
        size_t n_targets;
        SimController *controllers; /* by instance */
        size_t n_controllers;
        unsigned n_incarnations;
        SimUevent uevents[SIM_UEVENTS_MAX];
        size_t n_uevents;
        bool overflow;
        SimJob *jobs;
        size_t n_jobs, n_jobs_allocated;
} SimKernel;

void sim_kernel_init(SimKernel *k, uint64_t seed, ControllerKind kind, size_t n_targets);
void sim_kernel_done(SimKernel *k);

/* A controller to the target; -EALREADY, -ECONNREFUSED as the kernel would. Returns the instance.
 */
int sim_kernel_connect(SimKernel *k, size_t target);
void sim_kernel_remove(SimKernel *k, int instance);
/* The instance connected to the target, or -1. */
int sim_kernel_find(const SimKernel *k, size_t target);
size_t sim_kernel_find_target(const SimKernel *k, const Tid *tid);
void sim_kernel_emit(SimKernel *k, KernelEvent event, int instance);

void sim_kernel_submit(SimKernel *k, const Action *action);
/* Runs the job now; its result is kept until it is delivered. */
void sim_kernel_run(SimKernel *k, SimJob *job);
void sim_kernel_drop_job(SimKernel *k, SimJob *job);

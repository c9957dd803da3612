/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The function and the lane of each kind of job. */

#include "exec/deletions.h"
#include "exec/executor.h"
#include "exec/users.h"
#include "observe/registry_entry.h"

typedef enum Lane {
        LANE_CONNECT,    /* under nvmf_dev_mutex: a second one would only wait in the kernel */
        LANE_DISCONNECT, /* waits for the target, up to its timeouts */
        LANE_ADMIN,      /* also waits for the target */
        LANE_SYSFS,      /* short reads; in order, so that a later read returns newer data */
        LANE_RESOLVE,    /* waits for name servers */
        LANE_FILE,       /* waits for a file system; in order, so that the latest state is kept */
        _LANE_MAX,
} Lane;

typedef struct LaneInfo {
        const char *thread_name; /* at most 15 characters */
        unsigned n_threads_max;
        unsigned n_slow_max; /* of these, for controllers that were slow recently; 0: no controller
                                is queried */
} LaneInfo;

const LaneInfo *lane_info(Lane l);
Lane job_lane(Operation o);
/* Returns true for operations that change nothing and query only the kernel. */
bool job_only_looks(Operation o);

/* Shared by the workers. */
typedef struct JobContext {
        /* as of startup */
        char *sysfs_root, *dev_root, *proc_root, *registry_root, *open_devices;
        Registry registry;
        Deletions deletions;
        Users users;
} JobContext;

/* 0 or -ENOMEM. */
int job_context_init(JobContext *c, const ExecutorConfig *config);
void job_context_done(JobContext *c);

/* Blocks. Fills in the completion for the job and wipes the job's options. */
void job_run(JobContext *context, Job *job, Completion *ret);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What each kind of job does, and in which lane. */

#include "exec/deletions.h"
#include "exec/executor.h"
#include "exec/users.h"
#include "observe/registry_entry.h"

typedef enum Lane {
        LANE_CONNECT,    /* behind nvmf_dev_mutex: a second one would only wait in the kernel */
        LANE_DISCONNECT, /* waits for the target as long as its timeouts take */
        LANE_ADMIN,      /* waits for the target too */
        LANE_SYSFS,      /* short reads; in order, so that a later one tells later news */
        LANE_RESOLVE,    /* waits for name servers */
        LANE_FILE,       /* waits for a file system; in order, the newest state stays */
        _LANE_MAX,
} Lane;

typedef struct LaneInfo {
        const char *thread_name; /* at most 15 characters */
        unsigned n_threads_max;
        unsigned n_slow_max; /* of these for whoever was slow of late; 0: nobody is asked */
} LaneInfo;

const LaneInfo *lane_info(Lane l);
Lane job_lane(Operation o);
/* It changes nothing, and asks nobody but the kernel. */
bool job_only_looks(Operation o);

/* What the workers share. */
typedef struct JobContext {
        /* as they were at the start */
        char *sysfs_root, *dev_root, *proc_root, *registry_root, *open_devices;
        Registry registry;
        Deletions deletions;
        Users users;
} JobContext;

/* 0 or -ENOMEM. */
int job_context_init(JobContext *c, const ExecutorConfig *config);
void job_context_done(JobContext *c);

/* Blocks. Fills the completion by the job and wipes the job's options. */
void job_run(JobContext *context, Job *job, Completion *ret);

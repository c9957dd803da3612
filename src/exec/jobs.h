/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What each kind of job does, and in which lane. */

#include "exec/executor.h"

typedef enum Lane {
        LANE_CONNECT,    /* behind nvmf_dev_mutex: a second one would only wait in the kernel */
        LANE_DISCONNECT, /* waits for the target as long as its timeouts take */
        LANE_ADMIN,      /* waits for the target too */
        LANE_SYSFS,      /* short reads; in order, so that a later one tells later news */
        LANE_RESOLVE,    /* waits for name servers */
        _LANE_MAX,
} Lane;

typedef struct LaneInfo {
        const char *thread_name; /* at most 15 characters */
        unsigned n_threads_max;
} LaneInfo;

const LaneInfo *lane_info(Lane l);
Lane job_lane(JobKind k);

typedef struct JobRoots {
        char *sysfs, *dev;
} JobRoots;

/* Blocks. Fills the result by the job and wipes the job's options. */
void job_run(const JobRoots *roots, Job *job, JobResult *ret);

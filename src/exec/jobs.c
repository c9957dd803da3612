/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/jobs.h"

#include <string.h>

#include "exec/fabrics.h"
#include "observe/sysfs.h"

static const LaneInfo lane_infos[_LANE_MAX] = {
        [LANE_CONNECT] = { "stas-connect", 1 }, [LANE_DISCONNECT] = { "stas-disconnect", 4 },
        [LANE_ADMIN] = { "stas-admin", 4 },     [LANE_SYSFS] = { "stas-sysfs", 1 },
        [LANE_RESOLVE] = { "stas-resolve", 2 },
};

const LaneInfo *lane_info(Lane l)
{
        return &lane_infos[l];
}

static int run_connect(const JobRoots *roots, Job *job, JobResult *r)
{
        r->instance = -1;
        int q = fabrics_connect(roots->dev, roots->sysfs, job->options, &r->instance, &r->inode);
        job_done(job);
        return q;
}

static int run_disconnect(const JobRoots *roots, Job *job, JobResult *r)
{
        return fabrics_disconnect(roots->sysfs, job->instance, job->inode);
}

static int run_read_log(const JobRoots *roots, Job *job, JobResult *r)
{
        bool partial = false;
        int q = discovery_log_read(roots->dev, roots->sysfs, job->instance, job->inode, &r->log,
                                   &partial, &r->nvme_status);
        return q == 0 && partial ? -EBADMSG : q;
}

static int run_read_device(const JobRoots *roots, Job *job, JobResult *r)
{
        r->devices = calloc(1, sizeof(*r->devices));
        if (!r->devices)
                return -ENOMEM;
        int q = sysfs_read_device(roots->sysfs, job->instance, job->skip_type, r->devices);
        r->n_devices = q == 0 ? 1 : 0;
        return q;
}

static int run_scan(const JobRoots *roots, Job *job, JobResult *r)
{
        return sysfs_scan(roots->sysfs, job->skip_type, &r->devices, &r->n_devices);
}

static int run_read_options(const JobRoots *roots, Job *job, JobResult *r)
{
        return fabrics_read_supported(roots->dev, &r->options);
}

static int run_not_yet(const JobRoots *roots, Job *job, JobResult *r)
{
        return -EAGAIN;
}

typedef struct JobInfo {
        Lane lane;
        int (*run)(const JobRoots *roots, Job *job, JobResult *r);
} JobInfo;

static const JobInfo job_infos[_JOB_KIND_MAX] = {
        [JOB_CONNECT] = { LANE_CONNECT, run_connect },
        [JOB_DISCONNECT] = { LANE_DISCONNECT, run_disconnect },
        [JOB_READ_LOG] = { LANE_ADMIN, run_read_log },
        [JOB_READ_DEVICE] = { LANE_SYSFS, run_read_device },
        [JOB_SCAN] = { LANE_SYSFS, run_scan },
        [JOB_READ_OPTIONS] = { LANE_CONNECT, run_read_options },
        [JOB_FORGET_OWNER] = { LANE_SYSFS, run_not_yet },
        [JOB_RESOLVE] = { LANE_RESOLVE, run_not_yet },
};

Lane job_lane(JobKind k)
{
        return job_infos[k].lane;
}

void job_run(const JobRoots *roots, Job *job, JobResult *ret)
{
        *ret = (JobResult) {
                .kind = job->kind,
                .op_id = job->op_id,
                .instance = job->instance,
        };
        ret->error = job_infos[job->kind].run(roots, job, ret);
}

void job_done(Job *job)
{
        if (job->options)
                explicit_bzero(job->options, strlen(job->options));
        free(job->options);
        free(job->name);
        free(job->known);
        job->options = job->name = job->known = NULL;
}

void job_result_done(JobResult *r)
{
        (void) discovery_log_free(r->log);
        for (size_t i = 0; i < r->n_devices; i++)
                (void) device_free(r->devices[i]);
        free(r->devices);
        free(r->address);
        *r = (JobResult) { .kind = r->kind };
}

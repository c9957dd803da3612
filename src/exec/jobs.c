/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/jobs.h"

#include <sys/stat.h>

#include "base/text.h"
#include "exec/admin.h"
#include "exec/clock.h"
#include "exec/fabrics.h"
#include "exec/in_use.h"
#include "exec/open_devices.h"
#include "exec/registry.h"
#include "exec/resolve.h"
#include "io/fd.h"
#include "observe/sysfs.h"

static const LaneInfo lane_infos[_LANE_MAX] = {
        [LANE_CONNECT] = { .thread_name = "stas-connect", .n_threads_max = 1 },
        [LANE_DISCONNECT] = { .thread_name = "stas-disconnect", .n_threads_max = 4 },
        [LANE_ADMIN] = { .thread_name = "stas-admin", .n_threads_max = 16, .n_slow_max = 8 },
        [LANE_SYSFS] = { .thread_name = "stas-sysfs", .n_threads_max = 1 },
        [LANE_RESOLVE] = { .thread_name = "stas-resolve", .n_threads_max = 2 },
        [LANE_FILE] = { .thread_name = "stas-file", .n_threads_max = 1 },
};

const LaneInfo *lane_info(Lane l)
{
        return &lane_infos[l];
}

int job_context_init(JobContext *c, const ExecutorConfig *config)
{
        *c = (JobContext) {
                .sysfs_root = strdup(text_or(config->sysfs_root, "/sys")),
                .dev_root = strdup(text_or(config->dev_root, "/dev")),
                .proc_root = strdup(text_or(config->proc_root, "/proc")),
                .registry_root = strdup(text_or(config->registry_root, REGISTRY_ROOT)),
                .open_devices = strdup(text_or(config->open_devices, OPEN_DEVICES_SOCKET)),
        };
        c->registry = (Registry) { .root = c->registry_root, .daemon = config->daemon };
        deletions_init(&c->deletions);
        users_init(&c->users, c->sysfs_root, c->dev_root, c->proc_root, c->open_devices);
        if (c->sysfs_root && c->dev_root && c->proc_root && c->registry_root && c->open_devices)
                return 0;
        job_context_done(c);
        return -ENOMEM;
}

void job_context_done(JobContext *c)
{
        users_done(&c->users);
        deletions_done(&c->deletions);
        free(c->open_devices);
        free(c->sysfs_root);
        free(c->dev_root);
        free(c->proc_root);
        free(c->registry_root);
}

/* While the file is open the kernel gives the controller's name to no other. */
static int run_connect(JobContext *c, Job *job, JobResult *r)
{
        usec_t begun = now_monotonic();

        r->instance = -1;
        _cleanup_fd_ int fd = fabrics_connect(c->dev_root, job->options, &r->instance);
        job_done(job);
        if (fd < 0)
                return fabrics_tell_timeout(c->sysfs_root, fd, now_monotonic() - begun);

        _cleanup_fd_ int dir_fd = sysfs_open_controller(c->sysfs_root, r->instance);
        if (dir_fd >= 0) /* when refused, they are as the kernel has made them */
                (void) fabrics_hide_keys(dir_fd);
        uint64_t seqnum = registry_read_seqnum(c->sysfs_root);
        int q = sysfs_read_inode(c->sysfs_root, r->instance, &r->inode);
        if (q == 0) /* else it has gone again: the next read tells */
                /* Without an entry others take the connection for nobody's, which it is then. */
                (void) registry_write(&c->registry, r->instance, r->inode, seqnum);
        return 0;
}

static bool is_owned_by_others(const JobContext *c, int instance, int dir_fd)
{
        RegistryEntry entry;
        struct stat st;

        return fstat(dir_fd, &st) < 0 ||
               (registry_entry_find(c->registry_root, instance, st.st_ino, &entry) &&
                device_owner_is_foreign(registry_entry_owner(&entry, c->registry.daemon, true)));
}

static int delete_unless_in_use(JobContext *c, const Job *job, int dir_fd, JobResult *result)
{
        Deletion d;

        deletion_begin(&c->deletions, job->instance, &d);
        int r = in_use_check(&c->users, dir_fd, &d, job->force, &result->in_use_by);
        if (r == 0)
                r = fabrics_delete(dir_fd);
        deletion_end(&d);
        return r;
}

static int run_disconnect(JobContext *c, Job *job, JobResult *r)
{
        _cleanup_fd_ int dir_fd = fabrics_open_controller(c->sysfs_root, job->instance, job->inode);
        if (dir_fd < 0)
                return dir_fd;
        /* Somebody may have taken it since it was read. */
        if (is_owned_by_others(c, job->instance, dir_fd))
                return -ESTALE;

        int q = delete_unless_in_use(c, job, dir_fd, r);
        if (q == 0) /* what is left is known to be stale */
                (void) registry_forget(c->registry_root, c->sysfs_root, job->instance);
        return q;
}

static int run_watch_io(JobContext *c, Job *job, JobResult *r)
{
        users_watch(&c->users, job->instance, false);
        return 0;
}

static int run_forget_owner(JobContext *c, Job *job, JobResult *r)
{
        return registry_forget(c->registry_root, c->sysfs_root, job->instance);
}

static int run_resolve(JobContext *c, Job *job, JobResult *r)
{
        return resolve_name(text_or(job->name, ""), job->ip_families, job->known, &r->address);
}

static int open_device(const JobContext *c, const Job *job)
{
        return admin_open(c->dev_root, c->sysfs_root, job->instance, job->inode);
}

static int run_read_log(JobContext *c, Job *job, JobResult *r)
{
        bool partial = false;
        _cleanup_fd_ int fd = open_device(c, job);
        if (fd < 0)
                return fd;
        int q = discovery_log_read(fd, job->log_options, &r->log, &partial, &r->nvme_status);
        return q == 0 && partial ? -EBADMSG : q;
}

/* 0 or an errno of what is an NVMe status, too. */
static int take_status(int status, JobResult *r)
{
        if (status <= 0)
                return status;
        r->nvme_status = status;
        return -EIO;
}

static int run_read_supported_logs(JobContext *c, Job *job, JobResult *r)
{
        _cleanup_fd_ int fd = open_device(c, job);
        return fd < 0 ? fd : take_status(admin_read_supported_logs(fd, &r->log_options), r);
}

static int run_register(JobContext *c, Job *job, JobResult *r)
{
        _cleanup_fd_ int fd = open_device(c, job);
        return fd < 0 ? fd : take_status(admin_dim(fd, job->task, job->data, job->n_data), r);
}

static int run_read_device(JobContext *c, Job *job, JobResult *r)
{
        r->devices = calloc(1, sizeof(*r->devices));
        if (!r->devices)
                return -ENOMEM;
        int q = sysfs_read_device(c->sysfs_root, &c->registry, job->instance, job->skip_type,
                                  r->devices);
        r->n_devices = q == 0 ? 1 : 0;
        return q;
}

static int run_scan(JobContext *c, Job *job, JobResult *r)
{
        return sysfs_scan(c->sysfs_root, &c->registry, job->skip_type, &r->devices, &r->n_devices);
}

static int run_read_options(JobContext *c, Job *job, JobResult *r)
{
        return fabrics_read_supported(c->dev_root, &r->options);
}

static int run_save(JobContext *c, Job *job, JobResult *r)
{
        int q = job->save(job->name, job->state);
        job_done(job); /* it may be large, and the result waits for the loop */
        return q;
}

/* Apart from what runs: the loop asks for the lane, and reaches no job by that
 * (test/purity/waits.py). */
static const Lane lanes[_JOB_KIND_MAX] = {
        [JOB_CONNECT] = LANE_CONNECT,
        [JOB_DISCONNECT] = LANE_DISCONNECT,
        [JOB_WATCH_IO] = LANE_SYSFS,
        [JOB_READ_LOG] = LANE_ADMIN,
        [JOB_READ_SUPPORTED_LOGS] = LANE_ADMIN,
        [JOB_REGISTER] = LANE_ADMIN,
        [JOB_READ_DEVICE] = LANE_SYSFS,
        [JOB_SCAN] = LANE_SYSFS,
        [JOB_READ_OPTIONS] = LANE_CONNECT,
        [JOB_FORGET_OWNER] = LANE_SYSFS,
        [JOB_RESOLVE] = LANE_RESOLVE,
        [JOB_SAVE] = LANE_FILE,
};

Lane job_lane(JobKind k)
{
        return lanes[k];
}

static int (*const runs[_JOB_KIND_MAX])(JobContext *c, Job *job, JobResult *r) = {
        [JOB_CONNECT] = run_connect,
        [JOB_DISCONNECT] = run_disconnect,
        [JOB_WATCH_IO] = run_watch_io,
        [JOB_READ_LOG] = run_read_log,
        [JOB_READ_SUPPORTED_LOGS] = run_read_supported_logs,
        [JOB_REGISTER] = run_register,
        [JOB_READ_DEVICE] = run_read_device,
        [JOB_SCAN] = run_scan,
        [JOB_READ_OPTIONS] = run_read_options,
        [JOB_FORGET_OWNER] = run_forget_owner,
        [JOB_RESOLVE] = run_resolve,
        [JOB_SAVE] = run_save,
};

void job_run(JobContext *context, Job *job, JobResult *ret)
{
        *ret = (JobResult) {
                .kind = job->kind,
                .op_id = job->op_id,
                .instance = job->instance,
        };
        ret->error = runs[job->kind](context, job, ret);
}

void job_done(Job *job)
{
        if (job->options)
                explicit_bzero(job->options, strlen(job->options));
        free(job->options);
        free(job->name);
        free(job->known);
        free(job->data);
        if (job->state)
                last_known_done(job->state);
        free(job->state);
        job->options = job->name = job->known = NULL;
        job->data = NULL;
        job->state = NULL;
}

void job_result_done(JobResult *r)
{
        (void) discovery_log_free(r->log);
        for (size_t i = 0; i < r->n_devices; i++)
                (void) device_free(r->devices[i]);
        free(r->devices);
        free(r->address);
        free(r->in_use_by);
        *r = (JobResult) { .kind = r->kind };
}

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
        [LANE_DISCONNECT] = { .thread_name = "stas-disconnect", .n_threads_max = 64 },
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

/* While the file is open the kernel does not reuse the controller's name. */
static int run_connect(JobContext *c, Job *job, Completion *r)
{
        usec_t begun = now_monotonic();

        r->instance = -1;
        _cleanup_fd_ int fd = fabrics_connect(c->dev_root, job->options, &r->instance);
        job_done(job);
        if (fd < 0)
                return fabrics_tell_timeout(c->sysfs_root, fd, now_monotonic() - begun);

        _cleanup_fd_ int dir_fd = sysfs_open_controller(c->sysfs_root, r->instance);
        if (dir_fd >= 0) /* on failure the keys keep the mode set by the kernel */
                (void) fabrics_hide_keys(dir_fd);
        uint64_t seqnum = registry_read_seqnum(c->sysfs_root);
        int q = sysfs_read_inode(c->sysfs_root, r->instance, &r->inode);
        if (q == 0) /* otherwise it has been removed again: the next read will show that */
                /* Without an entry other programs consider the connection unowned. */
                r->entry_error = registry_write(&c->registry, r->instance, r->inode, seqnum);
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

static int delete_unless_in_use(JobContext *c, const Job *job, int dir_fd, Completion *result)
{
        Deletion d;

        deletion_begin(&c->deletions, job->instance, &d);
        int r = in_use_check(&c->users, dir_fd, &d, job->force, &result->used_by);
        if (r == 0)
                r = fabrics_delete(dir_fd);
        deletion_end(&d);
        return r;
}

static int run_disconnect(JobContext *c, Job *job, Completion *r)
{
        _cleanup_fd_ int dir_fd = fabrics_open_controller(c->sysfs_root, job->instance, job->inode);
        if (dir_fd < 0)
                return dir_fd;
        /* Another program may have claimed the controller since it was read. */
        if (is_owned_by_others(c, job->instance, dir_fd))
                return -ESTALE;

        int q = delete_unless_in_use(c, job, dir_fd, r);
        if (q == 0) /* on failure the remaining entry is recognizable as stale */
                (void) registry_forget(c->registry_root, c->sysfs_root, job->instance);
        return q;
}

static int run_watch_io(JobContext *c, Job *job, Completion *r)
{
        users_watch(&c->users, job->instance, false);
        return 0;
}

static int run_forget_owner(JobContext *c, Job *job, Completion *r)
{
        return job->inode != 0 ? registry_disown(c->registry_root, job->instance, job->inode)
                               : registry_forget(c->registry_root, c->sysfs_root, job->instance);
}

static int run_claim_owner(JobContext *c, Job *job, Completion *r)
{
        return registry_claim(&c->registry, c->sysfs_root, job->instance, job->inode, job->adopted);
}

static int run_rescan(JobContext *c, Job *job, Completion *r)
{
        _cleanup_fd_ int dir_fd = fabrics_open_controller(c->sysfs_root, job->instance, job->inode);
        return dir_fd < 0 ? dir_fd : fabrics_rescan(dir_fd);
}

static int run_resolve(JobContext *c, Job *job, Completion *r)
{
        return resolve_name(text_or(job->name, ""), job->ip_families, job->known, &r->address);
}

static int open_device(const JobContext *c, const Job *job)
{
        return admin_open(c->dev_root, c->sysfs_root, job->instance, job->inode);
}

static int run_read_log(JobContext *c, Job *job, Completion *r)
{
        _cleanup_fd_ int fd = open_device(c, job);
        if (fd < 0)
                return fd;
        return discovery_log_read(fd, job->log_options, &r->log, &r->nvme_status);
}

/* Stores an NVMe status in *r. Returns 0 or a negative errno, -EIO for a status. */
static int take_status(int status, Completion *r)
{
        if (status <= 0)
                return status;
        r->nvme_status = status;
        return -EIO;
}

static int run_read_supported_logs(JobContext *c, Job *job, Completion *r)
{
        _cleanup_fd_ int fd = open_device(c, job);
        return fd < 0 ? fd : take_status(admin_read_supported_logs(fd, &r->offers), r);
}

static int run_register(JobContext *c, Job *job, Completion *r)
{
        DimTask task = job->operation == OPERATION_DEREGISTER ? DIM_DEREGISTER : DIM_REGISTER;
        _cleanup_fd_ int fd = open_device(c, job);
        return fd < 0 ? fd : take_status(admin_dim(fd, task, job->data, job->n_data), r);
}

static int run_read_device(JobContext *c, Job *job, Completion *r)
{
        return sysfs_read_device(c->sysfs_root, &c->registry, job->instance, job->skip_type,
                                 &r->device);
}

static int run_scan(JobContext *c, Job *job, Completion *r)
{
        return sysfs_scan(c->sysfs_root, &c->registry, job->skip_type, &r->devices, &r->n_devices);
}

static int run_read_options(JobContext *c, Job *job, Completion *r)
{
        return fabrics_read_supported(c->dev_root, &r->options);
}

static int run_save(JobContext *c, Job *job, Completion *r)
{
        int q = job->save(job->name, job->state);
        job_done(job); /* the job may be large, and the result waits for the loop */
        return q;
}

/* Separate from the functions: the loop looks up lanes in it, and must not reach a job that way
 * (test/purity/waits.py). */
static const Lane lanes[_OPERATION_MAX] = {
        [OPERATION_CONNECT] = LANE_CONNECT,
        [OPERATION_DISCONNECT] = LANE_DISCONNECT,
        [OPERATION_WATCH_IO] = LANE_SYSFS,
        [OPERATION_READ_LOG] = LANE_ADMIN,
        [OPERATION_READ_SUPPORTED_LOGS] = LANE_ADMIN,
        [OPERATION_REGISTER] = LANE_ADMIN,
        [OPERATION_DEREGISTER] = LANE_ADMIN,
        [OPERATION_READ_DEVICE] = LANE_SYSFS,
        [OPERATION_SCAN] = LANE_SYSFS,
        [OPERATION_READ_OPTIONS] = LANE_CONNECT,
        [OPERATION_FORGET_OWNER] = LANE_SYSFS,
        [OPERATION_CLAIM_OWNER] = LANE_SYSFS, /* before what its removal has us forget */
        [OPERATION_RESCAN] = LANE_SYSFS,
        [OPERATION_RESOLVE] = LANE_RESOLVE,
        [OPERATION_SAVE] = LANE_FILE,
};

Lane job_lane(Operation o)
{
        return lanes[o];
}

bool job_only_looks(Operation o)
{
        return o == OPERATION_READ_DEVICE || o == OPERATION_SCAN || o == OPERATION_READ_OPTIONS;
}

static int (*const runs[_OPERATION_MAX])(JobContext *c, Job *job, Completion *r) = {
        [OPERATION_CONNECT] = run_connect,
        [OPERATION_DISCONNECT] = run_disconnect,
        [OPERATION_WATCH_IO] = run_watch_io,
        [OPERATION_READ_LOG] = run_read_log,
        [OPERATION_READ_SUPPORTED_LOGS] = run_read_supported_logs,
        [OPERATION_REGISTER] = run_register,
        [OPERATION_DEREGISTER] = run_register,
        [OPERATION_READ_DEVICE] = run_read_device,
        [OPERATION_SCAN] = run_scan,
        [OPERATION_READ_OPTIONS] = run_read_options,
        [OPERATION_FORGET_OWNER] = run_forget_owner,
        [OPERATION_CLAIM_OWNER] = run_claim_owner,
        [OPERATION_RESCAN] = run_rescan,
        [OPERATION_RESOLVE] = run_resolve,
        [OPERATION_SAVE] = run_save,
};

void job_run(JobContext *context, Job *job, Completion *ret)
{
        *ret = (Completion) {
                .operation = job->operation,
                .op_id = job->op_id,
                .instance = job->instance,
        };
        ret->error = runs[job->operation](context, job, ret);
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

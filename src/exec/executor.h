/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Executor: carries out what would block on worker threads and gives the results back on the event
 * loop. Lanes keep one kind of waiting from holding another: connects one at a time (the kernel
 * serializes them under nvmf_dev_mutex), deletions, admin commands, sysfs reads, host names, files.
 * Within the lane of admin commands half of the workers are kept from those that were slow of late.
 * Workers take a job and give a result by value; they log nothing and touch nothing else. */

#include <systemd/sd-event.h>

#include "codec/dim.h"
#include "codec/last_known.h"
#include "model/device.h"
#include "model/dlp.h"

typedef enum JobKind {
        JOB_CONNECT,    /* write options to /dev/nvme-fabrics, then our entry in the registry */
        JOB_DISCONNECT, /* write 1 to sysfs delete_controller, after the identity was checked; our
                           entry in the registry goes with it */
        JOB_WATCH_IO,   /* what is read and written through it from now on counts as use */
        JOB_READ_LOG,   /* Get Log Page 70h */
        JOB_READ_SUPPORTED_LOGS, /* log page 00h: what there is to ask for of 70h */
        JOB_REGISTER,     /* Discovery Information Management: register or deregister this host */
        JOB_READ_DEVICE,  /* one controller's sysfs attributes */
        JOB_SCAN,         /* those of all controllers */
        JOB_READ_OPTIONS, /* what /dev/nvme-fabrics supports; in the lane of connects: it takes
                             their mutex */
        JOB_FORGET_OWNER, /* after a controller has gone: remove our entry in the registry, unless
                             it belongs to the one that has the name now */
        JOB_RESOLVE,      /* host name to address */
        JOB_SAVE,         /* write the state file */
        _JOB_KIND_MAX,
} JobKind;

typedef struct Job {
        JobKind kind;
        uint64_t op_id;
        int instance;   /* but CONNECT, SCAN, READ_OPTIONS, RESOLVE */
        uint64_t inode; /* DISCONNECT, READ_*LOG*, REGISTER: acts only while the name means this
                           controller; 0: any */
        uint64_t whom;  /* READ_*LOG*, REGISTER: tid_hash() of who is asked; 0: not told. After one
                           that was slow, or not answered, the next goes last */
        bool force;     /* DISCONNECT: even the last path to a block device in use, but for what
                         * this host runs from */
        unsigned ip_families; /* RESOLVE: IP_FAMILY_* (model/policy.h) */
        /* SAVE: how. 0 or a negative errno. */
        int (*save)(const char *path, const LastKnown *state);
        const char *skip_type; /* READ_DEVICE, SCAN: see sysfs_read_device(); a constant */
        unsigned log_options;  /* READ_LOG: DISCOVERY_LOG_* of model/dlp.h */
        DimTask task;          /* REGISTER */
        /* Owned by the job. */
        void *data; /* REGISTER: of codec/dim.h */
        size_t n_data;
        char *options;    /* CONNECT: wiped after use */
        char *name;       /* RESOLVE: a host name, or an address, which needs no network; SAVE: the
                             file's path */
        LastKnown *state; /* SAVE */
        char *known; /* RESOLVE, may be NULL: an earlier answer, given again for as long as it is
                        among the name's addresses: their order changes from answer to answer */
} Job;

/* Wipes and frees what the job owns. */
void job_done(Job *job);

typedef struct JobResult {
        JobKind kind;
        uint64_t op_id;
        /* 0 or negative errno, exactly the kernel's, and
         * DISCONNECT: -EBUSY: it is (or may be, when that cannot be found out) the last live path
         * to a block device in use, nothing was touched; -ENODATA: so too, as nobody can tell now
         * who uses it; -EINPROGRESS: that is known in a second, ask again; -ESTALE: the name means
         * another controller, or the registry gives it to somebody else meanwhile; -EALREADY,
         * -EAGAIN, -ECANCELED: see fabrics_delete();
         * READ_DEVICE: -ENODEV: it is gone;
         * RESOLVE: -ENOENT: there is no such name; -EAFNOSUPPORT: it has no address of these
         * families; -EAGAIN: nobody could tell, ask later; -ENOMEM. */
        int error;
        unsigned log_options; /* READ_SUPPORTED_LOGS */
        int nvme_status;   /* READ_*LOG*, REGISTER: > 0 an NVMe status code, then error is -EIO */
        int instance;      /* CONNECT: of the new controller; others: the job's */
        uint64_t inode;    /* CONNECT: of its sysfs directory, 0: it has gone already */
        DiscoveryLog *log; /* READ_LOG, owned by the result. With -EBADMSG: what there was of it,
                              which may add but never take away */
        Device **devices;  /* READ_DEVICE (one) and SCAN, owned by the result */
        size_t n_devices;
        unsigned options; /* READ_OPTIONS: 1 << FabricsOption */
        char *in_use_by;  /* DISCONNECT, with -EBUSY, -ENODATA: see in_use_check(); owned by the
                             result */
        char *address;    /* RESOLVE: numeric, with "%interface" where the scope is one, of the
                             preferred family that the name has; owned by the result */
} JobResult;

void job_result_done(JobResult *r);

/* Runs on the event loop; may take log, devices, in_use_by and address out of the result (leave
 * NULL) and submit jobs, but not free the executor. */
typedef void (*JobHandler)(JobResult *result, void *userdata);

typedef struct Executor Executor;

/* looks_only: jobs that would change something, or ask others, are dropped and never end. The rest
 * is for tests. NULL: "/sys", "/dev", "/proc", "/run/nvme/registry" and the socket of
 * stas-open-devices; idle 0: a thread without work ends after 10 s. */
typedef struct ExecutorConfig {
        const char *daemon; /* who owns what is connected: "stafd", "stacd"; a constant */
        bool looks_only;
        const char *sysfs_root, *dev_root, *proc_root, *registry_root, *open_devices;
        usec_t idle;
} ExecutorConfig;

int executor_new(sd_event *event, const ExecutorConfig *config, JobHandler handler, void *userdata,
                 Executor **ret);
/* Does not wait for jobs under way: their threads end with the process or when the kernel lets go.
 * Jobs that have not begun are dropped. */
Executor *executor_free(Executor *e);
DEFINE_CLEANUP(Executor, executor_free)

/* Waits, beside the loop, until all state files that are to be saved are, but no longer than this.
 * 0 or -ETIMEDOUT. */
int executor_wait_for_files(Executor *e, usec_t timeout);

/* Queues a job, or drops it (moves out of it what it owns). 0, -ENOMEM or -EAGAIN (no thread could
 * be made); then everything stays with the caller. */
int executor_submit(Executor *e, Job *job);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Executor: runs blocking operations on worker threads and delivers the results on the event loop.
 * Lanes keep one kind of operation from delaying another: connects one at a time (the kernel
 * serializes them under nvmf_dev_mutex), deletions, admin commands, sysfs reads, host names, files.
 * In the lane of admin commands half of the workers are reserved for controllers that were not slow
 * recently. Workers receive a job and return a result by value; they do not log. */

#include <systemd/sd-event.h>

#include "codec/last_known.h"
#include "model/operation.h"

typedef struct Job {
        Operation operation;
        uint64_t op_id;
        int instance;   /* all except CONNECT, SCAN, READ_OPTIONS, RESOLVE */
        uint64_t inode; /* DISCONNECT, READ_*LOG*, *REGISTER, CLAIM_OWNER, RESCAN: runs only while
                           the name refers to this controller; 0: any. FORGET_OWNER: of this
                           controller; 0: of any but the one that has the name */
        bool adopted;   /* CLAIM_OWNER: the daemon did not make the connection */
        uint64_t whom;  /* READ_*LOG*, *REGISTER: tid_hash() of the controller addressed; 0:
                           unspecified. After a slow or unanswered job of a controller, its next one
                           is queued last */
        bool force;     /* DISCONNECT: even the last path to a block device in use, unless this host
                           itself runs from it */
        unsigned ip_families; /* RESOLVE: IP_FAMILY_* (model/policy.h) */
        /* SAVE: the function that writes the file. Returns 0 or a negative errno. */
        int (*save)(const char *path, const LastKnown *state);
        const char *skip_type; /* READ_DEVICE, SCAN: see sysfs_read_device(); a constant */
        unsigned log_options;  /* READ_LOG: DISCOVERY_LOG_* of model/dlp.h */
        /* Owned by the job. */
        void *data; /* *REGISTER: see codec/dim.h */
        size_t n_data;
        char *options; /* CONNECT: wiped after use */
        char *name; /* RESOLVE: a host name, or an address, which needs no network; SAVE: the path
                       of the file */
        LastKnown *state; /* SAVE */
        char *known; /* RESOLVE, may be NULL: an earlier result, returned again as long as it is
                        among the addresses of the name, because their order varies */
} Job;

/* Wipes and frees what the job owns. */
void job_done(Job *job);

/* Runs on the event loop; takes ownership of everything the completion points to. May submit jobs,
 * but must not free the executor. */
typedef void (*CompletionHandler)(Completion completion, void *userdata);

typedef struct Executor Executor;

/* looks_only: jobs that would change something, or query other hosts, are dropped and never
 * complete. The other fields are for tests. NULL: "/sys", "/dev", "/proc", "/run/nvme/registry" and
 * the socket of stas-open-devices; idle 0: an idle thread exits after 10 s. */
typedef struct ExecutorConfig {
        const char *daemon; /* owner of the connections made: "stafd", "stacd"; a constant */
        bool looks_only;
        const char *sysfs_root, *dev_root, *proc_root, *registry_root, *open_devices;
        usec_t idle;
} ExecutorConfig;

int executor_new(sd_event *event, const ExecutorConfig *config, CompletionHandler handler,
                 void *userdata, Executor **ret);
/* Does not wait for running jobs: their threads exit with the process or when the kernel returns.
 * Jobs that have not started are dropped. */
Executor *executor_free(Executor *e);
DEFINE_CLEANUP(Executor, executor_free)

/* Waits, without running the loop, until all pending state files are saved, but not longer than
 * timeout. Returns 0 or -ETIMEDOUT. */
int executor_wait_for_files(Executor *e, usec_t timeout);

/* Queues a job, or drops it; in both cases ownership of the job's data is taken. Returns 0 or
 * -ENOMEM (also if no thread could be created); on failure everything remains with the caller. */
int executor_submit(Executor *e, Job *job);
/* For a job that could not be started: its completion, which carries no log or other data, is
 * delivered like any other, in a later iteration of the loop. Returns 0 or -ENOMEM. */
int executor_complete(Executor *e, const Completion *completion);

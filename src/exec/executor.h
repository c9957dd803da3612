/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Executor: carries out what would block on worker threads and gives the results back on the event
 * loop. Lanes keep one kind of waiting from holding another: connects one at a time (the kernel
 * serializes them under nvmf_dev_mutex), deletions, admin commands, sysfs reads, host names, files.
 * Within the lane of admin commands half of the workers are kept from those that were slow of late.
 * Workers take a job and give a result by value; they log nothing and touch nothing else. */

#include <systemd/sd-event.h>

#include "codec/last_known.h"
#include "model/operation.h"

typedef struct Job {
        Operation operation;
        uint64_t op_id;
        int instance;   /* but CONNECT, SCAN, READ_OPTIONS, RESOLVE */
        uint64_t inode; /* DISCONNECT, READ_*LOG*, *REGISTER: acts only while the name means this
                           controller; 0: any */
        uint64_t whom;  /* READ_*LOG*, *REGISTER: tid_hash() of who is asked; 0: not told. After one
                           that was slow, or not answered, the next goes last */
        bool force;     /* DISCONNECT: even the last path to a block device in use, but for what
                         * this host runs from */
        unsigned ip_families; /* RESOLVE: IP_FAMILY_* (model/policy.h) */
        /* SAVE: how. 0 or a negative errno. */
        int (*save)(const char *path, const LastKnown *state);
        const char *skip_type; /* READ_DEVICE, SCAN: see sysfs_read_device(); a constant */
        unsigned log_options;  /* READ_LOG: DISCOVERY_LOG_* of model/dlp.h */
        /* Owned by the job. */
        void *data; /* *REGISTER: of codec/dim.h */
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

/* Runs on the event loop; takes all that the completion points to. May submit jobs, but not free
 * the executor. */
typedef void (*CompletionHandler)(Completion completion, void *userdata);

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

int executor_new(sd_event *event, const ExecutorConfig *config, CompletionHandler handler,
                 void *userdata, Executor **ret);
/* Does not wait for jobs under way: their threads end with the process or when the kernel lets go.
 * Jobs that have not begun are dropped. */
Executor *executor_free(Executor *e);
DEFINE_CLEANUP(Executor, executor_free)

/* Waits, beside the loop, until all state files that are to be saved are, but no longer than this.
 * 0 or -ETIMEDOUT. */
int executor_wait_for_files(Executor *e, usec_t timeout);

/* Queues a job, or drops it (moves out of it what it owns). 0 or -ENOMEM (also if no thread could
 * be made); then everything stays with the caller. */
int executor_submit(Executor *e, Job *job);
/* Of what could not begin: its completion, which has no log nor anything else of its own, comes
 * like others, in a later turn of the loop. 0 or -ENOMEM. */
int executor_complete(Executor *e, const Completion *completion);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* /run/{stafd,stacd}/last-known-config.json: what must survive a restart of the daemon. */

#include "model/source_set.h"

#define LAST_KNOWN_VERSION 1

/* No state file is larger: what would be is not written, and not read. */
#define LAST_KNOWN_SIZE_MAX ((size_t) 256 * 1024 * 1024)

/* A connection that is ours: made by us or adopted as wanted. */
typedef struct LastKnownDevice {
        int instance;
        uint64_t inode; /* of its sysfs directory: instance and inode together name it until reboot
                         */
        Tid *tid;       /* as the kernel shows it: for people */
} LastKnownDevice;

/* A connect that stalled (plan/stalls.h), in microseconds of CLOCK_MONOTONIC, as the file does not
 * outlive the boot. */
typedef struct LastKnownStall {
        Tid *tid;
        usec_t begun, took, until;
} LastKnownStall;

typedef struct LastKnown {
        LastKnownDevice *devices;
        size_t n_devices, n_devices_allocated;
        SourceSet **sets; /* without configured ones; secrets are not kept */
        size_t n_sets, n_sets_allocated;
        /* What was configured or being connected: the kernel may be at it still. */
        Tid **remembered;
        size_t n_remembered, n_remembered_allocated;
        LastKnownStall *stalls;
        size_t n_stalls, n_stalls_allocated;
        size_t n_damaged; /* parts of the file that were left out */
} LastKnown;

void last_known_done(LastKnown *l);
#define _cleanup_last_known_ _cleanup_(last_known_done)

/* Adds a copy of the set, or of one entry to that of its set, without secrets. 0 or -ENOMEM. */
int last_known_add_set(LastKnown *l, const SourceSet *set);
int last_known_add_entry(LastKnown *l, const SourceSet *set, const SourceEntry *entry);

/* JSON text; NULL when out of memory. */
char *last_known_encode(const LastKnown *l);
/* 0, -EBADMSG (not JSON, or without a version), -EPROTONOSUPPORT (another version) or -ENOMEM. What
 * is damaged within it is left out and counted. The sets come back SOURCE_UNKNOWN and restored. */
int last_known_decode(const char *data, size_t n, LastKnown *ret);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* /run/{stafd,stacd}/last-known-config.json: state that must survive a restart of the daemon. */

#include "model/source_set.h"

#define LAST_KNOWN_VERSION 1

/* Maximum size of a state file. Larger ones are neither written nor read. */
#define LAST_KNOWN_SIZE_MAX ((size_t) 256 * 1024 * 1024)

/* A connection that is ours: made by us or adopted as wanted. */
typedef struct LastKnownDevice {
        int instance;
        uint64_t inode; /* of the sysfs directory; unique until reboot, together with instance */
        Tid *tid;       /* as shown by the kernel; for people only */
} LastKnownDevice;

/* A connect that stalled (plan/stalls.h). Times are in microseconds of CLOCK_MONOTONIC, as the file
 * does not survive a reboot. */
typedef struct LastKnownStall {
        Tid *tid;
        usec_t begun, took, until;
} LastKnownStall;

typedef struct LastKnown {
        LastKnownDevice *devices;
        size_t n_devices, n_devices_allocated;
        SourceSet **sets; /* without configured ones; secrets are not stored */
        size_t n_sets, n_sets_allocated;
        /* Controllers that were configured or being connected: the kernel may still be connecting
         * them. */
        Tid **remembered;
        size_t n_remembered, n_remembered_allocated;
        LastKnownStall *stalls;
        size_t n_stalls, n_stalls_allocated;
        size_t n_damaged; /* number of parts of the file that were left out */
} LastKnown;

void last_known_done(LastKnown *l);
#define _cleanup_last_known_ _cleanup_(last_known_done)

/* Adds a copy of the set, or of one entry to the copy of its set, without secrets. Returns 0 or
 * -ENOMEM. */
int last_known_add_set(LastKnown *l, const SourceSet *set);
int last_known_add_entry(LastKnown *l, const SourceSet *set, const SourceEntry *entry);

/* Returns JSON text, or NULL if out of memory. */
char *last_known_encode(const LastKnown *l);
/* Returns 0, -EBADMSG (not JSON, or without a version), -EPROTONOSUPPORT (other version) or
 * -ENOMEM. Damaged parts are left out and counted. The returned sets are SOURCE_UNKNOWN and
 * restored. */
int last_known_decode(const char *data, size_t n, LastKnown *ret);

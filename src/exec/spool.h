/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Buffers data for a destination where a write may block, and writes it from a separate thread: the
 * caller never waits, and memory use is bounded. */

#include "base/macro.h"

typedef struct Spool Spool;

typedef struct SpoolConfig {
        const char *thread_name; /* at most 15 bytes */
        size_t n_max;            /* limit of pending bytes, in addition to those being written */
        int fd; /* destination, owned by the spool, also on failure; -1: deliver is used */
        /* Runs in the thread, with whole appends in order. n_refused: appends after these that were
         * dropped for lack of room. */
        void (*deliver)(const char *data, size_t n, unsigned n_refused);
} SpoolConfig;

/* 0 or -ENOMEM (also if no thread could be created). */
int spool_new(const SpoolConfig *config, Spool **ret);
/* Returns 0; -ENOBUFS if too many bytes are pending, in which case all appends are refused until
 * these are taken; -ENOMEM; or the error of the write to fd that failed, after which nothing is
 * written any more. */
int spool_append(Spool *s, const char *data, size_t n);
/* Same, for data that must not be lost: may exceed n_max. */
int spool_append_last(Spool *s, const char *data, size_t n);
/* Waits until everything is written, but not longer than timeout. */
Spool *spool_free(Spool *s, usec_t timeout);

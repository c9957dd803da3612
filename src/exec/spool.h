/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Bytes on their way to where writing may take any time, which a thread of its own does: who
 * appends never waits, and holds no more memory than is allowed for it. */

#include "base/macro.h"

typedef struct Spool Spool;

typedef struct SpoolConfig {
        const char *thread_name; /* at most 15 bytes */
        size_t n_max;            /* of bytes that wait, beside those that are being written */
        int fd;                  /* where they go, taken, also on failure; -1: deliver has them */
        /* Runs in the thread, with whole appends in their order. n_refused more were to follow them
         * and found no room. */
        void (*deliver)(const char *data, size_t n, unsigned n_refused);
} SpoolConfig;

/* 0 or -ENOMEM (also if no thread could be made). */
int spool_new(const SpoolConfig *config, Spool **ret);
/* 0; -ENOBUFS: too many bytes wait, and until these are taken there is no room for anything;
 * -ENOMEM; the error of the write to fd that failed, after which nothing is written any more. */
int spool_append(Spool *s, const char *data, size_t n);
/* The same for what must not be missing: it may wait beyond n_max. */
int spool_append_last(Spool *s, const char *data, size_t n);
/* Waits until all is written, but no longer than this. */
Spool *spool_free(Spool *s, usec_t timeout);

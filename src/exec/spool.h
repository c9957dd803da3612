/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Bytes on their way to a file, which a thread of its own writes: who appends never waits for the
 * file, and holds no more memory than is allowed for it. */

#include "base/macro.h"

typedef struct Spool Spool;

/* Takes fd, also on failure. n_max: of bytes that wait, beside those that are being written. 0,
 * -ENOMEM or -EAGAIN (no thread could be made). */
int spool_new(int fd, size_t n_max, Spool **ret);
/* 0; -ENOBUFS: too many bytes wait; -ENOMEM; the error of the write that failed, after which
 * nothing is written any more. */
int spool_append(Spool *s, const char *data, size_t n);
/* The same for what must not be missing at the end: it may wait beyond n_max. */
int spool_append_last(Spool *s, const char *data, size_t n);
/* Waits until all is written, but no longer than this. */
Spool *spool_free(Spool *s, usec_t timeout);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A whole small file in memory, erased when freed, as configuration files contain secrets. */

#include "base/macro.h"

typedef struct FileText {
        char *data; /* NUL-terminated; NULL if nothing was read */
        size_t n;   /* the data may contain NUL bytes */
} FileText;

/* Reads at most max bytes, SIZE_MAX for no limit. Returns 0, -EFBIG (longer), -ENOMEM or the
 * negative errno of open() or read(). Never blocks on a FIFO without a writer. */
int file_text_read(const char *path, size_t max, FileText *ret);
void file_text_done(FileText *t);

#define _cleanup_file_text_ _cleanup_(file_text_done)

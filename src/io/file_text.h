/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A whole small file in memory that is wiped when it is freed: configuration files hold secrets. */

#include "base/macro.h"

typedef struct FileText {
        char *data; /* not terminated */
        size_t n;
} FileText;

/* Reads at most max bytes. 0, -EFBIG (longer), -ENOMEM or the errno of open() or read(). Never
 * waits for a pipe's writer. */
int file_text_read(const char *path, size_t max, FileText *ret);
void file_text_done(FileText *t);

#define _cleanup_file_text_ _cleanup_(file_text_done)

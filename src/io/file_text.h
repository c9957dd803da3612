/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A whole small file in memory that is wiped when it is freed: configuration files hold secrets. */

#include "base/macro.h"

typedef struct FileText {
        char *data; /* terminated; NULL: nothing was read */
        size_t n;   /* may have NUL bytes among them */
} FileText;

/* Reads at most max bytes; SIZE_MAX: as many as there are. 0, -EFBIG (longer), -ENOMEM or the errno
 * of open() or read(). Never waits for a pipe's writer. */
int file_text_read(const char *path, size_t max, FileText *ret);
void file_text_done(FileText *t);

#define _cleanup_file_text_ _cleanup_(file_text_done)

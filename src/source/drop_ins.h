/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reads a configuration file with its drop-ins: PATH, then PATH.d/\*.conf in byte order of their
 * names (not the locale's, as the order determines precedence). */

#include "base/diagnostics.h"
#include "io/file_text.h"

/* Processes the text of one file, which is wiped afterwards. Returns 0, or a negative errno that
 * ends the reading. */
typedef int (*DropInHandler)(const char *path, const FileText *text, void *userdata);

typedef enum DropInFlags {
        DROP_INS_REQUIRE_MAIN = 1 << 0, /* a missing PATH is an error */
        DROP_INS_READ_HIDDEN = 1 << 1,  /* names that begin with a dot are read as well */
        DROP_INS_MAIN_ONLY = 1 << 2,    /* there are no drop-ins */
} DropInFlags;

/* A missing file is skipped, unless the flags say otherwise; a file that cannot be read is an error
 * in d and skipped. Returns 0, -ENOMEM or the handler's error. */
int drop_ins_read(const char *path, unsigned flags, DropInHandler handler, void *userdata,
                  Diagnostics *d);

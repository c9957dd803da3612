/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reads a configuration file with its drop-ins: PATH, then PATH.d/\*.conf in byte order of their
 * names (not the locale's, as the order determines precedence). Hidden files are skipped. */

#include "base/diagnostics.h"
#include "io/file_text.h"

/* Processes the text of one file, which is wiped afterwards. Returns 0, or a negative errno that
 * ends the reading. */
typedef int (*DropInHandler)(const char *path, const FileText *text, void *userdata);

/* A missing file is skipped, except for a required PATH; a file that cannot be read is an error in
 * d and skipped. Returns 0, -ENOMEM or the handler's error. */
int drop_ins_read(const char *path, bool required, DropInHandler handler, void *userdata,
                  Diagnostics *d);

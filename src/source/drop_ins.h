/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A configuration file with its drop-ins: PATH, then PATH.d/\*.conf in the order of their names'
 * bytes (not the locale's: the order decides who wins). Hidden files do not count. */

#include "base/diagnostics.h"
#include "io/file_text.h"

/* Takes one file's text, which is wiped afterwards. 0, or a negative errno that ends the reading.
 */
typedef int (*DropInHandler)(const char *path, const FileText *text, void *userdata);

/* A file that is not there is passed over, but for a PATH that is required; one that cannot be read
 * is an error in d and passed over. 0, -ENOMEM or the handler's error. */
int drop_ins_read(const char *path, bool required, DropInHandler handler, void *userdata,
                  Diagnostics *d);

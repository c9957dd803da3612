/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes to [Host] in sys.conf, for stasadm's verbs. */

#include "cli/cli.h"
#include "io/file_text.h"

/* Reads a whole text file. If it does not exist, *ret is left as it is, {0}. -EFBIG if it is larger
 * than 1 MiB, -EINVAL if it contains NUL bytes, or another negative errno. */
int host_setting_read(const char *path, FileText *ret);

/* Sets key to value, or with -f/--file writes value to that file and sets key to "file://" and its
 * path; with value NULL removes the key. 0 or a negative errno, reported. */
int host_setting_save(const Invocation *i, const char *key, const char *value);

/* Reports that what failed, with "Permission denied. Root privileges required." if that is the
 * reason; returns r. */
int host_setting_report(const Invocation *i, const char *what, int r);

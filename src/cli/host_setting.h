/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* [Host] in sys.conf, as stasadm's verbs change it. */

#include "cli/cli.h"
#include "io/file_text.h"

/* The whole of a text file; a missing one leaves *ret as it is, {0}. -EFBIG over 1 MiB, -EINVAL
 * with NUL bytes in it, else a negative errno. */
int host_setting_read(const char *path, FileText *ret);

/* Sets key to value, or with -f/--file writes value to that file and sets key to "file://" and its
 * path; value NULL removes the key. 0 or a negative errno, reported. */
int host_setting_save(const Invocation *i, const char *key, const char *value);

/* Reports that what could not be done, with "Permission denied. Root privileges required." where
 * that is the reason; returns r. */
int host_setting_report(const Invocation *i, const char *what, int r);

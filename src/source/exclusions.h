/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The host-wide exclusion list (docs/SPECIFICATION.md §3.7): controllers that nobody shall connect
 * to on his own. */

#include "base/diagnostics.h"
#include "model/exclude.h"

#define EXCLUSIONS_CONF "/etc/nvme/exclusions.conf"

/* Reads path and its drop-ins (path.d/\*.conf, sorted). What cannot be read or used excludes
 * nothing and is a warning in d, never an error. host_id: ours; NULL: not known. 0 or -ENOMEM. */
int exclusions_load(const char *path, const char *host_id, ExcludeList *ret, Diagnostics *d);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The host-wide exclusion list (docs/SPECIFICATION.md §3.7): controllers that no program may
 * connect to automatically. */

#include "base/diagnostics.h"
#include "model/exclude.h"

#define EXCLUSIONS_CONF "/etc/nvme/exclusions.conf"

/* Reads path and its drop-ins (path.d/\*.conf, sorted). An unusable rule excludes nothing; of a
 * file that exists but cannot be read, the rules in last (NULL: none) remain. Both are warnings in
 * d, never errors. host_id: ours; NULL: unknown. Returns 0 or -ENOMEM. */
int exclusions_load(const char *path, const char *host_id, const ExcludeList *last,
                    ExcludeList *ret, Diagnostics *d);

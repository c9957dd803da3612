/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Files of the host-wide exclusion list, which nvme-cli and similar programs also read and write
 * (docs/SPECIFICATION.md §3.7; nvme-exclusion-add(1)): entries "exclusion = FIELD=VALUE;…" in the
 * section [exclusions]. */

#include "base/diagnostics.h"
#include "model/exclude.h"

/* Appends the entries of one file that apply to the host with this ID (NULL if unknown) to l.
 * Unusable entries exclude nothing and are warnings in d, never errors; other sections are reserved
 * and skipped. Returns 0 or -ENOMEM. */
int exclusion_file_parse(const char *file, const char *data, size_t n, const char *host_id,
                         ExcludeList *l, Diagnostics *d);

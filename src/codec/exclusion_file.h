/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Files of the host-wide exclusion list, which nvme-cli and its likes write and read too
 * (docs/SPECIFICATION.md §3.7; nvme-exclusion-add(1)): entries "exclusion = FIELD=VALUE;…" in the
 * section [exclusions]. */

#include "base/diagnostics.h"
#include "model/exclude.h"

/* Appends the entries of one file's text that apply to the host whose ID this is (NULL: not known)
 * to l. Whatever cannot be used excludes nothing and is a warning in d, never an error; other
 * sections are reserved and passed over. 0 or -ENOMEM. */
int exclusion_file_parse(const char *file, const char *data, size_t n, const char *host_id,
                         ExcludeList *l, Diagnostics *d);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* "transport=tcp;traddr=…;…": the value of controller=, exclude= and exclusion=
 * (docs/SPECIFICATION.md §3.4, §3.5). */

#include "base/diagnostics.h"
#include "model/configuration.h"

/* Parses a controller= value. All problems are added to d with file, line and the field as key
 * ("controller: traddr"). Unknown fields are warnings. Secrets are erased from memory and never
 * part of a message. Returns 0 (release ret with controller_line_done()), -EINVAL (unusable, d
 * contains an error) or -ENOMEM. */
int controller_line_parse(const char *value, const char *file, unsigned line, ControllerLine *ret,
                          Diagnostics *d);

/* The same for a line of nvme-stas.conf: a field given twice is an error, and so are NQNs, host IDs
 * and secrets, which belong to the section. Values of settings as in settings_parse_more(). */
int controller_path_parse(const char *value, const char *file, unsigned line, ControllerLine *ret,
                          Diagnostics *d);

/* Parses an exclude= value and appends it to l. If it is malformed or empty, adds an error to d,
 * appends nothing and returns -EINVAL. */
int exclude_line_parse(const char *value, const char *file, unsigned line, ExcludeList *l,
                       Diagnostics *d);

/* Parses an exclusion= value of the host-wide list and appends it to l. Entries for a host other
 * than host_id (NULL if unknown) are skipped. A value that is malformed, empty or has an unknown
 * field excludes nothing: adds a warning to d and returns -EINVAL. There are no errors, as the file
 * is not part of our configuration. Returns -ENOMEM if out of memory. */
int exclusion_line_parse(const char *value, const char *file, unsigned line, const char *host_id,
                         ExcludeList *l, Diagnostics *d);

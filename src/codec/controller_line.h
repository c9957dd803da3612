/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* "transport=tcp;traddr=…;…": the value of controller=, exclude= and exclusion=
 * (docs/SPECIFICATION.md §3.4, §3.5). */

#include "base/diagnostics.h"
#include "model/configuration.h"

/* Parses a controller= value; every problem goes to d with file, line and the field as key
 * ("controller: traddr"). Unknown fields are warnings. A secret's text is wiped and never in a
 * message. 0: ret is filled (the caller ends it with controller_line_done()); -EINVAL: unusable, an
 * error is in d; -ENOMEM. */
int controller_line_parse(const char *value, const char *file, unsigned line, ControllerLine *ret,
                          Diagnostics *d);

/* Parses an exclude= value and appends it to l. Malformed or empty: an error in d, nothing
 * appended, -EINVAL. */
int exclude_line_parse(const char *value, const char *file, unsigned line, ExcludeList *l,
                       Diagnostics *d);

/* Parses an exclusion= value of the host-wide list and appends it to l. One for another host than
 * host_id (NULL: not known) is passed over. Malformed, empty or with an unknown field: it excludes
 * nothing, a warning in d says so, -EINVAL; the file is no part of our configuration, so nothing in
 * it is an error. -ENOMEM. */
int exclusion_line_parse(const char *value, const char *file, unsigned line, const char *host_id,
                         ExcludeList *l, Diagnostics *d);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* "transport=tcp;traddr=…;…": the value of controller= and exclude= (SPEC 3). */

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

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What was found wrong in an input: collected by pure code, printed or logged by its caller. */

#include "base/macro.h"

typedef enum Severity {
        SEVERITY_WARNING, /* the default applies, or the line is ignored; the rest is used */
        SEVERITY_ERROR,   /* the input is refused as a whole on a reload */
} Severity;

typedef struct Diagnostic {
        Severity severity;
        unsigned line; /* 0: the whole file */
        char *file, *key, *reason;
} Diagnostic;

typedef struct Diagnostics {
        Diagnostic *items;
        size_t n_items, n_allocated;
        bool lost_error; /* there was no memory even to count it; diagnostics_has_errors() knows */
} Diagnostics;

/* Appends one. file is required; key may be NULL. Out of memory may drop text, never the fact that
 * there was an error. */
_printf_(6, 7) void diagnostics_add(Diagnostics *d, Severity severity, const char *file,
                                    unsigned line, const char *key, const char *format, ...);
bool diagnostics_has_errors(const Diagnostics *d);
/* "file:line" of the first error, or NULL: there is none. 0, or -ENOMEM, also where it is not known
 * what the error was. */
int diagnostics_first_error(const Diagnostics *d, char **ret_where);
/* "file:line: key: reason"; parts that are not known are left out. NULL when out of memory. */
char *diagnostic_to_string(const Diagnostic *d);
void diagnostics_done(Diagnostics *d);

#define _cleanup_diagnostics_ _cleanup_(diagnostics_done)

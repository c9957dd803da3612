/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Problems found in an input: collected by pure code, printed or logged by the caller. */

#include "base/macro.h"

typedef enum Severity {
        SEVERITY_WARNING, /* the default is used or the line is ignored; everything else applies */
        SEVERITY_ERROR,   /* a reload rejects the whole input */
} Severity;

typedef struct Diagnostic {
        Severity severity;
        unsigned line; /* 0 if it concerns the whole file */
        char *file, *key, *reason;
} Diagnostic;

typedef struct Diagnostics {
        Diagnostic *items;
        size_t n_items, n_allocated;
        bool lost_error; /* an error was dropped for lack of memory, see diagnostics_has_errors() */
} Diagnostics;

/* Appends a diagnostic. file is required; key may be NULL. If memory runs out, text may be lost,
 * but never the fact that there was an error. */
_printf_(6, 7) void diagnostics_add(Diagnostics *d, Severity severity, const char *file,
                                    unsigned line, const char *key, const char *format, ...);
bool diagnostics_has_errors(const Diagnostics *d);
/* Returns "file:line" of the first error, or NULL if there is no error. Returns 0 or -ENOMEM, the
 * latter also if the location of the error was lost. */
int diagnostics_first_error(const Diagnostics *d, char **ret_where);
/* Formats as "file:line: key: reason", omitting unknown parts. Returns NULL if out of memory. */
char *diagnostic_to_string(const Diagnostic *d);
void diagnostics_done(Diagnostics *d);

#define _cleanup_diagnostics_ _cleanup_(diagnostics_done)

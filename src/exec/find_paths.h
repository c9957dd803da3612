/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/macro.h"

#define _cleanup_paths_ _cleanup_(globfree)

/* Returns the paths that match a glob(7) pattern, possibly none. *ret must be zeroed; the caller
 * frees it with globfree() in any case. Returns 0, -ENOMEM or -ENAMETOOLONG. */
_printf_(2, 3) static inline int find_paths(glob_t *ret, const char *format, ...)
{
        char pattern[PATH_MAX];
        va_list args;

        va_start(args, format);
        int n = vsnprintf(pattern, sizeof(pattern), format, args);
        va_end(args);
        if (n < 0 || (size_t) n >= sizeof(pattern))
                return -ENAMETOOLONG;
        return glob(pattern, GLOB_NOSORT, NULL, ret) == GLOB_NOSPACE ? -ENOMEM : 0;
}

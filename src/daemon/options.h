/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/macro.h"

/* The command line, the same for both daemons (docs/SPECIFICATION.md §1.2). */
typedef struct Options {
        const char *conf_file;   /* NULL: the daemon's own */
        const char *record_file; /* NULL: none */
        bool syslog, tron, check, strict, dry_run;
} Options;

/* 1: go on; 0: all has been said (help, version); -EINVAL: usage error, said on standard error. */
int options_parse(int argc, char **argv, const char *name, const char *purpose, Options *ret);

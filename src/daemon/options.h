/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/macro.h"

/* The command line, the same for both daemons (docs/SPECIFICATION.md §1.2). */
typedef struct Options {
        const char *conf_file;   /* NULL: the daemon's default */
        const char *connections; /* NULL: the default */
        const char *record_file; /* NULL if not recording */
        bool syslog, tron, check, strict, dry_run;
} Options;

/* 1: continue; 0: done (help, version); -EINVAL: usage error, reported on standard error. */
int options_parse(int argc, char **argv, const char *name, const char *purpose, Options *ret);

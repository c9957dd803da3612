/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The files that a daemon reads at start and on reload. */

#include "base/diagnostics.h"
#include "model/configuration.h"
#include "model/policy.h"
#include "model/source_set.h"
#include "source/host_names.h"
#include "source/nbft.h"

typedef struct DaemonType DaemonType; /* daemon.h */

typedef struct Inputs { /* as last read */
        Configuration *configuration;
        HostIdentity *host;
        ExcludeList exclusions;               /* the host-wide list */
        Nbft nbft;                            /* its set belongs to the engine after
                                               * inputs_apply() */
        char *exclusion_warnings, *nbft_told; /* one per line */
        char *error_at; /* FILE:LINE of the first rejected line, whose controllers may be wanted;
                         * NULL if none */
} Inputs;

/* Reads the files. before: {0}, or as last read. 0; -EINVAL if the host's identity, or with strict
 * anything at all, is invalid; -ENODATA if it does not exist (yet). In both cases *ret_reason has
 * the reason; other problems have been logged. */
int inputs_load(const DaemonType *type, const char *conf_file, bool strict, const Inputs *before,
                Inputs *ret, char **ret_reason);
void inputs_done(Inputs *i);
/* Reads the daemon's configuration alone; --check uses it too. host: NULL if not known. A missing
 * file is an error in d unless it is the default one. 0 or -ENOMEM. */
int inputs_read_configuration(const DaemonType *type, const char *conf_file,
                              const HostIdentity *host, Configuration **ret, Diagnostics *d);
/* The same into i, whose host is known. Returns as inputs_load() does. */
int inputs_load_configuration(const DaemonType *type, const char *conf_file, bool strict, Inputs *i,
                              char **ret_reason);
/* Reads the host-wide exclusion list alone; last: what it contained, for files that cannot be read
 * at the moment. 0 or -ENOMEM. */
int inputs_load_exclusions(const DaemonType *type, const ExcludeList *last, Inputs *i);
void inputs_log_exclusion_warnings(const Inputs *i);
/* Combines the configuration's policy with the host-wide exclusions. 0 or -ENOMEM. */
int inputs_make_policy(const Inputs *i, Policy **ret);
/* The configured controllers whose host names (names may be NULL) have been resolved. 0 or
 * -ENOMEM. */
int inputs_make_source(const Inputs *i, const HostNames *names, SourceSet **ret);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a daemon reads from files, at start and on reload. */

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
        Nbft nbft;                            /* its set is the engine's after inputs_apply() */
        char *exclusion_warnings, *nbft_told; /* one a line */
        char *error_at; /* FILE:LINE of what was refused first, whose meaning is not known to be
                           unwanted; NULL: nothing was */
} Inputs;

/* Reads the files. before: {0}, or as last read. 0; -EINVAL: the host's identity, or with strict
 * anything at all, is wrong and *ret_reason says why; -ENODATA: it is not there (yet), likewise;
 * other problems have been logged. */
int inputs_load(const DaemonType *type, const char *conf_file, bool strict, const Nbft *before,
                Inputs *ret, char **ret_reason);
void inputs_done(Inputs *i);
/* The daemon's configuration alone, by which --check judges as well. host may be NULL: not known. A
 * file that is missing is an error in d if it is not the usual one. 0 or -ENOMEM. */
int inputs_read_configuration(const DaemonType *type, const char *conf_file,
                              const HostIdentity *host, Configuration **ret, Diagnostics *d);
/* The same into i, whose host is known. As inputs_load(). */
int inputs_load_configuration(const DaemonType *type, const char *conf_file, bool strict, Inputs *i,
                              char **ret_reason);
/* The host-wide exclusion list alone. 0 or -ENOMEM. */
int inputs_load_exclusions(const DaemonType *type, Inputs *i);
void inputs_log_exclusion_warnings(const Inputs *i);
/* The configuration's policy with the host-wide exclusions. 0 or -ENOMEM. */
int inputs_make_policy(const Inputs *i, Policy **ret);
/* The configured controllers, as far as their names (NULL: none) are known. 0 or -ENOMEM. */
int inputs_make_source(const Inputs *i, const HostNames *names, SourceSet **ret);

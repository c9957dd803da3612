/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reads /etc/stas: the daemon's file with its drop-ins (FILE.d/\*.conf, sorted), sys.conf likewise.
 */

#include "base/diagnostics.h"
#include "model/configuration.h"
#include "model/source_set.h"
#include "source/host_names.h"

#define STAFD_CONF "/etc/stas/stafd.conf"
#define STACD_CONF "/etc/stas/stacd.conf"
#define SYS_CONF "/etc/stas/sys.conf"

/* A missing main file is an error if it is required (somebody named it), else defaults apply. 0
 * with problems in d (the caller decides by diagnostics_has_errors()), or a negative errno
 * (-ENOMEM). */
int configuration_load(const char *path, bool required, ControllerKind role, Configuration **ret,
                       Diagnostics *d);

/* -EINVAL: NQN or ID is wrong, the reason is an error in d; -ENODATA: none of them is, but one is
 * missing, empty or cannot be read, which may change without anybody's word. Where the usual file
 * of one (ROOT/etc/nvme/hostnqn, hostid) is missing or empty, the NQN is the one that stasadm makes
 * from what is the same at each boot, and the ID the UUID in the NQN: a warning in d. key defaults
 * to /etc/nvme/hostkey; its absence is no error. What other hosts or programs may take for another
 * host is a warning in d. root is "" but for tests. */
int host_identity_load(const char *root, const char *path, HostIdentity **ret, Diagnostics *d);

/* Takes out the lines whose host ID is not the one that goes with their host NQN on this host, by
 * which they would be connected: an error in d for each. (One NQN has one ID: model/host_id.h.) */
void configuration_check_host_ids(Configuration *c, const HostIdentity *host, Diagnostics *d);

/* controller= lines as the source "config", SOURCE_COMPLETE. A line whose traddr is a host name
 * gives what names (NULL: nothing) knows of it: without an address it is left out, and until the
 * address is settled the entry is tentative and the set is SOURCE_PARTIAL, as not resolved is not
 * gone. */
int configuration_to_source_set(const Configuration *c, const HostIdentity *host,
                                const HostNames *names, SourceSet **ret);

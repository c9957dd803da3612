/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reads /etc/stas: the daemon's file with its drop-ins (FILE.d/\*.conf, sorted), and sys.conf in
 * the same way. */

#include "base/diagnostics.h"
#include "model/configuration.h"
#include "model/source_set.h"
#include "source/host_names.h"

#define STAFD_CONF "/etc/stas/stafd.conf"
#define STACD_CONF "/etc/stas/stacd.conf"
#define SYS_CONF "/etc/stas/sys.conf"

/* A missing main file is an error if it is required (named explicitly), otherwise defaults apply.
 * Returns 0 with problems in d (the caller checks diagnostics_has_errors()), or a negative errno
 * (-ENOMEM). */
int configuration_load(const char *path, bool required, ControllerKind role, Configuration **ret,
                       Diagnostics *d);

/* The files of nvme-stas 3 and nvme-cli 3, read after those of /etc/stas. NULL: not read. */
typedef struct LaterFiles {
        const char *behaviour;   /* "/etc/nvme/stafd.conf" */
        const char *connections; /* "/etc/nvme/nvme-stas.conf", with its drop-ins */
        bool required;           /* connections was named explicitly */
} LaterFiles;

/* Applies these files to c. Returns like configuration_load(). */
int configuration_load_later(const LaterFiles *files, Configuration *c, Diagnostics *d);

/* Returns -EINVAL if NQN or ID is invalid, with an error in d; -ENODATA if none is invalid, but one
 * is missing, empty or cannot be read, which may change without a reload. If its usual file
 * (ROOT/etc/nvme/hostnqn, hostid) is missing or empty, the NQN is the one that stasadm derives from
 * data that persists across boots, and the ID is the UUID in the NQN, with a warning in d. key
 * defaults to /etc/nvme/hostkey, which may be absent. Values that could make other hosts or
 * programs see a different host give a warning in d. root is "" except in tests. */
int host_identity_load(const char *root, const char *path, HostIdentity **ret, Diagnostics *d);

/* Removes the lines whose host ID is not the one that belongs to their host NQN on this host, with
 * which they would be connected; adds an error to d for each. (One NQN has one ID:
 * model/host_id.h.) Those of nvme-stas.conf only make the configuration partial, with a warning. */
void configuration_check_host_ids(Configuration *c, const HostIdentity *host, Diagnostics *d);

/* Converts controller= lines to the source "config", SOURCE_COMPLETE. If traddr is a host name, its
 * address is taken from names (may be NULL): a line without a known address is left out, and until
 * the address is settled the entry is tentative and the set is SOURCE_PARTIAL, because an
 * unresolved name does not mean a removed controller. */
int configuration_to_source_set(const Configuration *c, const HostIdentity *host,
                                const HostNames *names, SourceSet **ret);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The controller named by a discovery log page entry, as reached from this host. */

#include "model/dlp.h"
#include "model/tid.h"

/* Information that an entry lacks and that its discovery controller provides. */
typedef struct DlpeOrigin { /* borrowed */
        const Tid *dc;
        const char *host_nqn; /* used if dc has none */
        bool ignore_iface;
} DlpeOrigin;

/* The controller inherits the host NQN and the interface, and also the host address unless its
 * family differs from that of the entry. Returns 0, -EINVAL or -EADDRNOTAVAIL (cannot be a
 * controller, see tid_new()) or -ENOMEM. */
int dlpe_to_tid(const DlpEntry *e, ControllerKind kind, const DlpeOrigin *o, Tid **ret);

/* Returns the reason why the controller named by the entry must not be connected because of it, or
 * NULL. An existing connection is kept in any case. */
const char *dlpe_problem(const DlpEntry *e, const Tid *tid);

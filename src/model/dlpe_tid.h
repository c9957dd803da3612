/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The controller that an entry of a discovery log names, as it is reached from this host. */

#include "model/dlp.h"
#include "model/tid.h"

/* What an entry does not say and its discovery controller knows. */
typedef struct DlpeOrigin { /* borrowed */
        const Tid *dc;
        const char *host_nqn; /* should the controller have none */
        bool ignore_iface;
} DlpeOrigin;

/* It inherits host NQN and interface, and the host's address unless that is of another family than
 * the entry's. 0; -EINVAL, -EADDRNOTAVAIL: it cannot be a controller, see tid_new(); -ENOMEM. */
int dlpe_to_tid(const DlpEntry *e, ControllerKind kind, const DlpeOrigin *o, Tid **ret);

/* Why the controller that the entry names is not to be connected for it, or NULL. What is connected
 * is kept. */
const char *dlpe_problem(const DlpEntry *e, const Tid *tid);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is registered with a discovery controller about this host: the names that the connection was
 * made with, and the machine's. */

#include "exec/executor.h"
#include "model/configuration.h"
#include "plan/row.h"

/* Encodes it into the job. 0, -ENODEV if not connected, -EINVAL if a name is not valid, or
 * -ENOMEM. */
int registration_encode(const HostIdentity *own, const Row *row, Job *job);
/* Returns true if the registered properties differ. With another NQN or ID the connections are
 * different ones. */
bool registration_differs(const HostIdentity *a, const HostIdentity *b);

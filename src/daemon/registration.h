/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a discovery controller is told of this host: the names that the connection was made with,
 * and the machine's. */

#include "exec/executor.h"
#include "model/configuration.h"
#include "plan/row.h"

/* Into the job. 0, -ENODEV (not connected), -EINVAL (a name is none) or -ENOMEM. */
int registration_encode(const HostIdentity *own, const Row *row, Job *job);
/* Has the host changed in what it registers? Another NQN or id makes other connections. */
bool registration_differs(const HostIdentity *a, const HostIdentity *b);

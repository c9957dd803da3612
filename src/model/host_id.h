/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The Host Identifier (NVMe Base 2.x, Fabrics Connect) that goes with a host NQN. A kernel since
 * 6.5 refuses two host NQNs with one identifier, and one NQN with two, while a connection of either
 * is there (drivers/nvme/host/fabrics.c, nvmf_host_add()): a controller with a host NQN of its own
 * needs an identifier of its own, and the same at each start. */

#include "base/macro.h"

#define HOST_ID_SIZE 37 /* with the NUL */

/* "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", not all zero. */
bool host_id_is_valid(const char *s);

/* What nvme-cli, systemd and this program name hosts by: a UUID follows. */
#define HOST_NQN_UUID_PREFIX "nqn.2014-08.org.nvmexpress:uuid:"

/* The UUID in a host NQN of that form, or NULL. */
const char *host_id_in_nqn(const char *host_nqn);

/* own_nqn and own_id are the host's (sys.conf), own_id is valid. For own_nqn, and for an empty
 * host_nqn, it is own_id; for an NQN that holds a UUID that UUID, as nvme-cli does; else, or when
 * that is own_id, one computed from both. */
void host_id_for_nqn(const char *host_nqn, const char *own_nqn, const char *own_id,
                     char ret[static HOST_ID_SIZE]);

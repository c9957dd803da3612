/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The Host Identifier (NVMe Base 2.x, Fabrics Connect) that belongs to a host NQN. Since 6.5, the
 * kernel rejects two host NQNs with the same identifier, and one NQN with two identifiers, while a
 * connection of either exists (drivers/nvme/host/fabrics.c, nvmf_host_add()). Hence a controller
 * with a host NQN of its own needs an identifier of its own, which must be the same at each
 * start. */

#include "base/macro.h"

#define HOST_ID_SIZE 37 /* including the NUL */

/* "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", not all zeros. */
bool host_id_is_valid(const char *s);

/* Prefix of the host NQNs of nvme-cli, systemd and this program. A UUID follows. */
#define HOST_NQN_UUID_PREFIX "nqn.2014-08.org.nvmexpress:uuid:"

/* Returns the UUID in a host NQN of that form, or NULL. */
const char *host_id_in_nqn(const char *host_nqn);

/* own_nqn and own_id are those of the host (sys.conf); own_id must be valid. The result is own_id
 * if host_nqn is own_nqn or empty; the UUID if host_nqn contains one, as in nvme-cli; otherwise, or
 * if that UUID is own_id, an identifier computed from host_nqn and own_id. */
void host_id_for_nqn(const char *host_nqn, const char *own_nqn, const char *own_id,
                     char ret[static HOST_ID_SIZE]);

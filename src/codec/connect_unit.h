/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* nvme-cli's unit that connects the controllers named by the log of a discovery controller:
 * nvmf-connect@ARGUMENTS.service. The instance is escaped like in nvme-cli's udev rule
 * (70-nvmf-autoconnect.rules), and unescaped by the unit with `echo -e`. */

#include "model/tid.h"

/* Builds the unit name for nvmeN and its addresses; parts that are not set in t are omitted.
 * Returns 0, -ENAMETOOLONG (for a unit, see systemd.unit(5)), -EINVAL (a part contains white space,
 * which the unit's shell would split into several arguments, or t is garbled) or -ENOMEM. */
int connect_unit_name(int instance, const Tid *t, char **ret);

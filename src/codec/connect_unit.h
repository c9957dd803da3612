/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* nvme-cli's unit that connects what the log of a discovery controller names:
 * nvmf-connect@ARGUMENTS.service, its instance escaped as nvme-cli's udev rule
 * (70-nvmf-autoconnect.rules) does and the unit takes it, by `echo -e`. */

#include "model/tid.h"

/* nvmeN and what it is connected to; what t does not have is left out. 0, -ENAMETOOLONG (for a
 * unit, systemd.unit(5)), -EINVAL (the unit's shell would make several arguments of a part with
 * white space; or t is garbled) or -ENOMEM. */
int connect_unit_name(int instance, const Tid *t, char **ret);

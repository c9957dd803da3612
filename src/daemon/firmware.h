/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The boot firmware's tables of a daemon. */

#include "daemon/daemon.h"

/* Reads them into i->nbft, with what i->configuration and i->host say; what is wrong with one is
 * told. before: of the last time, or {0}. 0 or -ENOMEM. */
int firmware_load(const DaemonType *type, const Nbft *before, Inputs *i);
/* Links have changed: an interface that a table names may have come, or have another name. What
 * was told before is not told again. */
void firmware_look_up(Daemon *d);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The boot firmware's tables (NBFT). */

#include "daemon/daemon.h"

/* Reads them into i->nbft, taking i->configuration and i->host into account; problems are logged.
 * before: the previous ones, or {0}. 0 or -ENOMEM. */
int firmware_load(const DaemonType *type, const Nbft *before, Inputs *i);
/* Called when links have changed: an interface that a table refers to may have appeared, or been
 * renamed. Problems already logged are not logged again. */
void firmware_look_up(Daemon *d);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Coexistence of stafd with nvme-cli: what it takes over, and the calls to systemd that this
 * needs. */

#include "daemon/daemon.h"

/* nvme-cli's udev rule is overridden while the host's stafd runs and there is one to override; its
 * unit cleans up after a crash. */
void systemd_follow_udev_rule(Daemon *d);
/* The same at exit. */
void systemd_restore_udev_rule(Daemon *d);
/* Controllers in the log of a discovery controller that is not ours are connected by nvme-cli, as
 * without stafd, if its rule is overridden. */
void systemd_connect_foreign(Daemon *d, const Device *device);

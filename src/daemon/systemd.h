/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* stafd beside nvme-cli: what it takes from it, and what it asks systemd to let it do. */

#include "daemon/daemon.h"

/* nvme-cli's udev rule does not count as long as the one stafd of the host runs; its unit cleans up
 * after a crash. */
void systemd_override_udev_rule(Daemon *d);
void systemd_restore_udev_rule(Daemon *d);
/* What the log of somebody else's discovery controller names is connected by nvme-cli, as without
 * us. */
void systemd_connect_foreign(Daemon *d, const Device *device);

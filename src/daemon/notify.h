/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Service notifications to systemd (sd_notify(3)): sent in order and without blocking the
 * caller. */

#include "base/macro.h"

void notify_start(void);
/* "READY=1", "STOPPING=1": never dropped. */
void notify_state(const char *state);
/* The line shown by `systemctl status`. Dropped, which is logged, while systemd does not read. */
void notify_status(const char *text);
/* Waits for systemd, for at most a tenth of a second. */
void notify_stop(void);

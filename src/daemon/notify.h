/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What systemd is told of the service (sd_notify(3)): in order, and nobody waits for it. */

#include "base/macro.h"

void notify_start(void);
/* "READY=1", "STOPPING=1": never left out. */
void notify_state(const char *state);
/* The line that `systemctl status` shows. Left out, which is logged, while systemd takes nothing.
 */
void notify_status(const char *text);
/* Waits for systemd, but no longer than a tenth of a second. */
void notify_stop(void);

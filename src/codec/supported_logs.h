/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Log page 00h, Supported Log Pages: one dword per log page (NVMe Base 2.x, 5.1.12.1.1). */

#include "model/dlp.h"

enum {
        SUPPORTED_LOGS_SIZE = 1024,
};

/* *ret_discovery is set to DISCOVERY_LOG_*, or 0 if the discovery log is not listed as supported.
 * Returns 0 or -EBADMSG (too few bytes). */
int supported_logs_decode(const uint8_t *data, size_t n, unsigned *ret_discovery);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Log page 00h, Supported Log Pages: a dword for each log page (NVMe Base 2.x, 5.1.12.1.1). */

#include "model/dlp.h"

enum {
        SUPPORTED_LOGS_SIZE = 1024,
};

/* DISCOVERY_LOG_*; 0 when the discovery log is not said to be supported. -EBADMSG: fewer bytes. */
int supported_logs_decode(const uint8_t *data, size_t n, unsigned *ret_discovery);

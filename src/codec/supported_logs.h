/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Log page 00h, Supported Log Pages: a dword for each log page (NVMe Base 2.x, 5.1.12.1.1). */

#include "base/macro.h"

enum {
        SUPPORTED_LOGS_SIZE = 1024,
};

enum { /* of the discovery log: bits of its LID Specific Parameter, and of the command's LSP */
        DISCOVERY_LOG_EXTENDED = 1 << 0,   /* EXTDLPES, EXTDLPE */
        DISCOVERY_LOG_PORT_LOCAL = 1 << 1, /* PLEOS, PLEO: entries of this port only */
        DISCOVERY_LOG_ALL = 1 << 2,        /* ALLSUBES, ALLSUBE */
};

/* DISCOVERY_LOG_*; 0 when the discovery log is not said to be supported. -EBADMSG: fewer bytes. */
int supported_logs_decode(const uint8_t *data, size_t n, unsigned *ret_discovery);

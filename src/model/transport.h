/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/macro.h"

/* NVMe-oF transports (NVMe Base 2.x, Discovery Log Page Entry, TRTYPE) and controller kinds. */

typedef enum Transport {
        TRANSPORT_TCP,
        TRANSPORT_RDMA,
        TRANSPORT_FC,
        TRANSPORT_LOOP,
        _TRANSPORT_MAX,
        _TRANSPORT_INVALID = -22, /* -EINVAL */
} Transport;

typedef enum ControllerKind {
        CONTROLLER_DISCOVERY,
        CONTROLLER_IO,
} ControllerKind;

/* The well-known NQN of all discovery subsystems (NVMe Base 2.x, 4.7). */
#define NQN_DISCOVERY "nqn.2014-08.org.nvmexpress.discovery"
/* Maximum length of an NQN in bytes without the NUL (NVMe Base 2.x, 4.7). */
#define NQN_MAX 223

/* Returns true if the NQN can be displayed, sent over D-Bus and passed to the kernel: printable
 * UTF-8 without a comma, which would end the option. Length and prefix are not checked. */
bool nqn_is_usable(const char *nqn);
#define NQN_NOT_USABLE "its NQN is not printable UTF-8, or has a comma"

/* Kernel names: "tcp", "rdma", "fc", "loop". */
const char *transport_to_string(Transport t);
Transport transport_from_string(const char *s);

/* Returns the default service of a transport (docs/SPECIFICATION.md §2.1): for tcp "8009" for
 * discovery and "4420" for I/O, "4420" for rdma, NULL for fc and loop. */
const char *transport_default_service(Transport t, ControllerKind kind);

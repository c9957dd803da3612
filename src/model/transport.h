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

/* The well-known NQN of every discovery subsystem (NVMe Base 2.x, 4.7). */
#define NQN_DISCOVERY "nqn.2014-08.org.nvmexpress.discovery"
/* Longest NQN in bytes without the terminator (NVMe Base 2.x, 4.7). */
#define NQN_MAX 223

/* UTF-8 that can be shown, sent over D-Bus and given to the kernel: printable, without the comma
 * that ends an option. Its length and its beginning are not looked at. */
bool nqn_is_usable(const char *nqn);
#define NQN_NOT_USABLE "its NQN is not printable UTF-8, or has a comma"

/* The kernel's names: "tcp", "rdma", "fc", "loop". */
const char *transport_to_string(Transport t);
Transport transport_from_string(const char *s);

/* "8009"/"4420"/NULL: the service a transport uses when none is given (docs/SPECIFICATION.md §2.1:
 * tcp 8009 for discovery and 4420 for I/O, rdma 4420, none for fc and loop). */
const char *transport_default_service(Transport t, ControllerKind kind);

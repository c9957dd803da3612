/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Identity: is a connection in the kernel the one that is wanted? (SPEC 2) */

#include "model/device.h"
#include "model/network.h"

/* kind is what the wanted controller is: a discovery controller wanted by the well-known NQN is
 * matched by a discovery device of any NQN (TP8013). What the kernel does not tell never
 * contradicts. */
bool match_device(const Tid *wanted, ControllerKind kind, const Device *device,
                  const Network *network);

/* The same without the host's side (address, interface): the far end alone. */
bool match_target(const Tid *wanted, ControllerKind kind, const Device *device);

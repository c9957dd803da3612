/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Identity: is a connection in the kernel the one that is wanted? (docs/SPECIFICATION.md §2.4) */

#include "model/device.h"
#include "model/network.h"

/* kind is what the wanted controller is: a discovery controller wanted by the well-known NQN is
 * matched by a discovery device of any NQN (TP8013). What the kernel does not tell never
 * contradicts. */
bool match_device(const Tid *wanted, ControllerKind kind, const Device *device,
                  const Network *network);

/* Which way a connection goes that was not bound the kernel shows once it is live: until then
 * nobody can tell whether it is what is wanted. */
bool match_must_wait(const Tid *wanted, const Device *device);
/* Its source address is another one than is wanted, or belongs to other interfaces of this host. */
bool match_goes_another_way(const Tid *wanted, const Device *device, const Network *network);

/* match_device() without the host's side (address, interface): the far end alone. */
bool match_target(const Tid *wanted, ControllerKind kind, const Device *device);

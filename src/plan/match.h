/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Identity matching: is a connection in the kernel the wanted one? (docs/SPECIFICATION.md §2.4) */

#include "model/device.h"
#include "model/network.h"

/* kind is that of the wanted controller: one wanted by the well-known discovery NQN matches
 * discovery devices with any NQN (TP8013). Attributes that the kernel does not report never
 * contradict. */
bool match_device(const Tid *wanted, ControllerKind kind, const Device *device,
                  const Network *network);

/* The kernel reports the path of a connection without a fixed source only once it is live: until
 * then it is unknown whether it is the wanted one. */
bool match_must_wait(const Tid *wanted, const Device *device);
/* Returns true if its source address is not the wanted one, or belongs to other interfaces of this
 * host. */
bool match_goes_another_way(const Tid *wanted, const Device *device, const Network *network);

/* Like match_device(), but ignores the host's side (address, interface). */
bool match_target(const Tid *wanted, ControllerKind kind, const Device *device);

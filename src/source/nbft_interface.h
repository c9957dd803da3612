/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/macro.h"
#include "model/address.h"

/* Finds the interface with this MAC address, or its VLAN interface if vlan is not 0. Interfaces
 * enslaved to another one (bond, bridge) are skipped, because they do not carry IP. root: "" except
 * in tests, which have sys/class/net and proc/net/vlan below it. Returns 0 or -ENODEV. */
int nbft_interface_find(const char *root, const uint8_t mac[static 6], uint16_t vlan,
                        char ret[static ADDRESS_SCOPE_SIZE]);

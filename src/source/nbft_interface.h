/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/macro.h"
#include "model/address.h"

/* The name of the interface with this MAC address: its VLAN interface if vlan is not 0, and never
 * one that is a part of another (of a bond, a bridge), for that does not carry IP. root: "" but in
 * tests, which have sys/class/net and proc/net/vlan below it. 0 or -ENODEV. */
int nbft_interface_find(const char *root, const uint8_t mac[static 6], uint16_t vlan,
                        char ret[static ADDRESS_SCOPE_SIZE]);

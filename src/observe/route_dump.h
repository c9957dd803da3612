/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Addresses and routes as they are now (rtnetlink): the kernel's answer to one question, which it
 * gives at once. */

#include "codec/route_message.h"

typedef void (*RouteHandler)(const RouteMessage *message, void *userdata);

/* All addresses that are usable; the IPv4 and IPv6 routes that lead through the interface (of the
 * tables of all VRFs, without the kernel's own). 0 or a negative errno. */
int route_dump_addresses(RouteHandler handler, void *userdata);
int route_dump_routes(int index, RouteHandler handler, void *userdata);

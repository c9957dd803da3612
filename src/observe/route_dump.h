/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Current addresses and routes (rtnetlink): a single request, which the kernel answers at once. */

#include "codec/route_message.h"

typedef void (*RouteHandler)(const RouteMessage *message, void *userdata);

/* Lists all links, all usable addresses, or the IPv4 and IPv6 routes through the interface (in the
 * tables of all VRFs, without the kernel's own). Returns 0 or a negative errno. */
int route_dump_links(RouteHandler handler, void *userdata);
int route_dump_addresses(RouteHandler handler, void *userdata);
int route_dump_routes(int index, RouteHandler handler, void *userdata);

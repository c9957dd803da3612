/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The kernel's news of links, addresses and routes (rtnetlink(7)): bytes to RouteMessage. */

#include "model/address.h"

typedef enum RouteMessageKind {
        ROUTE_LINK,
        ROUTE_LINK_GONE,
        ROUTE_ADDRESS, /* new and usable: IPv6 ones once they are known to be no duplicates */
        ROUTE_ADDRESS_GONE,
        ROUTE_ROUTE, /* new, unicast */
        ROUTE_ROUTE_GONE,
} RouteMessageKind;

typedef struct RouteMessage {
        RouteMessageKind kind;
        int index;                     /* of the interface; ROUTE_ROUTE: 0 if it has several */
        char name[ADDRESS_SCOPE_SIZE]; /* LINK */
        bool is_running;               /* LINK: it is up and has a carrier */
        int master;                    /* LINK: the index of the one it is a part of, 0: of none */
        bool is_answer;                /* to a question for what there is: no news */
        Address address;               /* ADDRESS: its own; ROUTE: where it leads to */
        unsigned n_bits;               /* of address: its prefix */
} RouteMessage;

/* The message at the front of data. 1: *ret is one; 0: it is of no interest; then *ret_length bytes
 * of data are to be left out for the next. -EBADMSG: what there is is none. */
int route_message_decode(const uint8_t *data, size_t n, RouteMessage *ret, size_t *ret_length);

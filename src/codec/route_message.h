/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Kernel notifications about links, addresses and routes (rtnetlink(7)): bytes to RouteMessage. */

#include "model/address.h"

/* Of one interface; further ones are ignored. */
#define ROUTE_OTHER_NAMES_MAX 8

typedef enum RouteMessageKind {
        ROUTE_LINK,
        ROUTE_LINK_GONE,
        ROUTE_ADDRESS, /* new and usable: for IPv6, after duplicate address detection */
        ROUTE_ADDRESS_GONE,
        ROUTE_ROUTE, /* new, unicast */
        ROUTE_ROUTE_GONE,
} RouteMessageKind;

typedef struct RouteMessage {
        RouteMessageKind kind;
        int index;                     /* of the interface; ROUTE_ROUTE: 0 if there are several */
        char name[ADDRESS_SCOPE_SIZE]; /* LINK */
        /* LINK: alternative names that may take the place of a name, "" after the last one */
        char others[ROUTE_OTHER_NAMES_MAX][ADDRESS_SCOPE_SIZE];
        bool is_running; /* LINK: up and has a carrier */
        int master;      /* LINK: index of the link that it is part of, 0 if none */
        bool is_answer;  /* part of the reply to a dump request, not an event */
        Address address; /* ADDRESS: the address; ROUTE: the destination */
        unsigned n_bits; /* prefix length of address */
} RouteMessage;

/* Decodes the message at the start of data. Returns 1 and sets *ret, or 0 if it is of no interest;
 * the next message is *ret_length bytes further on in both cases. Returns -EBADMSG if it is
 * malformed. */
int route_message_decode(const uint8_t *data, size_t n, RouteMessage *ret, size_t *ret_length);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A transport address by value, so that two spellings of one address are one address. */

#include "base/macro.h"
#include "model/transport.h"

typedef enum AddressFamily {
        ADDRESS_NONE, /* empty */
        ADDRESS_IPV4, /* also ::ffff:a.b.c.d */
        ADDRESS_IPV6,
        ADDRESS_FC,   /* nn-0x…:pn-0x… */
        ADDRESS_NAME, /* a host name, or what the loop transport takes; compared without case */
} AddressFamily;

#define ADDRESS_SCOPE_SIZE 16 /* IFNAMSIZ */

typedef struct Address {
        AddressFamily family;
        uint8_t bytes[16];              /* IPV4: 4, IPV6: 16, FC: node name then port name */
        char scope[ADDRESS_SCOPE_SIZE]; /* IPV6 only: the interface behind '%', else "" */
        uint32_t name_hash;             /* NAME only: the text itself stays with its owner */
} Address;

/* Never fails: what is neither empty, IP nor FC is a name. t decides between FC and the others. */
Address address_parse(Transport t, const char *s);

/* Total order by value; the scope does not take part (see tid_interface()). */
int address_compare(const Address *a, const Address *b);

bool address_is_ip(const Address *a);
/* 0.0.0.0, :: or empty: nothing can be connected there. */
bool address_is_unspecified(const Address *a);
/* fe80::/10: means nothing without an interface. */
bool address_is_link_local(const Address *a);

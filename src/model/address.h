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
#define ADDRESS_TEXT_SIZE 64  /* INET6_ADDRSTRLEN, '%' and a scope */

typedef struct Address {
        AddressFamily family;
        uint8_t bytes[16];              /* IPV4: 4, IPV6: 16, FC: node name then port name */
        char scope[ADDRESS_SCOPE_SIZE]; /* IPV6 only: the interface behind '%', else "" */
        uint32_t name_hash;             /* NAME only: the text itself stays with its owner */
} Address;

/* Never fails: what is neither empty, IP nor FC is a name. t decides between FC and the others. */
Address address_parse(Transport t, const char *s);

/* n bytes of the address of a tcp or rdma controller, as the kernel would read them
 * (inet_pton_with_scope() in net/core/utils.c): any number of zeros in front of a number, and what
 * follows "a.b.c.d:" is passed over. What it does not read is a name, without a hash; so is a scope
 * that is longer than any interface's name, of which the kernel takes the beginning. */
Address address_parse_as_kernel(const char *s, size_t n);

/* An IP address in its one canonical spelling (RFC 5952; an IPv4-mapped one as IPv4), with "%scope"
 * where it is link-local. Returns buf, or NULL for what is not a valid IP address. */
const char *address_to_text(const Address *a, char buf[static ADDRESS_TEXT_SIZE]);

/* Total order by value; the scope does not take part (see tid_interface()). */
int address_compare(const Address *a, const Address *b);

bool address_is_ip(const Address *a);
/* 0.0.0.0, :: or empty: nothing can be connected there. */
bool address_is_unspecified(const Address *a);
/* fe80::/10: means nothing without an interface. */
bool address_is_link_local(const Address *a);

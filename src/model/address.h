/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A transport address by value, so that different spellings of an address compare equal. */

#include "base/macro.h"
#include "model/transport.h"

typedef enum AddressFamily {
        ADDRESS_NONE, /* empty */
        ADDRESS_IPV4, /* also ::ffff:a.b.c.d */
        ADDRESS_IPV6,
        ADDRESS_FC,   /* nn-0x…:pn-0x…, some write a comma */
        ADDRESS_NAME, /* host name, or any address of the loop transport; compared ignoring case */
} AddressFamily;

#define ADDRESS_SCOPE_SIZE 16 /* IFNAMSIZ */
#define ADDRESS_TEXT_SIZE 64  /* INET6_ADDRSTRLEN, '%' and a scope */

typedef struct Address {
        AddressFamily family;
        uint8_t bytes[16];              /* IPV4: 4, IPV6: 16, FC: node name then port name */
        char scope[ADDRESS_SCOPE_SIZE]; /* IPV6 only: the interface after '%', else "" */
        uint32_t name_hash;             /* NAME only: the text itself remains with its owner */
} Address;

/* Never fails: anything that is not empty, IP or FC is a name. t selects between FC and the
 * others. */
Address address_parse(Transport t, const char *s);

/* Parses n bytes the way the kernel reads the address of a tcp or rdma controller
 * (inet_pton_with_scope() in net/core/utils.c): leading zeros of numbers are accepted, and anything
 * after "a.b.c.d:" is ignored. If the kernel rejects the text, the result is a name without a hash.
 * The same applies to a scope longer than any interface name, which the kernel would truncate. */
Address address_parse_as_kernel(const char *s, size_t n);

/* Formats an IP address in its canonical form (RFC 5952; IPv4-mapped ones as IPv4), with "%scope"
 * if it is link-local. Returns buf, or NULL if this is not a valid IP address. */
const char *address_to_text(const Address *a, char buf[static ADDRESS_TEXT_SIZE]);

/* Total order by value. The scope is ignored (see tid_interface()). */
int address_compare(const Address *a, const Address *b);

/* RFC 1123, 2.1: letters, digits, '-', '.', and '_'. The last label is never numeric, hence
 * 192.0.2.300 is not a name. */
bool address_is_host_name(const char *s);

bool address_is_ip(const Address *a);
/* 0.0.0.0, :: or empty: cannot be connected to. */
bool address_is_unspecified(const Address *a);
/* fe80::/10: meaningless without an interface. */
bool address_is_link_local(const Address *a);

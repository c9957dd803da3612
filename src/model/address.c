/* SPDX-License-Identifier: Apache-2.0 */

#include "model/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <endian.h>
#include <netinet/in.h>

#include "base/text.h"

/* Hashes the name in lower case. */
static uint32_t hash_name(const char *s)
{
        uint64_t hash = TEXT_HASH_BEGIN;
        for (; *s; s++) {
                char c = (char) tolower((unsigned char) *s);
                hash = text_hash_bytes(hash, &c, 1);
        }
        return (uint32_t) (hash ^ hash >> 32);
}

/* Parses a world wide name: 16 digits, optionally after "0x". */
static const char *parse_wwn(const char *s, uint8_t ret[static 8])
{
        if (s[0] == '0' && (s[1] | 0x20) == 'x')
                s += 2;
        for (size_t i = 0; i < 8; i++) {
                int byte = text_hex_byte(s + 2 * i);
                if (byte < 0)
                        return NULL;
                ret[i] = (uint8_t) byte;
        }
        return s + 16;
}

static bool parse_fc(const char *s, Address *ret)
{
        Address a = { .family = ADDRESS_FC };

        if (strncasecmp(s, "nn-", 3) != 0)
                return false;
        s = parse_wwn(s + 3, a.bytes);
        if (!s || (*s != ':' && *s != ',') || strncasecmp(s + 1, "pn-", 3) != 0)
                return false;
        s = parse_wwn(s + 4, a.bytes + 8);
        if (!s || *s)
                return false;
        *ret = a;
        return true;
}

/* ::ffff:a.b.c.d is a.b.c.d: both name the same socket, but only the latter works without IPv6. */
static Address unmap(const Address *a)
{
        Address ipv4 = { .family = ADDRESS_IPV4 };

        if (!IN6_IS_ADDR_V4MAPPED((const struct in6_addr *) (const void *) a->bytes))
                return *a;
        memcpy(ipv4.bytes, a->bytes + 12, 4);
        return ipv4;
}

static bool parse_ipv4(const char *s, Address *ret)
{
        Address a = { .family = ADDRESS_IPV4 };
        if (inet_pton(AF_INET, s, a.bytes) != 1)
                return false;
        *ret = a;
        return true;
}

static bool parse_ipv6(const char *s, Address *ret)
{
        Address a = { .family = ADDRESS_IPV6 };
        char text[INET6_ADDRSTRLEN];
        size_t n = strlen(s);

        if (*s == '[') {
                if (n < 2 || s[n - 1] != ']')
                        return false;
                s++;
                n -= 2;
        }
        const char *percent = memchr(s, '%', n);
        if (percent) {
                size_t n_scope = n - (size_t) (percent + 1 - s);
                if (n_scope == 0 || n_scope >= sizeof(a.scope))
                        return false;
                memcpy(a.scope, percent + 1, n_scope);
                n = (size_t) (percent - s);
        }
        if (n >= sizeof(text))
                return false;
        memcpy(text, s, n);
        text[n] = '\0';

        if (inet_pton(AF_INET6, text, a.bytes) != 1)
                return false;
        *ret = unmap(&a);
        return true;
}

#define HOST_NAME_LENGTH_MAX 253 /* RFC 1035, 2.3.4, without the dot of the root */

/* Parsing like the kernel. */

/* INET_ADDRSTRLEN and INET6_ADDRSTRLEN of include/linux/inet.h, without the terminator. */
#define KERNEL_IPV4_MAX 16
#define KERNEL_IPV6_MAX 48

/* inet_pton() rejects leading zeros. ret must have room for n bytes and the NUL. */
static void drop_leading_zeros(const char *s, size_t n, char *ret)
{
        bool inside = false;

        for (size_t i = 0; i < n; i++) {
                if (s[i] == '0' && !inside && i + 1 < n && text_hex_value(s[i + 1]) >= 0)
                        continue;
                inside = text_hex_value(s[i]) >= 0;
                *ret++ = s[i];
        }
        *ret = '\0';
}

static size_t length_up_to(const char *s, size_t n, char c)
{
        const char *end = memchr(s, c, n);

        return end ? (size_t) (end - s) : n;
}

/* Reads four numbers; ignores anything after a colon. */
static bool read_ipv4(const char *s, size_t n, Address *ret)
{
        char text[KERNEL_IPV4_MAX + 1];

        if (n > KERNEL_IPV4_MAX)
                return false;
        drop_leading_zeros(s, length_up_to(s, n, ':'), text);
        return parse_ipv4(text, ret);
}

/* A scope is only used for link-local addresses; after a dotted quad, anything from a colon on is
 * ignored. */
static bool read_ipv6(const char *s, size_t n, Address *ret)
{
        char text[KERNEL_IPV6_MAX + 1];
        Address a = { .family = ADDRESS_IPV6 };

        if (n > KERNEL_IPV6_MAX)
                return false;
        size_t n_address = length_up_to(s, n, '%');
        size_t n_words = length_up_to(s, n_address, '.');
        n_address = n_words + length_up_to(s + n_words, n_address - n_words, ':');
        drop_leading_zeros(s, n_address, text);
        if (inet_pton(AF_INET6, text, a.bytes) != 1)
                return false;

        size_t n_scope = n - n_address;
        if (n_scope > 0 && s[n_address] == '%' && address_is_link_local(&a)) {
                /* The kernel would truncate a longer name to one that was not given. */
                if (n_scope == 1 || n_scope > sizeof(a.scope))
                        return false;
                memcpy(a.scope, s + n_address + 1, n_scope - 1);
        }
        *ret = unmap(&a);
        return true;
}

Address address_parse_as_kernel(const char *s, size_t n)
{
        Address a;

        if (read_ipv4(s, n, &a) || read_ipv6(s, n, &a))
                return a;
        return (Address) { .family = n > 0 ? ADDRESS_NAME : ADDRESS_NONE };
}

const char *address_to_text(const Address *a, char buf[static ADDRESS_TEXT_SIZE])
{
        int family = a->family == ADDRESS_IPV4 ? AF_INET : AF_INET6;

        if (!address_is_ip(a) || !inet_ntop(family, a->bytes, buf, ADDRESS_TEXT_SIZE))
                return NULL;
        if (*a->scope && address_is_link_local(a)) {
                strcat(buf, "%");
                strcat(buf, a->scope);
        }
        return buf;
}

Address address_parse(Transport t, const char *s)
{
        Address a;
        if (text_is_empty(s))
                return (Address) { .family = ADDRESS_NONE };

        switch (t) {
        case TRANSPORT_FC:
                if (parse_fc(s, &a))
                        return a;
                break;
        case TRANSPORT_TCP:
        case TRANSPORT_RDMA:
                if (parse_ipv4(s, &a) || parse_ipv6(s, &a))
                        return a;
                break;
        case TRANSPORT_LOOP:
        case _TRANSPORT_MAX:
        case _TRANSPORT_INVALID:
                break;
        }
        return (Address) { .family = ADDRESS_NAME, .name_hash = hash_name(s) };
}

bool address_is_host_name(const char *s)
{
        size_t n = strlen(s), n_label = 0;
        bool numeric = true;

        if (n == 0 || n > HOST_NAME_LENGTH_MAX)
                return false;
        for (size_t i = 0; i < n; i++) {
                char c = s[i];
                if (c == '.') {
                        if (n_label == 0)
                                return false;
                        if (i + 1 == n)
                                break;
                        n_label = 0;
                        numeric = true;
                        continue;
                }
                bool digit = text_is_digit(c);
                bool letter = ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
                if (!digit && !letter && (c != '-' || n_label == 0))
                        return false;
                numeric = numeric && digit;
                if (++n_label > 63)
                        return false;
        }
        return !numeric;
}

/* Used in every search of the engine's trees, hence eight bytes at a time, without a call. */
static int compare_half(const uint8_t *a, const uint8_t *b)
{
        uint64_t x, y;

        memcpy(&x, a, sizeof(x));
        memcpy(&y, b, sizeof(y));
        if (x == y)
                return 0;
        return be64toh(x) < be64toh(y) ? -1 : 1;
}

int address_compare(const Address *a, const Address *b)
{
        if (a->family != b->family)
                return a->family < b->family ? -1 : 1;
        if (a->name_hash != b->name_hash)
                return a->name_hash < b->name_hash ? -1 : 1;
        int r = compare_half(a->bytes, b->bytes);
        return r != 0 ? r : compare_half(a->bytes + 8, b->bytes + 8);
}

bool address_is_ip(const Address *a)
{
        return a->family == ADDRESS_IPV4 || a->family == ADDRESS_IPV6;
}

bool address_is_unspecified(const Address *a)
{
        static const uint8_t zeros[sizeof(a->bytes)];
        return a->family == ADDRESS_NONE ||
               (address_is_ip(a) && memcmp(a->bytes, zeros, sizeof(zeros)) == 0);
}

bool address_is_link_local(const Address *a)
{
        return a->family == ADDRESS_IPV6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

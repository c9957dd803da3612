/* SPDX-License-Identifier: Apache-2.0 */

#include "model/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <endian.h>
#include <netinet/in.h>

#include "base/text.h"

/* FNV-1a over lower case. */
static uint32_t hash_name(const char *s)
{
        uint32_t hash = 2166136261U;
        for (; *s; s++)
                hash = (hash ^ (uint32_t) tolower((unsigned char) *s)) * 16777619U;
        return hash;
}

static int hex_value(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -EINVAL;
}

/* "0x" (optional) and 16 digits: a world wide name. */
static const char *parse_wwn(const char *s, uint8_t ret[static 8])
{
        if (s[0] == '0' && (s[1] | 0x20) == 'x')
                s += 2;
        for (size_t i = 0; i < 8; i++) {
                int high = hex_value(s[2 * i]);
                int low = high < 0 ? high : hex_value(s[2 * i + 1]);
                if (low < 0)
                        return NULL;
                ret[i] = (uint8_t) (high << 4 | low);
        }
        return s + 16;
}

static bool parse_fc(const char *s, Address *ret)
{
        Address a = { .family = ADDRESS_FC };

        if (strncasecmp(s, "nn-", 3) != 0)
                return false;
        s = parse_wwn(s + 3, a.bytes);
        if (!s || strncasecmp(s, ":pn-", 4) != 0)
                return false;
        s = parse_wwn(s + 4, a.bytes + 8);
        if (!s || *s)
                return false;
        *ret = a;
        return true;
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
        if (IN6_IS_ADDR_V4MAPPED((const struct in6_addr *) (const void *) a.bytes)) {
                Address mapped = { .family = ADDRESS_IPV4 };
                memcpy(mapped.bytes, a.bytes + 12, 4);
                a = mapped;
        }
        *ret = a;
        return true;
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

/* In every search of the engine's trees: eight bytes at a time, and no call. */
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

/* SPDX-License-Identifier: Apache-2.0 */

#include "model/tid.h"

#include <limits.h>
#include <stdio.h>

#include "base/text.h"

#define PORT_SIZE sizeof("65535")

/* A part of a Tid's text before it is copied; not NUL-terminated. */
typedef struct Slice {
        const char *start;
        size_t length;
} Slice;

static Slice slice_trim(const char *s)
{
        s = text_or(s, "");
        while (text_is_space(*s))
                s++;
        size_t n = strlen(s);
        while (n > 0 && text_is_space(s[n - 1]))
                n--;
        return (Slice) { s, n };
}

static Slice slice_unbracket(Slice s)
{
        if (s.length >= 2 && s.start[0] == '[' && s.start[s.length - 1] == ']')
                return (Slice) { s.start + 1, s.length - 2 };
        return s;
}

static const char *append_slice(Tid *t, char **end, Slice s)
{
        char *start = *end;
        memcpy(start, s.start, s.length);
        start[s.length] = '\0';
        if (!text_is_printable(start)) {
                text_make_printable(start);
                t->garbled = true;
        }
        *end = start + s.length + 1;
        return start;
}

typedef struct TidSlices {
        Transport transport;
        bool garbled;
        Slice traddr, trsvcid, subsysnqn, host_traddr, host_iface, host_nqn;
} TidSlices;

static int tid_build(const TidSlices *s, Tid **ret)
{
        size_t n = s->traddr.length + s->trsvcid.length + s->subsysnqn.length +
                   s->host_traddr.length + s->host_iface.length + s->host_nqn.length + 6;
        Tid *t = malloc(sizeof(*t) + n);
        if (!t)
                return -ENOMEM;

        char *end = t->text;
        t->transport = s->transport;
        t->garbled = s->garbled;
        t->traddr = append_slice(t, &end, s->traddr);
        t->trsvcid = append_slice(t, &end, s->trsvcid);
        t->subsysnqn = append_slice(t, &end, s->subsysnqn);
        t->host_traddr = append_slice(t, &end, s->host_traddr);
        t->host_iface = append_slice(t, &end, s->host_iface);
        t->host_nqn = append_slice(t, &end, s->host_nqn);
        t->address = address_parse(t->transport, t->traddr);
        t->host_address = address_parse(t->transport, t->host_traddr);
        *ret = t;
        return 0;
}

/* A comma would end the option for the kernel. */
static void make_fc_canonical(Slice *s, char buf[static ADDRESS_TEXT_SIZE])
{
        if (s->length >= ADDRESS_TEXT_SIZE)
                return;
        memcpy(buf, s->start, s->length);
        buf[s->length] = '\0';
        char *comma = strchr(buf, ',');
        if (!comma || address_parse(TRANSPORT_FC, buf).family != ADDRESS_FC)
                return;
        *comma = ':';
        s->start = buf;
}

/* Converts a tcp, rdma or fc address to canonical form, stored in buf. */
static void make_canonical(Transport t, Slice *s, char buf[static ADDRESS_TEXT_SIZE])
{
        if (t == TRANSPORT_FC)
                make_fc_canonical(s, buf);
        if (t != TRANSPORT_TCP && t != TRANSPORT_RDMA)
                return;
        const Address a = address_parse_as_kernel(s->start, s->length);
        if (address_to_text(&a, buf))
                *s = (Slice) { buf, strlen(buf) };
}

/* Decimal, as in the specification, even with leading zeros, which the kernel would read as octal;
 * plus the other forms that the kernel accepts (kstrtou16(), base 0): '+', "0x". */
static int parse_port(Slice s, unsigned *ret)
{
        unsigned port = 0, base = 10;

        if (s.length > 0 && s.start[0] == '+')
                s = (Slice) { s.start + 1, s.length - 1 };
        if (s.length > 2 && s.start[0] == '0' && (s.start[1] | 0x20) == 'x') {
                s = (Slice) { s.start + 2, s.length - 2 };
                base = 16;
        }
        for (size_t i = 0; i < s.length; i++) {
                int digit = text_hex_value(s.start[i]);
                if (digit < 0 || (unsigned) digit >= base)
                        return -EINVAL;
                port = port * base + (unsigned) digit;
                if (port > UINT16_MAX)
                        return -EINVAL;
        }
        if (port == 0)
                return -EINVAL;
        *ret = port;
        return 0;
}

/* Some transports have no service; whatever a log page says ("none") is ignored for them. */
static int parse_service(Transport t, ControllerKind kind, Slice *s, char buf[static PORT_SIZE])
{
        const char *fallback = transport_default_service(t, kind);
        unsigned port;

        if (!fallback || s->length == 0) {
                *s = slice_trim(fallback);
                return 0;
        }
        int r = parse_port(*s, &port);
        if (r < 0)
                return r;
        (void) snprintf(buf, PORT_SIZE, "%u", port);
        *s = (Slice) { buf, strlen(buf) };
        return 0;
}

static int check_address(const Tid *t)
{
        if (t->transport == TRANSPORT_LOOP)
                return 0;
        if (address_is_unspecified(&t->address))
                return -EADDRNOTAVAIL;
        /* Host names contain no '%', so this is an IPv6 address with an invalid interface as its
         * scope. */
        if (t->address.family == ADDRESS_NAME && strchr(t->traddr, '%'))
                return -EINVAL;
        return 0;
}

int tid_new(const TidFields *fields, ControllerKind kind, Tid **ret)
{
        char traddr[ADDRESS_TEXT_SIZE], host_traddr[ADDRESS_TEXT_SIZE], port[PORT_SIZE];
        Slice transport = slice_trim(fields->transport);
        TidSlices s = {
                .transport = _TRANSPORT_INVALID,
                .traddr = slice_unbracket(slice_trim(fields->traddr)),
                .trsvcid = slice_trim(fields->trsvcid),
                .subsysnqn = slice_trim(fields->subsysnqn),
                .host_traddr = slice_unbracket(slice_trim(fields->host_traddr)),
                .host_iface = slice_trim(fields->host_iface),
                .host_nqn = slice_trim(fields->host_nqn),
        };
        for (Transport t = 0; t < _TRANSPORT_MAX; t++) {
                const char *name = transport_to_string(t);
                if (strlen(name) == transport.length &&
                    strncasecmp(name, transport.start, transport.length) == 0)
                        s.transport = t;
        }

        if (s.subsysnqn.length == 0 && kind == CONTROLLER_DISCOVERY)
                s.subsysnqn = slice_trim(NQN_DISCOVERY);
        if (s.transport < 0 || s.subsysnqn.length == 0 || s.subsysnqn.length > NQN_MAX ||
            s.host_nqn.length > NQN_MAX || s.host_iface.length >= ADDRESS_SCOPE_SIZE)
                return -EINVAL;
        int r = parse_service(s.transport, kind, &s.trsvcid, port);
        if (r < 0)
                return r;
        make_canonical(s.transport, &s.traddr, traddr);
        make_canonical(s.transport, &s.host_traddr, host_traddr);

        Tid *t;
        r = tid_build(&s, &t);
        if (r < 0)
                return r;
        r = check_address(t);
        if (r < 0) {
                (void) tid_free(t);
                return r;
        }
        *ret = t;
        return 0;
}

Tid *tid_free(Tid *t)
{
        free(t);
        return NULL;
}

static int tid_copy(const Tid *t, const char *host_iface, Tid **ret)
{
        /* No trimming, the parts of a Tid are clean. */
        TidSlices s = {
                .transport = t->transport,
                .garbled = t->garbled,
                .traddr = { t->traddr, strlen(t->traddr) },
                .trsvcid = { t->trsvcid, strlen(t->trsvcid) },
                .subsysnqn = { t->subsysnqn, strlen(t->subsysnqn) },
                .host_traddr = { t->host_traddr, strlen(t->host_traddr) },
                .host_iface = { host_iface, strlen(host_iface) },
                .host_nqn = { t->host_nqn, strlen(t->host_nqn) },
        };
        return tid_build(&s, ret);
}

int tid_dup(const Tid *t, Tid **ret)
{
        return tid_copy(t, t->host_iface, ret);
}

int tid_dup_without_interface(const Tid *t, Tid **ret)
{
        return tid_copy(t, "", ret);
}

void tid_fields(const Tid *t, TidFields *ret)
{
        *ret = (TidFields) {
                .transport = transport_to_string(t->transport),
                .traddr = t->traddr,
                .trsvcid = t->trsvcid,
                .subsysnqn = t->subsysnqn,
                .host_traddr = t->host_traddr,
                .host_iface = t->host_iface,
                .host_nqn = t->host_nqn,
        };
}

const char *tid_interface(const Tid *t)
{
        if (*t->host_iface)
                return t->host_iface;
        return address_is_link_local(&t->address) ? t->address.scope : "";
}

/* Names must be compared as well, because hashes may collide. */
static int compare_address(const Address *a, const char *a_text, const Address *b,
                           const char *b_text)
{
        int r = address_compare(a, b);
        if (r != 0 || a->family != ADDRESS_NAME)
                return r;
        return strcasecmp(a_text, b_text);
}

int tid_compare_portal(const Tid *a, const Tid *b)
{
        if (a->transport != b->transport)
                return a->transport < b->transport ? -1 : 1;
        int r = compare_address(&a->address, a->traddr, &b->address, b->traddr);
        if (r != 0)
                return r;
        return strcmp(a->trsvcid, b->trsvcid);
}

static int compare_host_side(const Tid *a, const Tid *b)
{
        int r = compare_address(&a->host_address, a->host_traddr, &b->host_address, b->host_traddr);
        if (r != 0)
                return r;
        return strcmp(tid_interface(a), tid_interface(b));
}

int tid_compare_path(const Tid *a, const Tid *b)
{
        int r = tid_compare_portal(a, b);

        return r != 0 ? r : compare_host_side(a, b);
}

int tid_compare(const Tid *a, const Tid *b)
{
        int r = tid_compare_portal(a, b);
        if (r != 0)
                return r;
        r = strcmp(a->subsysnqn, b->subsysnqn);
        if (r != 0)
                return r;
        r = strcmp(a->host_nqn, b->host_nqn);
        if (r != 0)
                return r;
        return compare_host_side(a, b);
}

uint64_t tid_hash(const Tid *t)
{
        const char *parts[] = { t->traddr,      t->trsvcid,    t->subsysnqn,
                                t->host_traddr, t->host_iface, t->host_nqn };
        uint64_t hash = text_hash(TEXT_HASH_BEGIN, transport_to_string(t->transport));

        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                hash = text_hash(text_hash(hash, "/"), parts[i]);
        return hash ? hash : 1;
}

char *tid_to_string(const Tid *t)
{
        const char *parts[] = { t->traddr, t->trsvcid, t->subsysnqn, t->host_traddr,
                                t->host_iface };
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_append(&b, "(");
        text_buffer_append(&b, transport_to_string(t->transport));
        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                if (*parts[i]) {
                        text_buffer_append(&b, ", ");
                        text_buffer_append(&b, parts[i]);
                }
        text_buffer_append(&b, ")");
        return text_buffer_take(&b);
}

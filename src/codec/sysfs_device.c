/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/sysfs_device.h"

#include <limits.h>

#include "base/text.h"

static char **address_field(SysfsAddress *a, const char *key, size_t n)
{
        const struct {
                const char *key;
                char **value;
        } fields[] = {
                { "traddr", &a->traddr },           { "trsvcid", &a->trsvcid },
                { "host_traddr", &a->host_traddr }, { "host_iface", &a->host_iface },
                { "src_addr", &a->src_addr },
        };
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                if (strlen(fields[i].key) == n && memcmp(fields[i].key, key, n) == 0)
                        return fields[i].value;
        return NULL;
}

static int parse_pair(const char *pair, size_t n, SysfsAddress *a)
{
        const char *equals = memchr(pair, '=', n);
        if (!equals || equals == pair)
                return -EBADMSG;

        char **field = address_field(a, pair, (size_t) (equals - pair));
        if (!field)
                return 0;
        /* Duplicate key: there is no way to know which one is meant. */
        if (*field)
                return -EBADMSG;
        *field = strndup(equals + 1, n - (size_t) (equals + 1 - pair));
        return *field ? 0 : -ENOMEM;
}

int sysfs_address_parse(const char *text, SysfsAddress *ret)
{
        _cleanup_(sysfs_address_done) SysfsAddress a = { 0 };
        size_t length = strcspn(text, "\n");

        /* Loop controllers have none of the options: their address is empty. */
        for (const char *s = text, *end = text + length; s < end;) {
                size_t n = strcspn(s, ",\n");
                int r = parse_pair(s, n, &a);
                if (r < 0)
                        return r;
                s += n + 1;
        }
        *ret = a;
        a = (SysfsAddress) { 0 };
        return 0;
}

static int parse_uevent_line(const char *line, size_t n, SysfsAddress *a)
{
        const struct {
                const char *key;
                char **value;
        } fields[] = {
                { "NVME_TRADDR=", &a->traddr },
                { "NVME_TRSVCID=", &a->trsvcid },
                { "NVME_HOST_TRADDR=", &a->host_traddr },
                { "NVME_HOST_IFACE=", &a->host_iface },
        };
        for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
                size_t key_length = strlen(fields[i].key);
                if (n < key_length || memcmp(line, fields[i].key, key_length) != 0)
                        continue;
                if (*fields[i].value)
                        return -EBADMSG;
                char *value = *fields[i].value = strndup(line + key_length, n - key_length);
                if (!value)
                        return -ENOMEM;
        }
        return 0;
}

/* The kernel prints this for an unset option. */
static void forget_none(char **value)
{
        if (*value && (streq(*value, "none") || streq(*value, "(null)"))) {
                free(*value);
                *value = NULL;
        }
}

int sysfs_uevent_parse(const char *text, SysfsAddress *ret)
{
        _cleanup_(sysfs_address_done) SysfsAddress a = { 0 };

        for (const char *s = text; *s;) {
                size_t n = strcspn(s, "\n");
                int r = parse_uevent_line(s, n, &a);
                if (r < 0)
                        return r;
                s += s[n] ? n + 1 : n;
        }
        forget_none(&a.traddr);
        forget_none(&a.trsvcid);
        forget_none(&a.host_traddr);
        forget_none(&a.host_iface);
        *ret = a;
        a = (SysfsAddress) { 0 };
        return 0;
}

void sysfs_address_done(SysfsAddress *a)
{
        free(a->traddr);
        free(a->trsvcid);
        free(a->host_traddr);
        free(a->host_iface);
        free(a->src_addr);
        *a = (SysfsAddress) { 0 };
}

void sysfs_attributes_done(SysfsAttributes *a)
{
        free(a->address);
        free(a->uevent);
        free(a->transport);
        free(a->state);
        free(a->subsysnqn);
        free(a->hostnqn);
        free(a->hostid);
        free(a->cntrltype);
        free(a->dctype);
        free(a->model);
        free(a->serial);
        free(a->kato);
        *a = (SysfsAttributes) { 0 };
}

/* Returns the attribute's text without newline and padding, "" if missing. Before a controller has
 * been identified, the kernel has no subsystem to print and its printf prints "(efault)" or
 * "(null)" instead (lib/vsprintf.c). */
static char *attribute_dup(const char *text)
{
        if (!text || streq(text, "(efault)\n") || streq(text, "(null)\n"))
                return strdup("");
        char *copy = strdup(text);
        if (!copy)
                return NULL;
        char *trimmed = text_trim(copy);
        text_make_printable(trimmed);
        memmove(copy, trimmed, strlen(trimmed) + 1);
        return copy;
}

bool sysfs_type_is_told(const char *cntrltype)
{
        return *cntrltype && !streq(cntrltype, "reserved");
}

/* Returns the kind reported by the driver, or, before 5.18 or if the controller does not report it,
 * the kind according to its NQN. The kernel treats this NQN as that of a discovery controller
 * regardless of what is reported. */
static ControllerKind kind_of(const char *cntrltype, const char *subsysnqn, bool is_stafds)
{
        if (streq(cntrltype, "discovery") || streq(subsysnqn, NQN_DISCOVERY))
                return CONTROLLER_DISCOVERY;
        return is_stafds && !sysfs_type_is_told(cntrltype) ? CONTROLLER_DISCOVERY : CONTROLLER_IO;
}

static int build_tid(const char *transport, const char *subsysnqn, const SysfsAttributes *a,
                     Device *d)
{
        _cleanup_(sysfs_address_done) SysfsAddress address = { 0 };
        _cleanup_free_ char *host_nqn = attribute_dup(a->hostnqn);
        if (!host_nqn)
                return -ENOMEM;

        int r = a->address ? sysfs_address_parse(a->address, &address)
                           : sysfs_uevent_parse(text_or(a->uevent, ""), &address);
        if (r < 0)
                return r;
        TidFields fields = {
                .transport = transport,
                .traddr = address.traddr,
                .trsvcid = address.trsvcid,
                .subsysnqn = subsysnqn,
                .host_traddr = address.host_traddr,
                .host_iface = address.host_iface,
                .host_nqn = host_nqn,
        };
        r = tid_new(&fields, d->kind, &d->tid);
        if (r < 0)
                return r == -ENOMEM ? r : -EBADMSG;
        d->src_address = address_parse(d->tid->transport, address.src_addr);
        d->source_hidden = a->shows_source && d->tid->transport == TRANSPORT_TCP &&
                           d->state != DEVICE_LIVE && d->src_address.family == ADDRESS_NONE;
        return 0;
}

int sysfs_device_build(int instance, const SysfsAttributes *a, Device **ret)
{
        _cleanup_free_ char *transport = attribute_dup(a->transport);
        _cleanup_free_ char *subsysnqn = attribute_dup(a->subsysnqn);
        _cleanup_free_ char *state = attribute_dup(a->state);
        if (!transport || !subsysnqn || !state)
                return -ENOMEM;
        if (!*transport)
                return -EBADMSG;
        if (transport_from_string(transport) < 0)
                return -EOPNOTSUPP;
        /* Check before tid_new(), which would set the well-known NQN for a discovery controller. */
        if (!*subsysnqn)
                return -EBADMSG;

        _cleanup_(device_freep) Device *d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;
        d->instance = instance;
        d->host_id = attribute_dup(a->hostid);
        d->model = attribute_dup(a->model);
        d->serial = attribute_dup(a->serial);
        d->cntrltype = attribute_dup(a->cntrltype);
        d->dctype = attribute_dup(a->dctype);
        if (!d->host_id || !d->model || !d->serial || !d->cntrltype || !d->dctype)
                return -ENOMEM;
        d->kind = kind_of(d->cntrltype, subsysnqn, a->is_stafds);
        d->state = device_state_from_string(state);
        d->no_keep_alive = a->kato && streq(a->kato, "0\n");

        int r = build_tid(transport, subsysnqn, a, d);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(d);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The input consists of attributes separated by NUL. If a device can be built from them, its
 * strings are clean, and parsing its address separately yields the same parts. */

#include <assert.h>
#include <string.h>

#include "codec/sysfs_device.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *next_text(const uint8_t **data, size_t *size)
{
        if (*size == 0)
                return NULL;
        const uint8_t *end = memchr(*data, '\0', *size);
        size_t n = end ? (size_t) (end - *data) : *size;
        char *text = strndup((const char *) *data, n);
        assert(text);
        n = end ? n + 1 : n;
        *data += n;
        *size -= n;
        return text;
}

static void check_clean(const char *s)
{
        assert(s);
        for (; *s; s++)
                assert((unsigned char) *s >= ' ' && *s != 0x7f);
}

static void check_address(const SysfsAttributes *attributes, const Device *d)
{
        SysfsAddress a;
        if (attributes->address)
                assert(sysfs_address_parse(attributes->address, &a) == 0);
        else
                assert(sysfs_uevent_parse(attributes->uevent ? attributes->uevent : "", &a) == 0);
        assert(d->tid->transport == TRANSPORT_LOOP || a.traddr);
        sysfs_address_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        SysfsAttributes a = { 0 };
        char **const fields[] = { &a.transport, &a.address, &a.subsysnqn, &a.hostnqn,
                                  &a.hostid,    &a.model,   &a.cntrltype, &a.dctype,
                                  &a.state,     &a.serial,  &a.uevent };
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                *fields[i] = next_text(&data, &size);

        Device *d = NULL;
        int r = sysfs_device_build(5, &a, &d);
        assert(r == 0 || r == -EBADMSG || r == -EOPNOTSUPP);
        if (r == 0) {
                assert(d->instance == 5 && !d->owner);
                assert(d->state >= 0 && d->state < _DEVICE_STATE_MAX);
                assert(*d->tid->subsysnqn && strlen(d->tid->subsysnqn) <= NQN_MAX);
                check_clean(d->model);
                check_clean(d->serial);
                check_clean(d->tid->subsysnqn);
                check_clean(d->tid->host_nqn);
                check_address(&a, d);
        } else
                assert(!d);
        (void) device_free(d);
        sysfs_attributes_done(&a);
        return 0;
}

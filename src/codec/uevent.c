/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/uevent.h"

#include <limits.h>

#include "base/text.h"
#include "codec/nvme_name.h"

static UeventAction action_from_slice(const char *s, size_t n)
{
        static const struct {
                const char *name;
                UeventAction action;
        } names[] = {
                { "add", UEVENT_ADD },
                { "remove", UEVENT_REMOVE },
                { "change", UEVENT_CHANGE },
        };
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strlen(names[i].name) == n && memcmp(names[i].name, s, n) == 0)
                        return names[i].action;
        return UEVENT_OTHER;
}

/* "0x70f002", as printed by "%#x": 0 has no prefix. */
static int parse_aen(const char *s, uint32_t *ret)
{
        const char *digits = text_after(s, "0x");
        if (!digits)
                digits = s;

        uint32_t value = 0;
        size_t n = 0;
        for (; digits[n]; n++) {
                int digit = text_hex_value(digits[n]);
                if (n >= 8 || digit < 0)
                        return -EBADMSG;
                value = value << 4 | (uint32_t) digit;
        }
        if (n == 0)
                return -EBADMSG;
        *ret = value;
        return 0;
}

static NvmeEvent event_from_string(const char *s)
{
        if (streq(s, "connected"))
                return NVME_EVENT_CONNECTED;
        if (streq(s, "rediscover"))
                return NVME_EVENT_REDISCOVER;
        return NVME_EVENT_OTHER;
}

typedef struct Keys {
        const char *subsystem, *devname;
} Keys;

static int decode_pair(const char *pair, Keys *keys, Uevent *u)
{
        const char *value;

        if ((value = text_after(pair, "SUBSYSTEM=")))
                keys->subsystem = value;
        else if ((value = text_after(pair, "DEVNAME=")))
                keys->devname = value;
        else if ((value = text_after(pair, "NVME_EVENT=")))
                u->event = event_from_string(value);
        else if ((value = text_after(pair, "NVME_AEN=")))
                return parse_aen(value, &u->aen);
        return 0;
}

/* The kernel removes the block device of a namespace with the last path to it. */
static bool is_removed_namespace(UeventAction action, const Keys *keys)
{
        return action == UEVENT_REMOVE && streq_ptr(keys->subsystem, "block") &&
               nvme_name_is_namespace(keys->devname);
}

int uevent_decode(const char *data, size_t n, Uevent *ret)
{
        Uevent u = { .event = NVME_EVENT_NONE };
        Keys keys = { 0 };

        /* All strings end with NUL, including the last one, unless the message is truncated. */
        if (n == 0 || data[n - 1] != '\0')
                return -EBADMSG;
        const char *at = strchr(data, '@');
        if (!at || at == data)
                return -EBADMSG;
        u.action = action_from_slice(data, (size_t) (at - data));

        for (const char *s = data + strlen(data) + 1; s < data + n; s += strlen(s) + 1) {
                int r = decode_pair(s, &keys, &u);
                if (r < 0)
                        return r;
        }
        if (!keys.devname)
                return -ENODATA;
        if (is_removed_namespace(u.action, &keys)) {
                *ret = (Uevent) { .action = UEVENT_NAMESPACE_REMOVED, .instance = -1 };
                return 0;
        }
        if (!streq_ptr(keys.subsystem, "nvme"))
                return -ENODATA;
        /* The subsystem has no other names, but the driver may add some. */
        const char *number = text_after(keys.devname, "nvme");
        uint64_t instance;
        if (!number || text_to_u64(number, 0, INT_MAX, &instance) < 0)
                return -ENODATA;
        u.instance = (int) instance;
        *ret = u;
        return 0;
}

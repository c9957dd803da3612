/* SPDX-License-Identifier: Apache-2.0 */

#include "source/avahi_message.h"

#include <net/if.h>
#include <stdio.h>

#include "base/text.h"

int avahi_read_path(sd_bus_message *m, char **ret)
{
        const char *path;

        if (sd_bus_message_is_method_error(m, NULL))
                return -sd_bus_message_get_errno(m);
        int r = sd_bus_message_read(m, "o", &path);
        return r < 0 ? r : text_replace(ret, path);
}

const char *avahi_error_of(sd_bus_message *m)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);

        return e && e->message ? e->message : "a malformed answer";
}

int avahi_read_found(sd_bus_message *m, const MdnsKey *key, MdnsService *ret)
{
        MdnsService s = { .key = *key };
        const char *address;
        const void *data;
        size_t size;
        uint16_t port;

        int r = sd_bus_message_skip(m, "iissssi");
        if (r >= 0)
                r = sd_bus_message_read(m, "sq", &address, &port);
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "ay");
        txt_record_init(&s.txt);
        while (r >= 0 && (r = sd_bus_message_read_array(m, 'y', &data, &size)) > 0)
                txt_record_add(&s.txt, data, size);
        if (r < 0)
                return r;
        s.port = port;
        if (snprintf(s.address, sizeof(s.address), "%s", address) >= (int) sizeof(s.address))
                s.address[0] = '\0';
        if (!if_indextoname((unsigned) key->interface, s.interface))
                s.interface[0] = '\0';
        *ret = s;
        return 0;
}

int avahi_read_key(sd_bus_message *m, int type, MdnsKey *ret)
{
        MdnsKey key = { .type = type };
        const char *name;

        int r = sd_bus_message_read(m, "iis", &key.interface, &key.protocol, &name);
        if (r < 0)
                return r;
        if (snprintf(key.name, sizeof(key.name), "%s", name) >= (int) sizeof(key.name))
                return -E2BIG;
        *ret = key;
        return 0;
}

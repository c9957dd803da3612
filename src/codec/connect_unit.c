/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/connect_unit.h"

#include <stdio.h>

#include "base/text.h"

enum {
        UNIT_NAME_MAX = 255, /* of systemd, without the NUL */
};

/* Characters that are allowed in unit names, literal in a shell, and unchanged by `echo -e`. */
static bool is_plain(char c)
{
        return text_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c != '\0' && strchr("-_.:", c));
}

static void append_escaped(TextBuffer *b, const char *s)
{
        for (; *s; s++)
                if (is_plain(*s))
                        text_buffer_printf(b, "%c", *s);
                else
                        text_buffer_printf(b, "\\x%02x", (unsigned) (unsigned char) *s);
}

int connect_unit_name(int instance, const Tid *t, char **ret)
{
        const struct {
                const char *name, *value;
        } arguments[] = {
                { "transport", transport_to_string(t->transport) },
                { "traddr", t->traddr },
                { "trsvcid", t->trsvcid },
                { "host-traddr", t->host_traddr },
                { "host-iface", t->host_iface },
        };
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        if (t->garbled)
                return -EINVAL;
        text_buffer_printf(&b, "nvmf-connect@--device\\x3dnvme%d", instance);
        for (size_t i = 0; i < ELEMENTSOF(arguments); i++) {
                if (!*arguments[i].value)
                        continue;
                if (strchr(arguments[i].value, ' '))
                        return -EINVAL;
                text_buffer_printf(&b, "\\t--%s\\x3d", arguments[i].name);
                append_escaped(&b, arguments[i].value);
        }
        text_buffer_append(&b, ".service");

        _cleanup_free_ char *name = text_buffer_take(&b);
        if (!name)
                return -ENOMEM;
        if (strlen(name) > UNIT_NAME_MAX)
                return -ENAMETOOLONG;
        *ret = TAKE_PTR(name);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/line_field.h"

#include "base/text.h"

const char *const line_field_names[_FIELD_MAX] = {
        [FIELD_TRANSPORT] = "transport",
        [FIELD_TRADDR] = "traddr",
        [FIELD_TRSVCID] = "trsvcid",
        [FIELD_NQN] = "nqn",
        [FIELD_HOST_TRADDR] = "host-traddr",
        [FIELD_HOST_IFACE] = "host-iface",
        [FIELD_HOST_NQN] = "host-nqn",
        [FIELD_HOST_ID] = "host-id",
        [FIELD_DHCHAP_SECRET] = "dhchap-secret",
        [FIELD_DHCHAP_CTRL_SECRET] = "dhchap-ctrl-secret",
};

/* In addition to '_' instead of '-', which is accepted in all names. */
static const struct {
        const char *name, *canonical;
} aliases[] = {
        { "subsysnqn", "nqn" },
        { "hostnqn", "host-nqn" },
        { "hostid", "host-id" },
        { "keep-alive-tmo", "kato" },
        { "dhchap-key", "dhchap-secret" },
        { "dhchap-ctrl-key", "dhchap-ctrl-secret" },
};

const char *line_field_canonical(const char *name, char buf[static LINE_FIELD_NAME_SIZE])
{
        size_t n = strlen(name);

        if (n >= LINE_FIELD_NAME_SIZE)
                return name;
        for (size_t i = 0; i <= n; i++)
                buf[i] = name[i];
        for (char *p = buf; (p = strchr(p, '_'));)
                *p = '-';
        for (size_t i = 0; i < ELEMENTSOF(aliases); i++)
                if (streq(buf, aliases[i].name))
                        return aliases[i].canonical;
        return buf;
}

LineField line_field_from_name(const char *name)
{
        for (int f = 0; f < _FIELD_MAX; f++)
                if (streq(name, line_field_names[f]))
                        return (LineField) f;
        return _FIELD_INVALID;
}

const char *line_field_meant(const char *name)
{
        char buf[LINE_FIELD_NAME_SIZE];

        name = line_field_canonical(name, buf);
        for (int f = 0; f < _FIELD_MAX; f++)
                if (text_is_close(name, line_field_names[f]))
                        return line_field_names[f];
        for (Setting s = 0; s < _SETTING_MAX; s++)
                /* "tos" is close to "tls", which is a setting of other versions. */
                if (s != SETTING_TOS && text_is_close(name, setting_info(s)->key))
                        return setting_info(s)->key;
        for (size_t i = 0; i < ELEMENTSOF(aliases); i++)
                if (text_is_close(name, aliases[i].name))
                        return aliases[i].canonical;
        return NULL;
}

bool line_field_asks_for_security(const char *name, const char *value)
{
        static const char *const words[] = { "tls",    "psk",     "dhchap", "dhhc",
                                             "secret", "keyring", "concat", "key" };
        bool on;

        if (text_to_bool(value, &on) == 0 && !on)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcasestr(name, words[i]))
                        return true;
        return strcasestr(value, "DHHC-1") != NULL;
}

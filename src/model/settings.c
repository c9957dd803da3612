/* SPDX-License-Identifier: Apache-2.0 */

#include "model/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *const persistent_choices[_PERSISTENT_MAX] = {
        [PERSISTENT_AUTO] = "auto",
        [PERSISTENT_NO] = "no",
        [PERSISTENT_FORCE] = "force",
};

#define NUMBER(key, option, min, max)                                                              \
        {                                                                                          \
                key, option, false, min, max, NULL                                                 \
        }
#define SWITCH(key, option)                                                                        \
        {                                                                                          \
                key, option, true, 0, 1, NULL                                                      \
        }

/* Limits are those of nvmf_parse_options() in drivers/nvme/host/fabrics.c, which rejects the whole
 * connect if a value is out of range. */
static const SettingInfo infos[_SETTING_MAX] = {
        [SETTING_KATO] = NUMBER("kato", "keep_alive_tmo", 0, INT32_MAX),
        [SETTING_QUEUE_SIZE] = NUMBER("queue-size", "queue_size", 16, 1024),
        [SETTING_RECONNECT_DELAY] = NUMBER("reconnect-delay", "reconnect_delay", 1, INT32_MAX),
        [SETTING_CTRL_LOSS_TMO] = NUMBER("ctrl-loss-tmo", "ctrl_loss_tmo", -1, INT32_MAX),
        [SETTING_FAST_IO_FAIL_TMO] = NUMBER("fast-io-fail-tmo", "fast_io_fail_tmo", -1, INT32_MAX),
        [SETTING_TOS] = NUMBER("tos", "tos", 0, UINT8_MAX),
        [SETTING_NR_IO_QUEUES] = NUMBER("nr-io-queues", "nr_io_queues", 1, UINT16_MAX),
        [SETTING_NR_WRITE_QUEUES] = NUMBER("nr-write-queues", "nr_write_queues", 1, UINT16_MAX),
        [SETTING_NR_POLL_QUEUES] = NUMBER("nr-poll-queues", "nr_poll_queues", 1, UINT16_MAX),
        [SETTING_HDR_DIGEST] = SWITCH("hdr-digest", "hdr_digest"),
        [SETTING_DATA_DIGEST] = SWITCH("data-digest", "data_digest"),
        [SETTING_DISABLE_SQFLOW] = SWITCH("disable-sqflow", "disable_sqflow"),
        [SETTING_DUPLICATE_CONNECT] = SWITCH("duplicate-connect", "duplicate_connect"),
        [SETTING_PERSISTENT] = { "persistent", "", false, 0, _PERSISTENT_MAX - 1,
                                 persistent_choices },
};

const SettingInfo *setting_info(Setting s)
{
        return &infos[s];
}

Setting setting_from_key(const char *key)
{
        for (Setting s = 0; key && s < _SETTING_MAX; s++)
                if (streq(key, infos[s].key))
                        return s;
        return _SETTING_INVALID;
}

void settings_init(Settings *s)
{
        for (size_t i = 0; i < _SETTING_MAX; i++)
                s->value[i] = SETTING_DEFAULT;
}

int settings_set(Settings *settings, Setting s, int64_t number)
{
        if (number < infos[s].min || number > infos[s].max)
                return -ERANGE;
        settings->value[s] = (int32_t) number;
        return 0;
}

static int parse_choice(const SettingInfo *info, const char *value)
{
        for (int32_t i = 0; i <= info->max; i++)
                if (streq(value, info->choices[i]))
                        return i;
        return -EINVAL;
}

int settings_parse(Settings *settings, Setting s, const char *value)
{
        const SettingInfo *info = &infos[s];
        int number;

        if (info->is_switch) {
                bool on;
                int r = text_to_bool(value, &on);
                if (r < 0)
                        return r;
                number = on;
        } else if (info->choices) {
                number = parse_choice(info, value);
                if (number < 0)
                        return number;
        } else {
                int r = text_to_int(value, info->min, info->max, &number);
                if (r < 0)
                        return r;
        }
        settings->value[s] = number;
        return 0;
}

int settings_parse_more(Settings *settings, Setting s, const char *value)
{
        static const char hex_digits[] = "0123456789abcdefABCDEF";
        const SettingInfo *info = &infos[s];
        const char *hex = text_after(value, "0x") ?: text_after(value, "0X");

        if (!*value) {
                settings->value[s] = SETTING_RESET;
                return 0;
        }
        if (info->is_switch && value[1] == '\0') {
                const char *letter = strchr("yYtTnNfF", *value);
                if (!letter)
                        return settings_parse(settings, s, value);
                settings->value[s] = strchr("yYtT", *value) != NULL;
                return 0;
        }
        if (info->is_switch || info->choices || !hex)
                return settings_parse(settings, s, value);
        if (!*hex || hex[strspn(hex, hex_digits)])
                return -EINVAL;
        errno = 0;
        unsigned long long number = strtoull(hex, NULL, 16);
        if (errno != 0 || number > INT32_MAX || (int32_t) number < info->min ||
            (int32_t) number > info->max)
                return -ERANGE;
        settings->value[s] = (int32_t) number;
        return 0;
}

Settings settings_over(const Settings *base, const Settings *over)
{
        Settings merged = *base;
        for (size_t i = 0; i < _SETTING_MAX; i++)
                if (over->value[i] != SETTING_DEFAULT)
                        merged.value[i] = over->value[i];
        return merged;
}

Settings settings_merge(const Settings *base, const Settings *over)
{
        Settings merged = settings_over(base, over);
        for (size_t i = 0; i < _SETTING_MAX; i++)
                if (merged.value[i] == SETTING_RESET)
                        merged.value[i] = SETTING_DEFAULT;
        return merged;
}

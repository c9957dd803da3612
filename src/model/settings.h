/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Parameters of a connection: [Global] sets them for all, a controller= line for one. */

#include "base/macro.h"

/* SETTING_DEFAULT if unset: the default of the driver applies. Switches are 0 or 1. */
#define SETTING_DEFAULT INT32_MIN
/* Set to the default of the driver, so that what is inherited does not apply. */
#define SETTING_RESET (INT32_MIN + 1)

typedef enum Setting {
        SETTING_KATO,             /* seconds; keep_alive_tmo */
        SETTING_QUEUE_SIZE,       /* 16..1024 */
        SETTING_RECONNECT_DELAY,  /* seconds */
        SETTING_CTRL_LOSS_TMO,    /* seconds, -1: forever */
        SETTING_FAST_IO_FAIL_TMO, /* seconds, -1: off */
        SETTING_TOS,
        SETTING_NR_IO_QUEUES,
        SETTING_NR_WRITE_QUEUES,
        SETTING_NR_POLL_QUEUES,
        SETTING_HDR_DIGEST,
        SETTING_DATA_DIGEST,
        SETTING_DISABLE_SQFLOW,
        SETTING_DUPLICATE_CONNECT,
        SETTING_PERSISTENT, /* PERSISTENT_*; of discovery controllers, for the daemon only */
        _SETTING_MAX,
        _SETTING_INVALID = -EINVAL,
} Setting;

enum {
        PERSISTENT_AUTO, /* the default: hold the connection unless this is refused */
        PERSISTENT_NO,   /* disconnect as soon as the log was read */
        PERSISTENT_FORCE,
        _PERSISTENT_MAX,
};

typedef struct Settings {
        int32_t value[_SETTING_MAX];
} Settings;

typedef struct SettingInfo {
        const char *key;    /* in configuration files: "hdr-digest" */
        const char *option; /* in the kernel's option string: "hdr_digest"; "": not an option */
        bool is_switch;     /* has no value */
        int32_t min, max;
        const char *const *choices; /* names of the values from 0 to max, or NULL: numbers */
} SettingInfo;

const SettingInfo *setting_info(Setting s);
Setting setting_from_key(const char *key);

void settings_init(Settings *s);
/* Parses value according to the info of s. Returns 0, -EINVAL or -ERANGE. */
int settings_parse(Settings *settings, Setting s, const char *value);
/* The same for a number. Returns 0 or -ERANGE. */
int settings_set(Settings *settings, Setting s, int64_t number);
/* In addition, accepts the notation of the configuration of nvme-stas 3: hexadecimal numbers,
 * one-letter switches, and an empty value for SETTING_RESET. */
int settings_parse_more(Settings *settings, Setting s, const char *value);
/* Values set in over take precedence over base; SETTING_RESET remains. */
Settings settings_over(const Settings *base, const Settings *over);
/* In addition, SETTING_RESET becomes SETTING_DEFAULT: the values to connect with. */
Settings settings_merge(const Settings *base, const Settings *over);

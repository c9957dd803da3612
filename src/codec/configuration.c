/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/configuration.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/span.h"
#include "base/text.h"
#include "codec/controller_line.h"
#include "codec/excerpt.h"
#include "codec/ini.h"
#include "codec/line_field.h"

#define SECTION_GLOBAL "Global"
#define SECTION_DISCOVERY "Service Discovery"
#define SECTION_DC "Discovery controller connection management"
#define SECTION_IOC "I/O controller connection management"
#define SECTION_CONTROLLERS "Controllers"
#define SECTION_HOST "Host"

#define STAFD (1U << CONTROLLER_DISCOVERY)
#define STACD (1U << CONTROLLER_IO)
#define LATER (1U << 8) /* known in the files of nvme-stas 3 as well */

/* State while one file is applied to a Configuration. */
typedef struct Parser {
        const char *file;
        ControllerKind role;
        Configuration *c;
        Diagnostics *d;
        unsigned reported_section; /* line of the last one reported */
        uint64_t seen;             /* of keys[], in a file where each may be given once */
} Parser;

/* Returns 0, or -EINVAL if value is invalid. */
typedef int (*SetValue)(Configuration *c, const char *value);

typedef struct Key {
        const char *section, *name;
        unsigned roles; /* STAFD, STACD, LATER */
        SetValue set;   /* ignored if this and take are NULL */
        const char *expected;
        const char *remark;                                /* for names of other versions */
        int (*take)(const Parser *p, const IniItem *item); /* instead of set; 0 or -ENOMEM */
        SetValue set_later; /* instead of set, in the files of nvme-stas 3 */
        const char *scalar; /* the key of /etc/stas that sets the same; NULL: the same name */
} Key;

static int configuration_set_tron(Configuration *c, const char *value)
{
        return text_to_bool(value, &c->tron);
}

static int set_ignore_iface(Configuration *c, const char *value)
{
        return text_to_bool(value, &c->policy.ignore_iface);
}

static int set_lock_memory(Configuration *c, const char *value)
{
        bool on;

        if (streq(value, "auto"))
                c->lock_memory = LOCK_MEMORY_AUTO;
        else if (text_to_bool(value, &on) == 0)
                c->lock_memory = on ? LOCK_MEMORY_YES : LOCK_MEMORY_NO;
        else
                return -EINVAL;
        return 0;
}

static int set_pleo(Configuration *c, const char *value)
{
        return text_to_bool(value, &c->policy.pleo);
}

static int set_zeroconf(Configuration *c, const char *value)
{
        return text_to_bool(value, &c->zeroconf);
}

static int set_persistent_connections(Configuration *c, const char *value)
{
        return text_to_bool(value, &c->persistent_connections);
}

static int set_zeroconf_persistence(Configuration *c, const char *value)
{
        return span_parse(value, &c->zeroconf_persistence);
}

static int set_poll_minutes(Configuration *c, const char *value)
{
        int n;
        int r = text_to_int(value, 1, INT_MAX, &n);

        if (r < 0)
                return r;
        c->policy.poll_minutes = (unsigned) n;
        return 0;
}

static int set_ip_family(Configuration *c, const char *value)
{
        static const struct {
                const char *text;
                unsigned families;
        } choices[] = {
                { "ipv4", IP_FAMILY_IPV4 },
                { "ipv6", IP_FAMILY_IPV6 },
                { "ipv4+ipv6", IP_FAMILY_IPV4 | IP_FAMILY_IPV6 },
                { "ipv6+ipv4", IP_FAMILY_IPV4 | IP_FAMILY_IPV6 | IP_FAMILY_IPV6_FIRST },
        };

        for (size_t i = 0; i < ELEMENTSOF(choices); i++)
                if (streq(value, choices[i].text)) {
                        c->policy.ip_families = choices[i].families;
                        return 0;
                }
        return -EINVAL;
}

static int set_disconnect_scope(Configuration *c, const char *value)
{
        DisconnectScope scope = disconnect_scope_from_string(value);

        if (scope < 0)
                return -EINVAL;
        c->has_disconnect_scope = true;
        if (!c->keeps_all)
                c->policy.disconnect_scope = scope;
        return 0;
}

/* The equivalent in other versions. disconnect-scope takes precedence. */
static int set_no_disconnect(Configuration *c, bool on)
{
        if (on && !c->has_disconnect_scope)
                c->policy.disconnect_scope = DISCONNECT_NONE;
        return 0;
}

static int set_sticky_connections(Configuration *c, const char *value)
{
        bool on;

        return set_no_disconnect(c, text_to_bool(value, &on) == 0 && on);
}

static int set_honor_fabric_zoning(Configuration *c, const char *value)
{
        bool on;

        return set_no_disconnect(c, text_to_bool(value, &on) == 0 && !on);
}

/* The same key where it is the only one that decides. */
static int set_zoning(Configuration *c, const char *value)
{
        bool on;
        int r = text_to_bool(value, &on);

        if (r >= 0 && !c->keeps_all)
                c->policy.disconnect_scope = on ? DISCONNECT_ONLY_STAS : DISCONNECT_NONE;
        return r;
}

static int set_disconnect_trtypes(Configuration *c, const char *value)
{
        _cleanup_free_ char *copy = strdup(value);
        unsigned transports = 0;
        char *rest = copy;

        if (!copy)
                return -ENOMEM;
        while (rest) {
                Transport t = transport_from_string(text_trim(strsep(&rest, "+")));
                if (t != TRANSPORT_TCP && t != TRANSPORT_RDMA && t != TRANSPORT_FC)
                        return -EINVAL;
                transports |= 1U << t;
        }
        c->policy.disconnect_transports = transports;
        return 0;
}

/* A single failure may be normal, so one attempt proves nothing. */
static int set_connect_attempts_on_ncc(Configuration *c, const char *value)
{
        int n;
        int r = text_to_int(value, 0, INT_MAX, &n);

        if (r < 0)
                return r;
        c->policy.connect_attempts_on_ncc = n == 1 ? 2 : (unsigned) n;
        return 0;
}

static int set_disconnect_in_use(Configuration *c, const char *value)
{
        if (!streq(value, "defer") && !streq(value, "force"))
                return -EINVAL;
        c->policy.disconnect_in_use_force = streq(value, "force");
        return 0;
}

/* Earlier versions connected a discovery controller for such a line, which is stafd's. */
static bool is_of_subsystem(const Parser *p, const IniItem *item, const ControllerLine *line)
{
        if (!line->subsysnqn)
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line, "controller: nqn",
                                "missing; required for an I/O controller");
        else if (streq(line->subsysnqn, NQN_DISCOVERY))
                diagnostics_add(p->d, SEVERITY_WARNING, p->file, item->line, "controller: nqn",
                                "that of discovery controllers, which belong in stafd.conf; the "
                                "line is not used");
        else
                return true;
        return false;
}

static int take_controller(const Parser *p, const IniItem *item)
{
        Configuration *c = p->c;

        if (!*item->value)
                return 0;
        int r = ARRAY_RESERVE(c->controllers, c->n_allocated, c->n_controllers + 1);
        if (r < 0)
                return r;

        ControllerLine *line = &c->controllers[c->n_controllers];
        r = controller_line_parse(item->value, p->file, item->line, line, p->d);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (p->role == CONTROLLER_IO && !is_of_subsystem(p, item, line)) {
                controller_line_done(line);
                *line = (ControllerLine) { 0 };
                return 0;
        }
        c->n_controllers++;
        return 0;
}

static int take_exclude(const Parser *p, const IniItem *item)
{
        if (!*item->value)
                return 0;
        int r = exclude_line_parse(item->value, p->file, item->line, &p->c->policy.excludes, p->d);
        return r == -ENOMEM ? r : 0;
}

static const Key keys[] = {
        { SECTION_GLOBAL, "tron", STAFD | STACD | LATER, configuration_set_tron,
          .expected = "true or false" },
        { SECTION_GLOBAL, "ignore-iface", STAFD | STACD | LATER, set_ignore_iface,
          .expected = "true or false" },
        { SECTION_GLOBAL, "ip-family", STAFD | STACD | LATER, set_ip_family,
          .expected = "ipv4, ipv6, ipv4+ipv6 or ipv6+ipv4" },
        { SECTION_GLOBAL, "lock-memory", STAFD | STACD, set_lock_memory,
          .expected = "auto, yes or no" },
        { SECTION_GLOBAL, "pleo", STAFD | LATER, set_pleo, .expected = "enabled or disabled" },
        { SECTION_DISCOVERY, "zeroconf", STAFD | LATER, set_zeroconf,
          .expected = "enabled or disabled" },
        { SECTION_DC, "persistent-connections", STAFD, set_persistent_connections,
          .expected = "true or false" },
        { SECTION_DC, "zeroconf-connections-persistence", STAFD, set_zeroconf_persistence,
          .expected = "seconds, or a time span such as '3 days 5 hours'; -1 for no limit, 0 for no "
                      "time" },
        { SECTION_DC, "epcsd-poll-interval-minutes", STAFD | LATER, set_poll_minutes,
          .expected = "a number of minutes, 1 or more" },
        { SECTION_IOC, "disconnect-scope", STACD, set_disconnect_scope,
          .expected = "only-stas-connections, all-connections-matching-disconnect-trtypes or "
                      "no-disconnect" },
        { SECTION_IOC, "disconnect-trtypes", STACD, set_disconnect_trtypes,
          .expected = "tcp, rdma and fc joined by '+'" },
        { SECTION_IOC, "connect-attempts-on-ncc", STACD | LATER, set_connect_attempts_on_ncc,
          .expected = "a number, 0 for no limit" },
        { SECTION_IOC, "disconnect-in-use", STACD, set_disconnect_in_use,
          .expected = "defer or force" },
        { SECTION_CONTROLLERS, "controller", STAFD | STACD, .take = take_controller },
        { SECTION_CONTROLLERS, "exclude", STAFD | STACD, .take = take_exclude },
        /* Names of other versions. */
        { SECTION_GLOBAL, "persistent-connections", STAFD, set_persistent_connections,
          .expected = "true or false",
          .remark = "deprecated, use persistent-connections in [" SECTION_DC "]" },
        { SECTION_GLOBAL, "sticky-connections", STACD, set_sticky_connections,
          .remark = "deprecated, use disconnect-scope in [" SECTION_IOC "]" },
        { SECTION_GLOBAL, "udev-rule", STAFD | STACD, .remark = "no longer used; ignored" },
        { SECTION_DC, "dc-giveup-timeout", STAFD | LATER, .set_later = set_zeroconf_persistence,
          .scalar = "zeroconf-connections-persistence",
          .expected = "a time span such as 72hours, infinity or 0",
          .remark = "a key of nvme-stas 3; ignored; see zeroconf-connections-persistence" },
        { SECTION_IOC, "honor-fabric-zoning", STACD | LATER, set_honor_fabric_zoning,
          .set_later = set_zoning, .scalar = "disconnect-scope", .expected = "yes or no",
          .remark = "a key of nvme-stas 3, use disconnect-scope" },
        { SECTION_CONTROLLERS, "blacklist", STAFD | STACD, .take = take_exclude,
          .remark = "deprecated, use exclude" },
};

static bool key_is_for(const Key *key, ControllerKind role)
{
        return key->roles & (1U << role);
}

/* Keys are compared ignoring case, like in Python's configparser. */
static const Key *configuration_find_key(const Parser *p, const IniItem *item)
{
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (key_is_for(&keys[i], p->role) && streq(keys[i].section, item->section) &&
                    strcasecmp(keys[i].name, item->key) == 0)
                        return &keys[i];
        return NULL;
}

/* Returns the key most likely meant by an unknown name, preferably of the same section, or NULL.
 * Keys of [Global] are not considered in other sections, as none of them decides whether a
 * connection exists. */
static const Key *find_key_meant(const Parser *p, const IniItem *item)
{
        const Key *meant = NULL;

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                const Key *key = &keys[i];

                if (!key_is_for(key, p->role) || key->remark ||
                    !text_is_close(item->key, key->name))
                        continue;
                if (streq(key->section, item->section))
                        return key;
                if (!streq(key->section, SECTION_GLOBAL))
                        meant = meant ?: key;
        }
        return meant;
}

/* A discovery controller has no I/O queues, an I/O controller no log to poll. */
static bool setting_is_for(Setting s, ControllerKind role)
{
        if (s == SETTING_PERSISTENT)
                return role == CONTROLLER_DISCOVERY;
        return role == CONTROLLER_IO ||
               (s != SETTING_NR_IO_QUEUES && s != SETTING_NR_WRITE_QUEUES &&
                s != SETTING_NR_POLL_QUEUES);
}

static Setting find_setting(const Parser *p, const char *name)
{
        if (strcasecmp(name, "keep-alive-tmo") == 0)
                return SETTING_KATO;
        for (Setting s = 0; s < _SETTING_MAX; s++)
                if (setting_is_for(s, p->role) && strcasecmp(setting_info(s)->key, name) == 0)
                        return s;
        return _SETTING_INVALID;
}

static Setting find_setting_meant(const Parser *p, const char *name)
{
        for (Setting s = 0; s < _SETTING_MAX; s++)
                if (s != SETTING_TOS && setting_is_for(s, p->role) &&
                    text_is_close(name, setting_info(s)->key))
                        return s;
        return _SETTING_INVALID;
}

/* The setting that decides which connections to keep is not understood, so keep all until it is.
 * Returns true if the section is that of this setting. */
static bool doubt_section(const Parser *p, const char *section)
{
        if (!streq(section, SECTION_IOC))
                return false;
        p->c->keeps_all = true;
        p->c->policy.disconnect_scope = DISCONNECT_NONE;
        return true;
}

/* Explains text after the value: "kato=5;tron=true", "true # as before". Returns NULL if there is
 * none. */
static char *explain_rest(const Parser *p, const char *value)
{
        const char *rest = strpbrk(value, ";#");
        char *text = NULL;

        if (!rest)
                return NULL;
        size_t begin = 1 + strspn(rest + 1, " \t");
        _cleanup_free_ char *name = strndup(rest + begin, strcspn(rest + begin, " \t="));
        if (text_is_empty(name))
                return NULL;
        bool is_key = find_setting(p, name) >= 0;
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                is_key = is_key || strcasecmp(keys[i].name, name) == 0;
        if (is_key && asprintf(&text, "; %s must be on a separate line; neither is used", name) < 0)
                return NULL;
        return is_key ? text : strdup("; comments must be on separate lines");
}

static void report_bad_value(const Parser *p, const IniItem *item, const char *expected)
{
        _cleanup_free_ char *rest = explain_rest(p, item->value);
        char shown[EXCERPT_SIZE];

        diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line, item->key,
                        "%s is not valid, must be %s%s%s", excerpt_of_value(item->value, shown),
                        expected, text_or(rest, ""),
                        doubt_section(p, item->section) ? "; a start with it disconnects nothing"
                                                        : "");
}

static int take_key(const Parser *p, const Key *key, const IniItem *item)
{
        if (key->remark)
                diagnostics_add(p->d, SEVERITY_WARNING, p->file, item->line, key->name, "%s",
                                key->remark);
        if (key->take)
                return key->take(p, item);
        int r = key->set ? key->set(p->c, item->value) : 0;
        if (r == -ENOMEM)
                return r;
        if (r >= 0 && key->set && !key->remark)
                return configuration_remember(p->c, key->name, p->file, item->line);
        if (r < 0)
                report_bad_value(p, item, key->expected);
        return 0;
}

static int configuration_take_setting(const Parser *p, Setting s, const IniItem *item)
{
        const SettingInfo *info = setting_info(s);
        char expected[64] = "true or false";

        if (settings_parse(&p->c->policy.settings, s, item->value) >= 0)
                return configuration_remember(p->c, info->key, p->file, item->line);
        if (info->choices)
                (void) snprintf(expected, sizeof(expected), "no, auto or force");
        else if (!info->is_switch)
                (void) snprintf(expected, sizeof(expected), "a number from %d to %d", info->min,
                                info->max);
        report_bad_value(p, item, expected);
        return 0;
}

static void report_unknown_key(Diagnostics *d, const char *file, const IniItem *item)
{
        diagnostics_add(d, SEVERITY_WARNING, file, item->line, excerpt_of_key(item->key),
                        "unknown key in [%s]; ignored", item->section);
}

static void report_key_meant(Diagnostics *d, const char *file, const IniItem *item,
                             const char *name, const char *section)
{
        bool is_elsewhere = !streq(section, item->section);

        if (is_elsewhere && strcasecmp(name, item->key) == 0)
                diagnostics_add(d, SEVERITY_ERROR, file, item->line, name, "belongs in [%s]",
                                section);
        else
                diagnostics_add(d, SEVERITY_ERROR, file, item->line, excerpt_of_key(item->key),
                                "unknown key in [%s], did you mean %s%s%s%s?", item->section, name,
                                is_elsewhere ? " in [" : "", is_elsewhere ? section : "",
                                is_elsewhere ? "]" : "");
}

/* A name that is merely unknown may belong to another version. A probable misspelling is an error,
 * so that no setting is lost because of a typo. */
static void report_key(const Parser *p, const IniItem *item)
{
        char buf[LINE_FIELD_NAME_SIZE];
        const Key *key = find_key_meant(p, item);
        Setting s = streq(item->section, SECTION_GLOBAL) ? find_setting_meant(p, item->key)
                                                         : _SETTING_INVALID;

        if (key && (s < 0 || streq(key->section, item->section))) {
                (void) doubt_section(p, key->section);
                report_key_meant(p->d, p->file, item, key->name, key->section);
        } else if (s >= 0) {
                report_key_meant(p->d, p->file, item, setting_info(s)->key, SECTION_GLOBAL);
        } else if (streq(item->section, SECTION_CONTROLLERS) &&
                   line_field_from_name(line_field_canonical(item->key, buf)) >= 0) {
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line,
                                excerpt_of_key(item->key),
                                "is a field, not a key; write controller = "
                                "transport=tcp;traddr=...");
        } else {
                report_unknown_key(p->d, p->file, item);
        }
}

/* Returns the section of this daemon with this name, or a similar one if meant is true, or NULL. */
static const char *find_section(const Parser *p, const char *name, bool meant)
{
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (key_is_for(&keys[i], p->role) &&
                    (meant ? text_is_close(name, keys[i].section) : streq(name, keys[i].section)))
                        return keys[i].section;
        return NULL;
}

static void report_unknown_section(Diagnostics *d, const char *file, const IniItem *item,
                                   const char *meant)
{
        char shown[EXCERPT_SIZE];

        if (meant)
                diagnostics_add(d, SEVERITY_ERROR, file, item->section_line, NULL,
                                "unknown section %s, did you mean [%s]?",
                                excerpt_of_value(item->section, shown), meant);
        else
                diagnostics_add(d, SEVERITY_WARNING, file, item->section_line, NULL,
                                "unknown section %s, its keys are ignored",
                                excerpt_of_value(item->section, shown));
}

/* Sections of nvme-stas.conf of nvme-stas 3. Controllers named there must not be considered
 * gone. */
static bool report_later_section(const Parser *p, const IniItem *item)
{
        static const struct {
                const char *section;
                Severity severity;
                const char *instead;
        } later[] = {
                { "Discovery Controller", SEVERITY_ERROR,
                  "is not supported; write controller = transport=tcp;traddr=... in "
                  "[" SECTION_CONTROLLERS "] of stafd.conf" },
                { "Subsystem", SEVERITY_ERROR,
                  "is not supported; write controller = transport=tcp;traddr=...;nqn=... in "
                  "[" SECTION_CONTROLLERS "] of stacd.conf" },
                { SECTION_HOST, SEVERITY_ERROR,
                  "is not supported here; the host is configured in sys.conf" },
                { "Discovery Controller Defaults", SEVERITY_WARNING,
                  "is ignored; see [" SECTION_GLOBAL "] of stafd.conf" },
                { "I/O Controller Defaults", SEVERITY_WARNING,
                  "is ignored; see [" SECTION_GLOBAL "] of stacd.conf" },
        };

        for (size_t i = 0; i < ELEMENTSOF(later); i++)
                if (streq(item->section, later[i].section)) {
                        diagnostics_add(p->d, later[i].severity, p->file, item->section_line, NULL,
                                        "section [%s] of nvme-stas 3 %s", item->section,
                                        later[i].instead);
                        return true;
                }
        return false;
}

/* Reports a section once, not for each of its keys. */
static void report_section(Parser *p, const IniItem *item)
{
        const char *meant = find_section(p, item->section, true);

        if (p->reported_section == item->section_line)
                return;
        p->reported_section = item->section_line;
        if (report_later_section(p, item))
                return;
        if (meant)
                (void) doubt_section(p, meant);
        report_unknown_section(p->d, p->file, item, meant);
}

static int configuration_take_item(const IniItem *item, void *userdata)
{
        Parser *p = userdata;

        if (!find_section(p, item->section, false)) {
                report_section(p, item);
                return 0;
        }
        const Key *key = configuration_find_key(p, item);
        if (key)
                return take_key(p, key, item);
        Setting s = streq(item->section, SECTION_GLOBAL) ? find_setting(p, item->key)
                                                         : _SETTING_INVALID;
        if (s >= 0)
                return configuration_take_setting(p, s, item);
        report_key(p, item);
        return 0;
}

int configuration_parse(const char *file, const char *data, size_t n, ControllerKind role,
                        Configuration *c, Diagnostics *d)
{
        Parser p = { .file = file, .role = role, .c = c, .d = d };

        return ini_parse(file, data, n, INI_CONTINUED, configuration_take_item, &p, d);
}

/* A value that contradicts /etc/stas is an error; the one that disconnects less is used, else that
 * of /etc/stas. */
static int take_later_key(Parser *p, const Key *key, const IniItem *item)
{
        Configuration changed;
        const char *scalar = key->scalar ?: key->name;
        const char *where = configuration_where(p->c, scalar);

        memcpy(&changed, p->c, sizeof(changed));
        int r = (key->set_later ?: key->set)(&changed, item->value);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                report_bad_value(p, item, key->expected);
                return 0;
        }
        /* A copy, in which at most the value was set, so that padding is equal, too.
         * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
        bool differs = where && memcmp(&changed, p->c, sizeof(changed)) != 0;
        bool keeps_more = changed.policy.disconnect_scope == DISCONNECT_NONE &&
                          p->c->policy.disconnect_scope != DISCONNECT_NONE;
        if (differs)
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line, key->name,
                                "contradicts %s at %s; %s is used", scalar, where,
                                keeps_more ? "this value" : "the value there");
        if (!differs || keeps_more)
                memcpy(p->c, &changed, sizeof(changed));
        return 0;
}

static const Key *find_later_key(const Parser *p, const char *section, const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (key_is_for(&keys[i], p->role) && keys[i].roles & LATER &&
                    (!section || streq(keys[i].section, section)) &&
                    (!name || streq(keys[i].name, name)))
                        return &keys[i];
        return NULL;
}

static int take_later_item(const IniItem *item, void *userdata)
{
        Parser *p = userdata;

        if (!find_later_key(p, item->section, NULL)) {
                if (!item->key)
                        report_unknown_section(p->d, p->file, item, NULL);
                return 0;
        }
        if (!item->key)
                return 0;
        const Key *key = find_later_key(p, item->section, item->key);
        const Key *elsewhere = key ? NULL : find_later_key(p, NULL, item->key);
        if (elsewhere) {
                (void) doubt_section(p, elsewhere->section);
                report_key_meant(p->d, p->file, item, elsewhere->name, elsewhere->section);
                return 0;
        }
        if (!key) {
                report_unknown_key(p->d, p->file, item);
                return 0;
        }
        uint64_t bit = UINT64_C(1) << (key - keys);
        if (p->seen & bit) {
                (void) doubt_section(p, item->section);
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line, key->name,
                                "given twice; the first one is used");
                return 0;
        }
        p->seen |= bit;
        return take_later_key(p, key, item);
}

int configuration_parse_later(const char *file, const char *data, size_t n, ControllerKind role,
                              Configuration *c, Diagnostics *d)
{
        Parser p = { .file = file, .role = role, .c = c, .d = d };

        return ini_parse(file, data, n, INI_STRICT, take_later_item, &p, d);
}

typedef struct HostParser {
        const char *file;
        HostFile *h;
        Diagnostics *d;
        unsigned reported_section;
} HostParser;

static void free_wiped(char *s)
{
        if (s)
                explicit_bzero(s, strlen(s));
        free(s);
}

static int take_host_item(const IniItem *item, void *userdata)
{
        HostParser *p = userdata;
        const struct {
                const char *key;
                char **text;
        } texts[] = {
                { "nqn", &p->h->nqn },
                { "id", &p->h->id },
                { "symname", &p->h->symname },
                { "key", &p->h->key },
        };

        if (!streq(item->section, SECTION_HOST)) {
                if (p->reported_section != item->section_line)
                        report_unknown_section(
                                p->d, p->file, item,
                                text_is_close(item->section, SECTION_HOST) ? SECTION_HOST : NULL);
                p->reported_section = item->section_line;
                return 0;
        }
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (strcasecmp(item->key, texts[i].key) == 0) {
                        char *copy = strdup(item->value);
                        if (!copy)
                                return -ENOMEM;
                        free_wiped(*texts[i].text);
                        *texts[i].text = copy;
                        return 0;
                }
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (text_is_close(item->key, texts[i].key)) {
                        report_key_meant(p->d, p->file, item, texts[i].key, SECTION_HOST);
                        return 0;
                }
        report_unknown_key(p->d, p->file, item);
        return 0;
}

int host_file_parse(const char *file, const char *data, size_t n, HostFile *h, Diagnostics *d)
{
        HostParser p = { .file = file, .h = h, .d = d };

        return ini_parse(file, data, n, INI_CONTINUED, take_host_item, &p, d);
}

void host_file_done(HostFile *h)
{
        free(h->nqn);
        free(h->id);
        free(h->symname);
        free_wiped(h->key);
        *h = (HostFile) { 0 };
}

static bool is_word_end(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f' || !c;
}

char *host_value_first_word(const char *data, size_t n)
{
        size_t begin = 0, end;

        while (begin < n && is_word_end(data[begin]))
                begin++;
        for (end = begin; end < n && !is_word_end(data[end]);)
                end++;
        return end > begin ? strndup(data + begin, end - begin) : NULL;
}

int host_nqn_check(const char *nqn)
{
        return text_after(nqn, "nqn.") && strlen(nqn) <= NQN_MAX && !strchr(nqn, ' ') &&
                               nqn_is_usable(nqn)
                       ? 0
                       : -EINVAL;
}

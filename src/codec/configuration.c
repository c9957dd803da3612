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

#define SECTION_GLOBAL "Global"
#define SECTION_DISCOVERY "Service Discovery"
#define SECTION_DC "Discovery controller connection management"
#define SECTION_IOC "I/O controller connection management"
#define SECTION_CONTROLLERS "Controllers"
#define SECTION_HOST "Host"

#define STAFD (1U << CONTROLLER_DISCOVERY)
#define STACD (1U << CONTROLLER_IO)

/* One file on its way into a Configuration. */
typedef struct Parser {
        const char *file;
        ControllerKind role;
        Configuration *c;
        Diagnostics *d;
        char *unknown_section; /* the one last reported */
} Parser;

/* 0 or -EINVAL; the value is not one. */
typedef int (*SetValue)(Configuration *c, const char *value);

typedef struct Key {
        const char *section, *name;
        unsigned roles; /* STAFD, STACD */
        SetValue set;   /* NULL: once was a key, is ignored */
        const char *expected;
        const char *replacement; /* of an old name */
} Key;

static int set_tron(Configuration *c, const char *value)
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
        c->policy.disconnect_scope = scope;
        return 0;
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

/* One failure may be a normal one: a single attempt proves nothing. */
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

static const Key keys[] = {
        { SECTION_GLOBAL, "tron", STAFD | STACD, set_tron, "true or false", NULL },
        { SECTION_GLOBAL, "ignore-iface", STAFD | STACD, set_ignore_iface, "true or false", NULL },
        { SECTION_GLOBAL, "ip-family", STAFD | STACD, set_ip_family,
          "ipv4, ipv6, ipv4+ipv6 or ipv6+ipv4", NULL },
        { SECTION_GLOBAL, "lock-memory", STAFD | STACD, set_lock_memory, "auto, yes or no", NULL },
        { SECTION_GLOBAL, "pleo", STAFD, set_pleo, "enabled or disabled", NULL },
        { SECTION_DISCOVERY, "zeroconf", STAFD, set_zeroconf, "enabled or disabled", NULL },
        { SECTION_DC, "persistent-connections", STAFD, set_persistent_connections, "true or false",
          NULL },
        { SECTION_DC, "zeroconf-connections-persistence", STAFD, set_zeroconf_persistence,
          "seconds or a time span as '3 days 5 hours'; -1 for ever, 0 at once", NULL },
        { SECTION_IOC, "disconnect-scope", STACD, set_disconnect_scope,
          "only-stas-connections, all-connections-matching-disconnect-trtypes or no-disconnect",
          NULL },
        { SECTION_IOC, "disconnect-trtypes", STACD, set_disconnect_trtypes,
          "tcp, rdma and fc joined by '+'", NULL },
        { SECTION_IOC, "connect-attempts-on-ncc", STACD, set_connect_attempts_on_ncc,
          "a number, 0 for no limit", NULL },
        { SECTION_IOC, "disconnect-in-use", STACD, set_disconnect_in_use, "defer or force", NULL },
        /* Names of earlier versions. */
        { SECTION_GLOBAL, "persistent-connections", STAFD, set_persistent_connections,
          "true or false", "persistent-connections in [" SECTION_DC "]" },
        { SECTION_GLOBAL, "sticky-connections", STACD, NULL, NULL,
          "disconnect-scope in [" SECTION_IOC "]" },
        { SECTION_GLOBAL, "udev-rule", STAFD | STACD, NULL, NULL, NULL },
};

/* Keys are compared without case, as Python's configparser does. */
static const Key *find_key(const Parser *p, const IniItem *item)
{
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if ((keys[i].roles & (1U << p->role)) && streq(keys[i].section, item->section) &&
                    strcasecmp(keys[i].name, item->key) == 0)
                        return &keys[i];
        return NULL;
}

static Setting find_setting(const Parser *p, const char *name)
{
        for (int s = 0; s < _SETTING_MAX; s++) {
                bool queues = s == SETTING_NR_IO_QUEUES || s == SETTING_NR_WRITE_QUEUES ||
                              s == SETTING_NR_POLL_QUEUES;

                /* A discovery controller has no I/O queues. */
                if ((p->role == CONTROLLER_IO || !queues) &&
                    strcasecmp(setting_info((Setting) s)->key, name) == 0)
                        return (Setting) s;
        }
        return _SETTING_INVALID;
}

static void report_bad_value(const Parser *p, const IniItem *item, const char *expected)
{
        char shown[EXCERPT_SIZE];

        diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line, item->key,
                        "%s is not valid, must be %s", excerpt_of_value(item->value, shown),
                        expected);
}

static void report_unknown_key(Diagnostics *d, const char *file, const IniItem *item)
{
        diagnostics_add(d, SEVERITY_WARNING, file, item->line, excerpt_of_key(item->key),
                        "unknown key in [%s], is ignored", item->section);
}

static int take_key(const Parser *p, const Key *key, const IniItem *item)
{
        if (!key->set) {
                diagnostics_add(p->d, SEVERITY_WARNING, p->file, item->line, key->name,
                                "no longer used, is ignored%s%s", key->replacement ? "; see " : "",
                                text_or(key->replacement, ""));
                return 0;
        }
        if (key->replacement)
                diagnostics_add(p->d, SEVERITY_WARNING, p->file, item->line, key->name,
                                "deprecated, use %s", key->replacement);

        int r = key->set(p->c, item->value);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                report_bad_value(p, item, key->expected);
        return 0;
}

static void take_setting(const Parser *p, Setting s, const IniItem *item)
{
        const SettingInfo *info = setting_info(s);
        char expected[64] = "true or false";

        if (settings_parse(&p->c->policy.settings, s, item->value) >= 0)
                return;
        if (!info->is_switch)
                (void) snprintf(expected, sizeof(expected), "a number from %d to %d", info->min,
                                info->max);
        report_bad_value(p, item, expected);
}

static int take_controller(const Parser *p, const IniItem *item)
{
        Configuration *c = p->c;
        int r = ARRAY_RESERVE(c->controllers, c->n_allocated, c->n_controllers + 1);
        if (r < 0)
                return r;

        ControllerLine *line = &c->controllers[c->n_controllers];
        r = controller_line_parse(item->value, p->file, item->line, line, p->d);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (p->role == CONTROLLER_IO && !line->subsysnqn) {
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line, "controller: nqn",
                                "missing, an I/O controller is found by its NQN");
                controller_line_done(line);
                *line = (ControllerLine) { 0 };
                return 0;
        }
        c->n_controllers++;
        return 0;
}

static int take_controllers_item(const Parser *p, const IniItem *item)
{
        bool is_blacklist = strcasecmp(item->key, "blacklist") == 0;

        if (strcasecmp(item->key, "controller") == 0)
                return take_controller(p, item);
        if (is_blacklist)
                diagnostics_add(p->d, SEVERITY_WARNING, p->file, item->line, "blacklist",
                                "deprecated, use exclude");
        if (is_blacklist || strcasecmp(item->key, "exclude") == 0) {
                int r = exclude_line_parse(item->value, p->file, item->line, &p->c->policy.excludes,
                                           p->d);
                return r == -ENOMEM ? r : 0;
        }
        report_unknown_key(p->d, p->file, item);
        return 0;
}

static bool section_is_known(const Parser *p, const char *section)
{
        if (streq(section, SECTION_CONTROLLERS))
                return true;
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if ((keys[i].roles & (1U << p->role)) && streq(keys[i].section, section))
                        return true;
        return false;
}

/* Once for each section, not for each of its keys. */
static int report_unknown_section(Diagnostics *d, const char *file, char **reported,
                                  const IniItem *item)
{
        char shown[EXCERPT_SIZE];

        if (streq_ptr(*reported, item->section))
                return 0;
        diagnostics_add(d, SEVERITY_WARNING, file, item->line, NULL,
                        "unknown section %s, its keys are ignored",
                        excerpt_of_value(item->section, shown));
        return text_replace(reported, item->section);
}

static int take_item(const IniItem *item, void *userdata)
{
        Parser *p = userdata;

        if (!section_is_known(p, item->section))
                return report_unknown_section(p->d, p->file, &p->unknown_section, item);
        if (streq(item->section, SECTION_CONTROLLERS))
                return take_controllers_item(p, item);

        const Key *key = find_key(p, item);
        if (key)
                return take_key(p, key, item);
        Setting s = streq(item->section, SECTION_GLOBAL) ? find_setting(p, item->key)
                                                         : _SETTING_INVALID;
        if (s >= 0)
                take_setting(p, s, item);
        else
                report_unknown_key(p->d, p->file, item);
        return 0;
}

int configuration_parse(const char *file, const char *data, size_t n, ControllerKind role,
                        Configuration *c, Diagnostics *d)
{
        Parser p = { .file = file, .role = role, .c = c, .d = d };
        int r = ini_parse(file, data, n, take_item, &p, d);

        free(p.unknown_section);
        return r;
}

typedef struct HostParser {
        const char *file;
        HostFile *h;
        Diagnostics *d;
        char *unknown_section;
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

        if (!streq(item->section, SECTION_HOST))
                return report_unknown_section(p->d, p->file, &p->unknown_section, item);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (strcasecmp(item->key, texts[i].key) == 0) {
                        char *copy = strdup(item->value);
                        if (!copy)
                                return -ENOMEM;
                        free_wiped(*texts[i].text);
                        *texts[i].text = copy;
                        return 0;
                }
        report_unknown_key(p->d, p->file, item);
        return 0;
}

int host_file_parse(const char *file, const char *data, size_t n, HostFile *h, Diagnostics *d)
{
        HostParser p = { .file = file, .h = h, .d = d };
        int r = ini_parse(file, data, n, take_host_item, &p, d);

        free(p.unknown_section);
        return r;
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

/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/connection_file.h"

#include <stdio.h>

#include "base/array.h"
#include "base/text.h"
#include "codec/configuration.h"
#include "codec/controller_line.h"
#include "codec/excerpt.h"
#include "codec/ini.h"
#include "codec/line_field.h"
#include "model/host_id.h"

typedef enum SectionKind {
        SECTION_HOST,
        SECTION_DC_DEFAULTS,
        SECTION_IOC_DEFAULTS,
        SECTION_DC,
        SECTION_SUBSYSTEM,
        _SECTION_MAX,
        SECTION_SKIPPED = _SECTION_MAX, /* unknown, refused or of the other daemon */
} SectionKind;

#define IN(kind) (1U << (kind))
#define IN_DC (IN(SECTION_DC_DEFAULTS) | IN(SECTION_DC))
#define IN_ENDPOINT (IN(SECTION_DC) | IN(SECTION_SUBSYSTEM))
#define IN_ANY (IN(_SECTION_MAX) - 1)

static const struct {
        const char *name;
        ControllerKind role; /* of the daemon that reads it */
        bool for_both;
} section_infos[_SECTION_MAX] = {
        [SECTION_HOST] = { "Host", .for_both = true },
        [SECTION_DC_DEFAULTS] = { "Discovery Controller Defaults", .role = CONTROLLER_DISCOVERY },
        [SECTION_IOC_DEFAULTS] = { "I/O Controller Defaults", .role = CONTROLLER_IO },
        [SECTION_DC] = { "Discovery Controller", .role = CONTROLLER_DISCOVERY },
        [SECTION_SUBSYSTEM] = { "Subsystem", .role = CONTROLLER_IO },
};

typedef enum ConnectionKey {
        KEY_HOSTNQN,
        KEY_HOSTID,
        KEY_HOSTSYMNAME,
        KEY_NQN,
        KEY_CONTROLLER,
        _KEY_TEXT_MAX,
        KEY_SETTING = _KEY_TEXT_MAX, /* the first of the settings */
        _KEY_MAX = KEY_SETTING + _SETTING_MAX,
        _KEY_INVALID = -EINVAL,
} ConnectionKey;

static const struct {
        const char *name;
        unsigned sections;
} key_infos[_KEY_TEXT_MAX] = {
        [KEY_HOSTNQN] = { "hostnqn", IN(SECTION_HOST) },
        [KEY_HOSTID] = { "hostid", IN(SECTION_HOST) },
        [KEY_HOSTSYMNAME] = { "hostsymname", IN(SECTION_HOST) },
        [KEY_NQN] = { "nqn", IN_ENDPOINT },
        [KEY_CONTROLLER] = { "controller", IN_ENDPOINT },
};

/* A setting has the name that it has in /etc/stas, except for this one. */
static const char *setting_name(Setting s)
{
        return s == SETTING_KATO ? "keep-alive-tmo" : setting_info(s)->key;
}

/* An instance of a section. */
typedef struct Section {
        SectionKind kind;
        unsigned line;
        unsigned lines[_KEY_MAX]; /* where each key was given, 0: not */
        char *texts[_KEY_TEXT_MAX];
        Settings settings;
        bool failed; /* its controllers are not used */
} Section;

typedef struct Path {
        size_t section;
        ControllerLine line;
} Path;

typedef struct ConnectionsParser {
        const char *file;
        bool is_drop_in;
        Configuration *c;
        Diagnostics *d;
        Section *sections;
        size_t n_sections, n_sections_allocated;
        Path *paths;
        size_t n_paths, n_paths_allocated;
        size_t current; /* SIZE_MAX: none, keys are skipped */
} ConnectionsParser;

typedef struct ConnectionHost {
        char *nqn, *id, *where;
} ConnectionHost;

void connection_hosts_done(ConnectionHosts *h)
{
        for (size_t i = 0; i < h->n_items; i++) {
                free(h->items[i].nqn);
                free(h->items[i].id);
                free(h->items[i].where);
        }
        free(h->items);
        *h = (ConnectionHosts) { 0 };
}

static void connections_parser_done(ConnectionsParser *p)
{
        for (size_t i = 0; i < p->n_sections; i++)
                for (int k = 0; k < _KEY_TEXT_MAX; k++)
                        free(p->sections[i].texts[k]);
        for (size_t i = 0; i < p->n_paths; i++)
                controller_line_done(&p->paths[i].line);
        free(p->sections);
        free(p->paths);
}

static SectionKind section_kind(const char *name)
{
        for (int k = 0; k < _SECTION_MAX; k++)
                if (streq(name, section_infos[k].name))
                        return (SectionKind) k;
        return SECTION_SKIPPED;
}

static Section *find_only(ConnectionsParser *p, SectionKind kind)
{
        for (size_t i = 0; i < p->n_sections; i++)
                if (p->sections[i].kind == kind)
                        return &p->sections[i];
        return NULL;
}

static bool is_repeatable(SectionKind kind)
{
        return kind == SECTION_DC || kind == SECTION_SUBSYSTEM;
}

/* The keys of a second [Host] could be those of another host, so they are not mixed. */
static void take_again(ConnectionsParser *p, const Section *first, const IniItem *item)
{
        bool is_host = first->kind == SECTION_HOST;

        diagnostics_add(p->d, is_host ? SEVERITY_ERROR : SEVERITY_WARNING, p->file,
                        item->section_line, NULL, "[%s] was begun on line %u; %s", item->section,
                        first->line,
                        is_host ? "a file has one host, the section is ignored"
                                : "its keys are added to it");
        p->current = is_host ? SIZE_MAX : (size_t) (first - p->sections);
}

static int begin_section(ConnectionsParser *p, const IniItem *item)
{
        SectionKind kind = section_kind(item->section);
        char shown[EXCERPT_SIZE];

        p->current = SIZE_MAX;
        if (kind == SECTION_SKIPPED) {
                diagnostics_add(p->d, SEVERITY_WARNING, p->file, item->section_line, NULL,
                                "unknown section %s, its keys are ignored",
                                excerpt_of_value(item->section, shown));
                return 0;
        }
        if (!section_infos[kind].for_both && section_infos[kind].role != p->c->policy.role)
                return 0;
        const Section *first = is_repeatable(kind) ? NULL : find_only(p, kind);
        if (first) {
                take_again(p, first, item);
                return 0;
        }
        int r = ARRAY_RESERVE(p->sections, p->n_sections_allocated, p->n_sections + 1);
        if (r < 0)
                return r;
        p->current = p->n_sections++;
        p->sections[p->current] = (Section) { .kind = kind, .line = item->section_line };
        settings_init(&p->sections[p->current].settings);
        return 0;
}

static ConnectionKey find_key(const char *name)
{
        for (int k = 0; k < _KEY_TEXT_MAX; k++)
                if (streq(name, key_infos[k].name))
                        return (ConnectionKey) k;
        for (int s = 0; s < _SETTING_MAX; s++)
                if (streq(name, setting_name((Setting) s)))
                        return (ConnectionKey) (KEY_SETTING + s);
        return _KEY_INVALID;
}

static unsigned sections_of(ConnectionKey key)
{
        if (key < _KEY_TEXT_MAX)
                return key_infos[key].sections;
        return (Setting) (key - KEY_SETTING) == SETTING_PERSISTENT ? IN_DC : IN_ANY;
}

/* Without the security that was asked for, nothing is connected. */
static bool refuse_security(ConnectionsParser *p, Section *s, const IniItem *item)
{
        bool asks = line_field_asks_for_security(item->key, item->value);

        if (asks) {
                s->failed = true;
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line,
                                excerpt_of_key(item->key),
                                "not a supported security setting; the controllers of this %s are "
                                "not used",
                                is_repeatable(s->kind) ? "section" : "file");
        }
        return asks;
}

static int connection_file_take_path(ConnectionsParser *p, const IniItem *item)
{
        int r = ARRAY_RESERVE(p->paths, p->n_paths_allocated, p->n_paths + 1);
        if (r < 0)
                return r;
        Path *path = &p->paths[p->n_paths];
        r = controller_path_parse(item->value, p->file, item->line, &path->line, p->d);
        if (r < 0) {
                p->c->is_partial = true;
                return r == -ENOMEM ? r : 0;
        }
        path->section = p->current;
        p->n_paths++;
        return 0;
}

static void take_setting(ConnectionsParser *p, Section *section, Setting s, const IniItem *item)
{
        const SettingInfo *info = setting_info(s);
        char shown[EXCERPT_SIZE];

        if (settings_parse_more(&section->settings, s, item->value) >= 0)
                return;
        if (info->is_switch)
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line, item->key,
                                "%s is neither true nor false",
                                excerpt_of_value(item->value, shown));
        else if (info->choices)
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line, item->key,
                                "%s is not no, auto or force",
                                excerpt_of_value(item->value, shown));
        else
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line, item->key,
                                "%s is not a number from %d to %d",
                                excerpt_of_value(item->value, shown), info->min, info->max);
}

static bool is_nqn(const char *value)
{
        return *value && strlen(value) <= NQN_MAX && !strpbrk(value, " \t,") &&
               text_is_printable(value) && nqn_is_usable(value);
}

/* Returns the reason why the value of a text key is not valid, or NULL. */
static const char *check_text(ConnectionKey key, const char *value)
{
        if (key == KEY_HOSTNQN)
                return host_nqn_check(value) < 0
                               ? "must begin with 'nqn.' and have at most 223 bytes"
                               : NULL;
        if (key == KEY_HOSTID)
                return host_id_is_valid(value) ? NULL : "must be a UUID that is not zero";
        if (key == KEY_NQN)
                return is_nqn(value) ? NULL : "must be an NQN of at most 223 bytes";
        return text_is_printable(value) ? NULL : "must be printable UTF-8";
}

static int connection_file_take_text(ConnectionsParser *p, Section *section, ConnectionKey key,
                                     const IniItem *item)
{
        const char *reason = check_text(key, item->value);
        char shown[EXCERPT_SIZE];

        if (!reason)
                return text_replace(&section->texts[key], item->value);
        section->failed = true;
        diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line, item->key, "%s is not valid, %s",
                        excerpt_of_value(item->value, shown), reason);
        return 0;
}

static void report_wrong_section(ConnectionsParser *p, Section *s, const IniItem *item)
{
        s->failed = true;
        diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line, item->key,
                        "does not belong in [%s]", item->section);
}

static int connections_take_item(const IniItem *item, void *userdata)
{
        ConnectionsParser *p = userdata;

        if (!item->key)
                return begin_section(p, item);
        if (p->current == SIZE_MAX)
                return 0;
        Section *section = &p->sections[p->current];
        ConnectionKey key = find_key(item->key);
        if (key < 0) {
                if (!refuse_security(p, section, item))
                        diagnostics_add(p->d, SEVERITY_WARNING, p->file, item->line,
                                        excerpt_of_key(item->key), "unknown key in [%s]; ignored",
                                        item->section);
                return 0;
        }
        if (!(sections_of(key) & IN(section->kind))) {
                report_wrong_section(p, section, item);
                return 0;
        }
        if (key != KEY_CONTROLLER && section->lines[key] > 0) {
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, item->line, item->key,
                                "given twice in [%s], first on line %u, which is used",
                                item->section, section->lines[key]);
                return 0;
        }
        section->lines[key] = item->line;
        if (key == KEY_CONTROLLER)
                return connection_file_take_path(p, item);
        if (key < _KEY_TEXT_MAX)
                return connection_file_take_text(p, section, key, item);
        take_setting(p, section, (Setting) (key - KEY_SETTING), item);
        return 0;
}

static bool is_named_by(const ConnectionHost *h, const char *nqn, const char *id)
{
        return strcasecmp(text_or(h->id, ""), text_or(id, "")) == 0 && id &&
               !streq_ptr(h->nqn, nqn);
}

/* A host NQN belongs to one file, and a host ID to one host NQN. Returns 1 if the [Host] of the
 * file can be used. */
static int check_host(ConnectionsParser *p, Section *host, ConnectionHosts *hosts)
{
        const char *nqn = host->texts[KEY_HOSTNQN], *id = host->texts[KEY_HOSTID];

        if (!nqn && p->is_drop_in && !host->failed)
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, host->line, "hostnqn",
                                "missing; required in the [Host] of a drop-in");
        if (host->failed || (!nqn && p->is_drop_in))
                return 0;
        for (size_t i = 0; i < hosts->n_items; i++) {
                const ConnectionHost *other = &hosts->items[i];
                bool same_nqn = nqn && streq_ptr(other->nqn, nqn);

                if (!same_nqn && !is_named_by(other, nqn, id))
                        continue;
                diagnostics_add(p->d, SEVERITY_ERROR, p->file,
                                host->lines[same_nqn ? KEY_HOSTNQN : KEY_HOSTID],
                                same_nqn ? "hostnqn" : "hostid",
                                "%s; the controllers of this file are not used; see %s",
                                same_nqn ? "is that of another file"
                                         : "is that of another host NQN",
                                other->where);
                return 0;
        }
        int r = ARRAY_RESERVE(hosts->items, hosts->n_allocated, hosts->n_items + 1);
        if (r < 0)
                return r;
        ConnectionHost *h = &hosts->items[hosts->n_items++];
        r = text_replace(&h->nqn, nqn);
        if (r >= 0)
                r = text_replace(&h->id, id);
        if (r >= 0 && asprintf(&h->where, "%s:%u", p->file, host->line) < 0) {
                h->where = NULL;
                r = -ENOMEM;
        }
        return r < 0 ? r : 1;
}

/* Reports what is missing in a section, whose controllers cannot be used then. */
static void check_endpoint(ConnectionsParser *p, Section *s)
{
        const char *nqn = s->texts[KEY_NQN];

        if (s->kind == SECTION_SUBSYSTEM && !nqn && s->lines[KEY_NQN] == 0)
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, s->line, "nqn",
                                "missing; required in [Subsystem]");
        else if (s->kind == SECTION_SUBSYSTEM && streq_ptr(nqn, NQN_DISCOVERY))
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, s->lines[KEY_NQN], "nqn",
                                "that of discovery controllers, which belong in [Discovery "
                                "Controller]");
        else
                return;
        s->failed = true;
}

static void apply_defaults(ConnectionsParser *p, const Section *defaults)
{
        Settings *policy = &p->c->policy.settings;

        for (int s = 0; s < _SETTING_MAX; s++) {
                const char *name = setting_info((Setting) s)->key;
                const char *where = configuration_where(p->c, name);
                int32_t value = defaults->settings.value[s];

                if (value == SETTING_DEFAULT)
                        continue;
                if (value == SETTING_RESET)
                        value = SETTING_DEFAULT;
                if (where && policy->value[s] != value)
                        diagnostics_add(p->d, SEVERITY_ERROR, p->file,
                                        defaults->lines[KEY_SETTING + s], setting_name((Setting) s),
                                        "contradicts %s at %s; the value there is used", name,
                                        where);
                else
                        policy->value[s] = value;
        }
}

static int add_path(ConnectionsParser *p, Path *path, const Section *host,
                    const Settings *inherited)
{
        Configuration *c = p->c;
        const Section *section = &p->sections[path->section];
        ControllerLine *line = &path->line;

        int r = ARRAY_RESERVE(c->controllers, c->n_allocated, c->n_controllers + 1);
        if (r >= 0)
                r = text_replace(&line->subsysnqn, section->texts[KEY_NQN]);
        if (r >= 0 && host)
                r = text_replace(&line->host_nqn, host->texts[KEY_HOSTNQN]);
        if (r >= 0 && host)
                r = text_replace(&line->host_id, host->texts[KEY_HOSTID]);
        if (r < 0)
                return r;
        Settings settings = settings_over(inherited, &section->settings);
        line->settings = settings_over(&settings, &line->settings);
        line->of_section = true;
        c->controllers[c->n_controllers++] = *line;
        *line = (ControllerLine) { 0 };
        return 0;
}

/* The whole file is known now, as [Host] and the defaults apply wherever they are in it. */
static int connections_finish(ConnectionsParser *p, ConnectionHosts *hosts)
{
        bool is_stafd = p->c->policy.role == CONTROLLER_DISCOVERY;
        Section *host = find_only(p, SECTION_HOST);
        Section *defaults = find_only(p, is_stafd ? SECTION_DC_DEFAULTS : SECTION_IOC_DEFAULTS);
        int usable = host ? check_host(p, host, hosts) : 1;
        Settings inherited;

        if (usable < 0)
                return usable;
        settings_init(&inherited);
        if (defaults && p->is_drop_in)
                inherited = defaults->settings;
        else if (defaults)
                apply_defaults(p, defaults);
        if (host)
                inherited = settings_over(&inherited, &host->settings);
        if (defaults && defaults->failed)
                usable = 0;
        for (size_t i = 0; i < p->n_sections; i++)
                check_endpoint(p, &p->sections[i]);
        for (size_t i = 0; i < p->n_paths; i++) {
                if (!usable || p->sections[p->paths[i].section].failed) {
                        p->c->is_partial = true;
                        continue;
                }
                int r = add_path(p, &p->paths[i], host, &inherited);
                if (r < 0)
                        return r;
        }
        if (host && host->texts[KEY_HOSTSYMNAME])
                diagnostics_add(p->d, SEVERITY_WARNING, p->file, host->lines[KEY_HOSTSYMNAME],
                                "hostsymname", "not used; set symname in sys.conf");
        return 0;
}

int connection_file_parse(const char *file, const char *data, size_t n, bool is_drop_in,
                          Configuration *c, ConnectionHosts *hosts, Diagnostics *d)
{
        _cleanup_(connections_parser_done) ConnectionsParser p = {
                .file = file,
                .is_drop_in = is_drop_in,
                .c = c,
                .d = d,
                .current = SIZE_MAX,
        };
        int r = ini_parse(file, data, n, INI_STRICT, connections_take_item, &p, d);

        return r < 0 ? r : connections_finish(&p, hosts);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/controller_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/configuration.h"
#include "codec/excerpt.h"
#include "codec/ini.h"
#include "codec/line_field.h"
#include "model/host_id.h"

/* The host-wide list uses the fields of nvme-cli: only these, in this spelling. */
static const char *const exclusion_names[_FIELD_MAX] = {
        [FIELD_TRANSPORT] = "transport",     [FIELD_TRADDR] = "traddr",
        [FIELD_TRSVCID] = "trsvcid",         [FIELD_NQN] = "nqn",
        [FIELD_HOST_TRADDR] = "host-traddr", [FIELD_HOST_IFACE] = "host-iface",
        [FIELD_HOST_NQN] = "hostnqn",
};

/* A line split into fields. The strings point into memory, which is erased, since some are
 * secrets. */
typedef struct Line {
        const char *file, *key; /* key: "controller", "exclude" or "exclusion" */
        const char *const *names;
        bool is_exclude;
        bool is_path;    /* of nvme-stas.conf */
        bool is_foreign; /* written by other programs: mistakes in it are not errors */
        unsigned number;
        Diagnostics *d;
        bool failed;
        char *memory;
        size_t memory_size;
        const char *fields[_FIELD_MAX]; /* NULL if unset */
} Line;

static void line_done(Line *l)
{
        if (l->memory)
                explicit_bzero(l->memory, l->memory_size);
        free(l->memory);
}

_printf_(4, 5) static void controller_line_complain(Line *l, Severity severity, const char *field,
                                                    const char *format, ...)
{
        bool is_error = severity == SEVERITY_ERROR;
        char reason[256], key[64];
        va_list args;

        va_start(args, format);
        (void) vsnprintf(reason, sizeof(reason), format, args);
        va_end(args);
        (void) snprintf(key, sizeof(key), "%s%s%s", l->key, field ? ": " : "", text_or(field, ""));
        diagnostics_add(l->d, l->is_foreign ? SEVERITY_WARNING : severity, l->file, l->number, key,
                        "%s%s", reason,
                        l->is_foreign && is_error ? "; the entry excludes nothing" : "");
        l->failed = l->failed || is_error;
}

/* Handles a "name=value" that is not one of the fields. Returns 1 if the name is known. */
typedef int (*OtherField)(Line *l, const char *name, const char *value, void *userdata);

static void report_unknown_field(Line *l, const char *name, const char *value, unsigned n)
{
        static const char not_used[] = "; the line is not used";
        const char *shown = excerpt_of_key(name), *meant = line_field_meant(name);
        char number[32];

        (void) snprintf(number, sizeof(number), "field %u", n);
        shown = text_or(shown, number);
        if (l->is_foreign)
                controller_line_complain(l, SEVERITY_ERROR, shown, "unknown field");
        else if (line_field_asks_for_security(name, value))
                controller_line_complain(l, SEVERITY_ERROR, shown,
                                         "not a supported security setting%s",
                                         l->is_exclude ? "" : not_used);
        else if (meant && !streq(meant, name))
                controller_line_complain(l, SEVERITY_ERROR, shown,
                                         "unknown field, did you mean %s?%s", meant,
                                         l->is_exclude ? "" : not_used);
        else
                controller_line_complain(l, l->is_exclude ? SEVERITY_ERROR : SEVERITY_WARNING,
                                         shown, "unknown field");
}

static LineField find_field(const Line *l, const char *name)
{
        if (!l->is_foreign)
                return line_field_from_name(name);
        for (int f = 0; f < _FIELD_MAX; f++)
                if (streq_ptr(name, l->names[f]))
                        return (LineField) f;
        return _FIELD_INVALID;
}

static bool is_field_of_path(LineField f)
{
        return f != FIELD_NQN && f < FIELD_HOST_NQN;
}

static void split_token(Line *l, char *token, unsigned n, OtherField other, void *userdata)
{
        char *equals = strchr(token, '='), buf[LINE_FIELD_NAME_SIZE];

        if (!equals) {
                controller_line_complain(l, SEVERITY_ERROR, NULL, "field %u has no '='", n);
                return;
        }
        *equals = '\0';
        const char *written = text_trim(token), *value = text_trim(equals + 1);
        const char *name = l->is_foreign ? written : line_field_canonical(written, buf);

        LineField f = find_field(l, name);
        if (l->is_path && f >= 0 && !is_field_of_path(f)) {
                controller_line_complain(l, SEVERITY_ERROR, written,
                                         "belongs to the section, not to a path");
                return;
        }
        if (f < 0) {
                if (!other || other(l, name, value, userdata) == 0)
                        report_unknown_field(l, written, value, n);
                return;
        }
        if (l->fields[f])
                controller_line_complain(l, l->is_path ? SEVERITY_ERROR : SEVERITY_WARNING,
                                         l->names[f], "given twice; %s",
                                         l->is_path ? "the line is not used"
                                                    : "the last one is used");
        l->fields[f] = value;
}

static int line_split(Line *l, const char *value, OtherField other, void *userdata)
{
        char *next;
        unsigned n = 0;

        l->memory_size = strlen(value) + 1;
        l->memory = strdup(value);
        if (!l->memory)
                return -ENOMEM;
        for (char *token = l->memory; token; token = next) {
                next = strchr(token, ';');
                if (next)
                        *next++ = '\0';
                token = text_trim(token);
                n++;
                if (*token)
                        split_token(l, token, n, other, userdata);
        }
        return 0;
}

/* "trsvcid=;" requests the default. */
static void drop_empty_fields(Line *l)
{
        for (int f = 0; f < _FIELD_MAX; f++)
                if (text_is_empty(l->fields[f]))
                        l->fields[f] = NULL;
}

static bool has_separator(const char *s)
{
        for (; *s; s++)
                if ((unsigned char) *s <= ' ' || *s == 0x7f || *s == ',')
                        return true;
        return false;
}

/* Its separator may be a comma, which tid_new() replaces. */
static bool is_fc_address(int field, const char *text)
{
        return (field == FIELD_TRADDR || field == FIELD_HOST_TRADDR) &&
               address_parse(TRANSPORT_FC, text).family == ADDRESS_FC;
}

/* No identity contains white space or control characters. A comma would end the option in the list
 * for the kernel and start another one. */
static void check_characters(Line *l)
{
        for (int f = 0; f < _FIELD_MAX; f++) {
                const char *text = text_or(l->fields[f], "");

                if (has_separator(text) && !is_fc_address(f, text))
                        controller_line_complain(
                                l, SEVERITY_ERROR, l->names[f],
                                "white space, a comma or a control character in it (fields end "
                                "with ';', comments must be on separate lines)");
                else if (!text_is_printable(text))
                        controller_line_complain(l, SEVERITY_ERROR, l->names[f],
                                                 "not printable UTF-8");
        }
}

static Transport check_transport(Line *l, bool required)
{
        const char *text = l->fields[FIELD_TRANSPORT];
        char shown[EXCERPT_SIZE];

        if (!text) {
                if (required)
                        controller_line_complain(l, SEVERITY_ERROR, "transport",
                                                 "missing; must be tcp, rdma, fc or loop");
                return _TRANSPORT_INVALID;
        }
        Transport t = transport_from_string(text);
        if (t < 0)
                controller_line_complain(l, SEVERITY_ERROR, "transport",
                                         "%s is not tcp, rdma, fc or loop",
                                         excerpt_of_value(text, shown));
        return t;
}

static void check_traddr(Line *l, Transport t)
{
        const char *text = l->fields[FIELD_TRADDR];
        char shown[EXCERPT_SIZE];

        if (t < 0 || t == TRANSPORT_LOOP)
                return;
        if (!text) {
                controller_line_complain(l, SEVERITY_ERROR, "traddr", "missing");
                return;
        }
        Address a = address_parse(t, text);
        if (t == TRANSPORT_FC && a.family != ADDRESS_FC) {
                controller_line_complain(l, SEVERITY_ERROR, "traddr",
                                         "%s is not a Fibre Channel address (nn-0x...:pn-0x...)",
                                         excerpt_of_value(text, shown));
                return;
        }
        if (a.family == ADDRESS_NAME && !address_is_host_name(text))
                controller_line_complain(l, SEVERITY_ERROR, "traddr",
                                         "%s is neither an IP address nor a host name",
                                         excerpt_of_value(text, shown));
        else if (address_is_unspecified(&a))
                controller_line_complain(l, SEVERITY_ERROR, "traddr",
                                         "%s is not an address that can be connected to",
                                         excerpt_of_value(text, shown));
        else if (address_is_link_local(&a) && !*a.scope && !l->fields[FIELD_HOST_IFACE])
                controller_line_complain(
                        l, SEVERITY_WARNING, "traddr",
                        "a link-local address cannot be reached without host-iface");
}

static void check_host_traddr(Line *l, Transport t)
{
        const char *text = l->fields[FIELD_HOST_TRADDR];
        char shown[EXCERPT_SIZE];

        if (!text || t < 0 || t == TRANSPORT_LOOP)
                return;
        Address a = address_parse(t, text);
        bool right = t == TRANSPORT_FC ? a.family == ADDRESS_FC : address_is_ip(&a);
        if (!right)
                controller_line_complain(
                        l, SEVERITY_ERROR, "host-traddr", "%s is not a valid %s address",
                        excerpt_of_value(text, shown), t == TRANSPORT_FC ? "Fibre Channel" : "IP");
}

/* Checks what each transport supports on the host side: allowed_opts and required_opts in
 * drivers/nvme/host/{rdma,fc}.c. */
static void check_host_end(Line *l, Transport t)
{
        check_host_traddr(l, t);
        if (t == TRANSPORT_FC && !l->fields[FIELD_HOST_TRADDR])
                controller_line_complain(l, SEVERITY_ERROR, "host-traddr",
                                         "missing; the kernel requires it for fc");
        if (t != TRANSPORT_RDMA || !l->fields[FIELD_HOST_IFACE])
                return;
        Address a = address_parse(t, text_or(l->fields[FIELD_TRADDR], ""));
        if (!address_is_link_local(&a))
                controller_line_complain(l, SEVERITY_WARNING, "host-iface",
                                         "ignored: rdma does not support it; use host-traddr");
}

static void check_trsvcid(Line *l, Transport t)
{
        const char *text = l->fields[FIELD_TRSVCID];
        char shown[EXCERPT_SIZE];
        uint64_t port;

        if (text && (t == TRANSPORT_TCP || t == TRANSPORT_RDMA) &&
            text_to_u64(text, 1, UINT16_MAX, &port) < 0)
                controller_line_complain(l, SEVERITY_ERROR, "trsvcid",
                                         "%s is not a port number (1 to 65535)",
                                         excerpt_of_value(text, shown));
}

static void check_names(Line *l)
{
        const char *nqn = l->fields[FIELD_NQN], *host_nqn = l->fields[FIELD_HOST_NQN],
                   *iface = l->fields[FIELD_HOST_IFACE];
        char shown[EXCERPT_SIZE];

        if (nqn && strlen(nqn) > NQN_MAX)
                controller_line_complain(l, SEVERITY_ERROR, "nqn", "longer than %d bytes", NQN_MAX);
        if (host_nqn && host_nqn_check(host_nqn) < 0)
                controller_line_complain(l, SEVERITY_ERROR, l->names[FIELD_HOST_NQN],
                                         "%s does not begin with 'nqn.' or is longer than %d bytes",
                                         excerpt_of_value(host_nqn, shown), NQN_MAX);
        if (l->fields[FIELD_HOST_ID] && !host_id_is_valid(l->fields[FIELD_HOST_ID]))
                controller_line_complain(l, SEVERITY_ERROR, l->names[FIELD_HOST_ID],
                                         "%s is not a UUID (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)",
                                         excerpt_of_value(l->fields[FIELD_HOST_ID], shown));
        if (iface && (strlen(iface) >= ADDRESS_SCOPE_SIZE || strpbrk(iface, "/:")))
                controller_line_complain(l, SEVERITY_ERROR, "host-iface",
                                         "%s is not the name of a network interface",
                                         excerpt_of_value(iface, shown));
}

/* The kernel requires this prefix (drivers/nvme/host/fabrics.c, nvmf_parse_options()). */
static void check_secret(Line *l, LineField f)
{
        if (l->fields[f] && (!text_after(l->fields[f], "DHHC-1:") || strlen(l->fields[f]) < 11))
                controller_line_complain(l, SEVERITY_ERROR, l->names[f],
                                         "not of the form DHHC-1:NN:...:");
}

/* Handles a connection parameter. An invalid value only drops the parameter, not the controller. */
static int controller_line_take_setting(Line *l, const char *name, const char *value,
                                        void *userdata)
{
        Settings *settings = userdata;
        Setting s = setting_from_key(name);
        if (s < 0)
                return 0;

        const SettingInfo *info = setting_info(s);
        char shown[EXCERPT_SIZE];
        bool again = l->is_path && settings->value[s] != SETTING_DEFAULT;
        if (again)
                controller_line_complain(l, SEVERITY_ERROR, name,
                                         "given twice; the line is not used");
        int r = l->is_path ? settings_parse_more(settings, s, value)
                           : settings_parse(settings, s, value);
        if (r < 0) {
                bool failed = l->failed;
                if (info->is_switch)
                        controller_line_complain(l, SEVERITY_ERROR, name,
                                                 "%s is neither true nor false",
                                                 excerpt_of_value(value, shown));
                else if (info->choices)
                        controller_line_complain(l, SEVERITY_ERROR, name,
                                                 "%s is not no, auto or force",
                                                 excerpt_of_value(value, shown));
                else
                        controller_line_complain(
                                l, SEVERITY_ERROR, name, "%s is not a number from %d to %d",
                                excerpt_of_value(value, shown), info->min, info->max);
                l->failed = failed;
        }
        return 1;
}

static char *where_text(const Line *l)
{
        char *where;

        return asprintf(&where, "%s:%u", l->file, l->number) < 0 ? NULL : where;
}

static int controller_line_fill(const Line *l, ControllerLine *c)
{
        const struct {
                LineField field;
                char **text;
        } texts[] = {
                { FIELD_TRANSPORT, &c->transport },     { FIELD_TRADDR, &c->traddr },
                { FIELD_TRSVCID, &c->trsvcid },         { FIELD_NQN, &c->subsysnqn },
                { FIELD_HOST_TRADDR, &c->host_traddr }, { FIELD_HOST_IFACE, &c->host_iface },
                { FIELD_HOST_NQN, &c->host_nqn },       { FIELD_HOST_ID, &c->host_id },
        };
        int r;

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                r = text_replace(texts[i].text, l->fields[texts[i].field]);
                if (r < 0)
                        return r;
        }
        c->where = where_text(l);
        if (!c->where)
                return -ENOMEM;
        if (l->fields[FIELD_DHCHAP_SECRET]) {
                r = secret_new(l->fields[FIELD_DHCHAP_SECRET], &c->dhchap_secret);
                if (r < 0)
                        return r;
        }
        if (l->fields[FIELD_DHCHAP_CTRL_SECRET])
                return secret_new(l->fields[FIELD_DHCHAP_CTRL_SECRET], &c->dhchap_ctrl_secret);
        return 0;
}

static int parse_controller(const char *value, const char *file, unsigned line, bool is_path,
                            ControllerLine *ret, Diagnostics *d)
{
        _cleanup_(line_done) Line l = {
                .file = file,
                .key = "controller",
                .names = line_field_names,
                .is_path = is_path,
                .number = line,
                .d = d,
        };
        ControllerLine c = { 0 };

        if (ini_is_option_line(value)) {
                controller_line_complain(&l, SEVERITY_ERROR, NULL,
                                         "has options of nvme-cli; write transport=tcp;traddr=...");
                return -EINVAL;
        }
        settings_init(&c.settings);
        int r = line_split(&l, value, controller_line_take_setting, &c.settings);
        if (r < 0)
                return r;

        drop_empty_fields(&l);
        check_characters(&l);
        if (!l.failed) {
                Transport t = check_transport(&l, true);
                check_traddr(&l, t);
                check_host_end(&l, t);
                check_trsvcid(&l, t);
                check_names(&l);
                check_secret(&l, FIELD_DHCHAP_SECRET);
                check_secret(&l, FIELD_DHCHAP_CTRL_SECRET);
        }
        if (l.failed)
                return -EINVAL;

        r = controller_line_fill(&l, &c);
        if (r < 0) {
                controller_line_done(&c);
                return r;
        }
        *ret = c;
        return 0;
}

int controller_line_parse(const char *value, const char *file, unsigned line, ControllerLine *ret,
                          Diagnostics *d)
{
        return parse_controller(value, file, line, false, ret, d);
}

int controller_path_parse(const char *value, const char *file, unsigned line, ControllerLine *ret,
                          Diagnostics *d)
{
        return parse_controller(value, file, line, true, ret, d);
}

/* Ignoring such a field would extend the rule to controllers that were not meant. */
static void check_exclusion(Line *l)
{
        for (int f = 0; f < _FIELD_MAX; f++) {
                if (l->fields[f] && f >= _FIELD_IDENTITY_MAX)
                        controller_line_complain(
                                l, SEVERITY_ERROR, l->names[f],
                                "does not distinguish one controller from another");
                else if (l->fields[f] && !*l->fields[f])
                        controller_line_complain(l, SEVERITY_ERROR, l->names[f], "has no value");
        }
}

static void check_excluded_address(Line *l)
{
        const char *text = l->fields[FIELD_TRADDR];
        char shown[EXCERPT_SIZE];

        if (!text || streq_ptr(l->fields[FIELD_TRANSPORT], "loop"))
                return;
        Address ip = address_parse(TRANSPORT_TCP, text), fc = address_parse(TRANSPORT_FC, text);
        if (ip.family == ADDRESS_NAME && fc.family != ADDRESS_FC && !address_is_host_name(text))
                controller_line_complain(l, SEVERITY_ERROR, "traddr", "%s is not an address",
                                         excerpt_of_value(text, shown));
}

static void check_excluded_name(Line *l)
{
        const char *text = l->fields[FIELD_TRADDR];
        char shown[EXCERPT_SIZE];

        if (text && address_is_host_name(text) && !streq_ptr(l->fields[FIELD_TRANSPORT], "loop"))
                controller_line_complain(
                        l, SEVERITY_WARNING, "traddr",
                        "%s is a host name, which matches no controller: they are compared by "
                        "address",
                        excerpt_of_value(text, shown));
}

static void check_excluded_family(Line *l)
{
        if (streq_ptr(l->fields[FIELD_NQN], "*"))
                controller_line_complain(l, SEVERITY_ERROR, "nqn",
                                         "nothing before the asterisk: it matches any NQN");
}

static void check_excluded_fields(Line *l)
{
        check_characters(l);
        if (l->failed)
                return;
        check_trsvcid(l, check_transport(l, false));
        check_excluded_address(l);
        check_names(l);
}

static int add_rule(Line *l, const char *transport, ExcludeList *list)
{
        _cleanup_free_ char *where = where_text(l);
        if (!where)
                return -ENOMEM;

        const TidFields fields = {
                .transport = transport,
                .traddr = l->fields[FIELD_TRADDR],
                .trsvcid = l->fields[FIELD_TRSVCID],
                .subsysnqn = l->fields[FIELD_NQN],
                .host_traddr = l->fields[FIELD_HOST_TRADDR],
                .host_iface = l->fields[FIELD_HOST_IFACE],
                .host_nqn = l->fields[FIELD_HOST_NQN],
        };
        return l->is_foreign ? exclude_list_add(list, &fields, where)
                             : exclude_list_add_family(list, &fields, where);
}

int exclude_line_parse(const char *value, const char *file, unsigned line, ExcludeList *list,
                       Diagnostics *d)
{
        _cleanup_(line_done) Line l = {
                .file = file,
                .key = "exclude",
                .names = line_field_names,
                .is_exclude = true,
                .number = line,
                .d = d,
        };

        int r = line_split(&l, value, NULL, NULL);
        if (r < 0)
                return r;
        if (l.fields[FIELD_HOST_TRADDR])
                controller_line_complain(&l, SEVERITY_WARNING, "host-traddr",
                                         "does not apply here; ignored");
        l.fields[FIELD_HOST_TRADDR] = NULL;
        check_exclusion(&l);
        check_excluded_fields(&l);
        check_excluded_family(&l);
        if (l.failed)
                return -EINVAL;

        check_excluded_name(&l);
        r = add_rule(&l, l.fields[FIELD_TRANSPORT], list);
        if (r == -EINVAL)
                controller_line_complain(&l, SEVERITY_ERROR, NULL,
                                         "has no field; it excludes nothing");
        return r;
}

static int take_host_id(Line *l, const char *name, const char *value, void *userdata)
{
        const char **id = userdata;

        if (!streq(name, "hostid"))
                return 0;
        if (*id)
                controller_line_complain(l, SEVERITY_WARNING, name,
                                         "given twice; the last one is used");
        if (!*value)
                controller_line_complain(l, SEVERITY_ERROR, name, "has no value");
        *id = value;
        return 1;
}

/* Names are only resolved for connecting; here they would never match. */
static void check_numeric_address(Line *l)
{
        const char *text = l->fields[FIELD_TRADDR], *transport = l->fields[FIELD_TRANSPORT];
        Transport t = transport ? transport_from_string(transport) : _TRANSPORT_INVALID;
        char shown[EXCERPT_SIZE];

        check_host_traddr(l, t);
        if (text && t >= 0 && t != TRANSPORT_LOOP && address_parse(t, text).family == ADDRESS_NAME)
                controller_line_complain(
                        l, SEVERITY_ERROR, "traddr", "%s is not a valid %s address",
                        excerpt_of_value(text, shown), t == TRANSPORT_FC ? "Fibre Channel" : "IP");
}

static bool gives_field(const Line *l)
{
        for (int f = 0; f < _FIELD_MAX; f++)
                if (l->fields[f])
                        return true;
        return false;
}

int exclusion_line_parse(const char *value, const char *file, unsigned line, const char *host_id,
                         ExcludeList *list, Diagnostics *d)
{
        _cleanup_(line_done) Line l = {
                .file = file,
                .key = "exclusion",
                .names = exclusion_names,
                .is_foreign = true,
                .number = line,
                .d = d,
        };
        const char *id = NULL;

        int r = line_split(&l, value, take_host_id, &id);
        if (r < 0)
                return r;
        check_exclusion(&l);
        check_excluded_fields(&l);
        if (!l.failed)
                check_numeric_address(&l);
        if (!l.failed && !id && !gives_field(&l))
                controller_line_complain(&l, SEVERITY_ERROR, NULL, "has no field");
        if (l.failed)
                return -EINVAL;

        if (id && (!host_id || strcasecmp(id, host_id) != 0))
                return 0;
        if (gives_field(&l))
                return add_rule(&l, l.fields[FIELD_TRANSPORT], list);
        /* Only the host ID: this host must not connect to anything. */
        for (Transport t = 0; r >= 0 && t < _TRANSPORT_MAX; t++)
                r = add_rule(&l, transport_to_string(t), list);
        return r;
}

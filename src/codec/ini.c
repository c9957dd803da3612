/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/ini.h"

#include <string.h>

#include "base/text.h"

/* The subject of an indented line. */
typedef enum IniContext {
        INI_NOTHING, /* no key in this section yet */
        INI_KEY,
        INI_REFUSED, /* a line with an error; its continuation is skipped, too */
} IniContext;

typedef enum IniSection {
        INI_NO_SECTION,
        INI_IN_SECTION,
        INI_REFUSED_SECTION, /* its assignments must not end up in the previous section */
} IniSection;

typedef struct IniParser {
        const char *file;
        IniGrammar grammar;
        IniHandler handler;
        void *userdata;
        Diagnostics *d;
        unsigned line, section_line;
        bool is_json;
        IniContext context;
        IniSection in_section;
        size_t key_indent;
        unsigned empty_line; /* of a key whose value may follow on indented lines, else 0 */
        char *memory;        /* for the three strings; never grows, since values may be secrets */
        size_t memory_size;
        char *section, *key, *text;
} IniParser;

static void ini_parser_done(IniParser *p)
{
        if (!p->memory)
                return;
        explicit_bzero(p->memory, p->memory_size);
        free(p->memory);
}

static int ini_parser_init(IniParser *p, size_t n)
{
        size_t text_size = MIN(n, (size_t) INI_LINE_MAX) + 1;

        p->memory_size = 3 * text_size;
        p->memory = calloc(3, text_size);
        if (!p->memory)
                return -ENOMEM;
        p->section = p->memory;
        p->key = p->section + text_size;
        p->text = p->key + text_size;
        return 0;
}

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r';
}

static int emit(IniParser *p, const char *value, unsigned line)
{
        const IniItem item = {
                .section = p->section,
                .key = p->key,
                .value = value,
                .line = line,
                .section_line = p->section_line,
        };

        return p->handler(&item, p->userdata);
}

/* Emits a key whose value is empty and not continued. */
static int emit_empty(IniParser *p)
{
        unsigned line = p->empty_line;

        p->empty_line = 0;
        return line > 0 ? emit(p, "", line) : 0;
}

/* If it is the first significant line, nothing in the file is INI. */
static void report_json(IniParser *p, bool is_first)
{
        p->is_json = is_first;
        diagnostics_add(p->d, SEVERITY_ERROR, p->file, p->line, NULL,
                        "this is JSON, as in nvme-cli's config.json; it must be [Section] and "
                        "'key = value'");
}

/* Passes on the section itself, of which each may be an instance of its own. */
static int emit_section(IniParser *p)
{
        const IniItem item = {
                .section = p->section,
                .line = p->line,
                .section_line = p->line,
        };

        return p->grammar == INI_STRICT ? p->handler(&item, p->userdata) : 0;
}

static bool may_follow_section(IniGrammar grammar, const char *text)
{
        return !*text || grammar == INI_BY_LINE ||
               (grammar == INI_CONTINUED && (*text == '#' || *text == ';'));
}

static int parse_section(IniParser *p)
{
        char *end = strchr(p->text, ']'), *name = text_trim(p->text + 1);

        p->context = INI_NOTHING;
        bool is_first = p->in_section == INI_NO_SECTION;
        p->in_section = INI_REFUSED_SECTION;
        if (*name == '{' || (!*name && is_first)) {
                report_json(p, is_first);
                return 0;
        }
        if (!end) {
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, p->line, NULL,
                                "']' is missing after the section name; the section is ignored");
                return 0;
        }
        if (!may_follow_section(p->grammar, text_trim(end + 1))) {
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, p->line, NULL,
                                "text after ']'; the section is ignored");
                return 0;
        }
        *end = '\0';
        strcpy(p->section, text_trim(name));
        p->section_line = p->line;
        p->in_section = INI_IN_SECTION;
        return emit_section(p);
}

bool ini_is_option_line(const char *text)
{
        char c = text[0] == '-' ? text[1] : '\0';

        return c == '-' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static int parse_assignment(IniParser *p, size_t indent)
{
        p->key_indent = indent;
        p->context = INI_REFUSED;
        if (ini_is_option_line(p->text)) {
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, p->line, NULL,
                                "a line of nvme-cli's discovery.conf; write controller = "
                                "transport=tcp;traddr=... in [Controllers]");
                return 0;
        }
        if (p->in_section == INI_NO_SECTION && *p->text == '{') {
                report_json(p, true);
                return 0;
        }
        if (p->in_section == INI_NO_SECTION) {
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, p->line, NULL,
                                "outside a section; a [Section] line must precede it");
                return 0;
        }
        char *equals = strchr(p->text, '=');
        if (!equals) {
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, p->line, NULL,
                                "neither [Section], 'key = value' nor a comment");
                return 0;
        }
        *equals = '\0';
        char *key = text_trim(p->text), *value = text_trim(equals + 1);
        if (!*key) {
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, p->line, NULL, "no key before '='");
                return 0;
        }
        if (p->in_section == INI_REFUSED_SECTION)
                return 0;

        strcpy(p->key, key);
        p->context = INI_KEY;
        if (!*value) {
                p->empty_line = p->line;
                return 0;
        }
        return emit(p, value, p->line);
}

/* Stores the line in p->text, checked and NUL-terminated. Returns false after adding an error to
 * d. */
static bool take_text(IniParser *p, const char *text, size_t n)
{
        if (n > INI_LINE_MAX) {
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, p->line, NULL,
                                "longer than %u bytes; the line is ignored", INI_LINE_MAX);
                return false;
        }
        if (memchr(text, '\0', n)) {
                diagnostics_add(p->d, SEVERITY_ERROR, p->file, p->line, NULL,
                                "contains a NUL byte; the line is ignored");
                return false;
        }
        memcpy(p->text, text, n);
        p->text[n] = '\0';
        return true;
}

static int parse_line(IniParser *p, const char *line, size_t n)
{
        size_t indent = 0;

        while (indent < n && is_blank(line[indent]))
                indent++;
        while (n > indent && is_blank(line[n - 1]))
                n--;
        if (indent == n || line[indent] == '#' || (line[indent] == ';' && p->grammar != INI_STRICT))
                return 0;

        bool continues =
                p->grammar == INI_CONTINUED && p->context != INI_NOTHING && indent > p->key_indent;
        if (continues) {
                if (p->context == INI_REFUSED || !take_text(p, line + indent, n - indent))
                        return 0;
                p->empty_line = 0;
                return emit(p, p->text, p->line);
        }

        int r = emit_empty(p);
        if (r < 0)
                return r;
        if (!take_text(p, line + indent, n - indent)) {
                p->context = INI_REFUSED;
                p->key_indent = indent;
                return 0;
        }
        return *p->text == '[' ? parse_section(p) : parse_assignment(p, indent);
}

int ini_parse(const char *file, const char *data, size_t n, IniGrammar grammar, IniHandler handler,
              void *userdata, Diagnostics *d)
{
        static const char byte_order_mark[] = "\xef\xbb\xbf";
        const size_t n_mark = sizeof(byte_order_mark) - 1;
        _cleanup_(ini_parser_done) IniParser p = {
                .file = file, .grammar = grammar, .handler = handler, .userdata = userdata, .d = d
        };

        if (grammar == INI_STRICT && n > INI_STRICT_MAX) {
                diagnostics_add(d, SEVERITY_ERROR, file, 0, NULL,
                                "longer than %u bytes; the file is not used", INI_STRICT_MAX);
                return 0;
        }
        int r = ini_parser_init(&p, n);
        if (n >= n_mark && memcmp(data, byte_order_mark, n_mark) == 0) {
                data += n_mark;
                n -= n_mark;
        }
        while (r >= 0 && n > 0 && !p.is_json) {
                const char *newline = memchr(data, '\n', n);
                size_t n_line = newline ? (size_t) (newline - data) : n;

                p.line++;
                r = parse_line(&p, data, n_line);
                n_line += newline ? 1 : 0;
                data += n_line;
                n -= n_line;
        }
        return r < 0 ? r : emit_empty(&p);
}

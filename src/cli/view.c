/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/view.h"

#include <stdio.h>

#include "cli/table.h"
#include "model/dlp.h"

enum {
        VALUE_WIDTH = 80, /* longer lists are continued on the next line */
        BLOCK_INDENT = 2,
};

const char *view_get(struct json_object *o, const char *key)
{
        const char *s;

        return json_get_string(o, key, &s) < 0 ? "" : s;
}

static void append_owned(TextBuffer *b, char *text)
{
        if (text)
                text_buffer_append(b, text);
        else
                b->failed = true;
        free(text);
}

/* Controllers */

static const char *controller_state(struct json_object *row)
{
        const char *state = view_get(row, "state");

        if (*state)
                return state;
        return streq(view_get(row, "connected"), "True") ? "connected" : "connecting";
}

static const char *state_in_words(struct json_object *row)
{
        return streq(view_get(row, "namespaces"), "none") ? "live, the kernel shows no namespaces"
                                                          : controller_state(row);
}

static CellStyle controller_style(struct json_object *row)
{
        const char *state = controller_state(row);

        if (streq(state, "connected") || streq(state, "live"))
                return CELL_GOOD;
        return *view_get(row, "last error") ? CELL_BAD : CELL_BUSY;
}

/* Extracts "12.3s" from "60.0s [12.3s]", interval and remaining time; "" while the timer is off. */
static const char *retry_time_left(const char *timer, char buf[static 16])
{
        const char *open = strchr(timer, '[');
        const char *close = open ? strchr(open, ']') : NULL;

        if (!close || close - open - 1 >= 16 || strncmp(open, "[off]", 5) == 0)
                return "";
        snprintf(buf, 16, "%.*s", (int) (close - open - 1), open + 1);
        return buf;
}

static const char *number_of_log_pages(struct json_object *row, char buf[static 16])
{
        struct json_object *pages;

        if (json_get_array(row, "log_pages", &pages) < 0)
                return "";
        snprintf(buf, 16, "%zu", json_object_array_length(pages));
        return buf;
}

static const char *const controller_headings[] = {
        "DEVICE", "TRANSPORT", "ADDRESS", "SVC",     "IFACE", "HOST-ADDRESS", "NQN",
        "STATE",  "ORIGIN",    "SINCE",   "ENTRIES", "TRIES", "RETRY-IN",     "LAST-ERROR",
};

static int view_add_controller(Table *t, struct json_object *row)
{
        CellStyle style = controller_style(row);
        const char *tries = view_get(row, "connect attempts");
        char retry[16], entries[16];
        const Cell cells[] = {
                { view_get(row, "device"), CELL_PLAIN },
                { view_get(row, "transport"), CELL_PLAIN },
                { view_get(row, "traddr"), CELL_PLAIN },
                { view_get(row, "trsvcid"), CELL_PLAIN },
                { view_get(row, "host-iface"), CELL_PLAIN },
                { view_get(row, "host-traddr"), CELL_PLAIN },
                { view_get(row, "subsysnqn"), CELL_PLAIN },
                { state_in_words(row), style },
                { view_get(row, "origin"), CELL_PLAIN },
                { view_get(row, "since"), CELL_PLAIN },
                { number_of_log_pages(row, entries), CELL_PLAIN },
                { streq(tries, "0") || style == CELL_GOOD ? "" : tries, CELL_PLAIN },
                { retry_time_left(view_get(row, "retry connect timer"), retry), CELL_PLAIN },
                { view_get(row, "last error"), CELL_BAD },
        };

        _Static_assert(ELEMENTSOF(cells) == ELEMENTSOF(controller_headings), "a cell per column");
        return table_add(t, cells);
}

char *view_controllers(struct json_object *rows, bool colour)
{
        _cleanup_table_ Table *t = NULL;

        if (table_new(controller_headings, ELEMENTSOF(controller_headings), &t) < 0)
                return NULL;
        for (size_t i = 0; i < json_object_array_length(rows); i++)
                if (view_add_controller(t, json_object_array_get_idx(rows, i)) < 0)
                        return NULL;
        return table_to_text(t, 0, colour);
}

/* Keys and values of any object */

static int add_pair(Table *t, const char *key, const char *value)
{
        return table_add(t, (const Cell[]) { { key, CELL_PLAIN }, { value, CELL_PLAIN } });
}

/* Breaks a long list at its commas. */
static int view_add_text(Table *t, const char *key, const char *value)
{
        while (strlen(value) > VALUE_WIDTH) {
                _cleanup_free_ char *line = NULL;
                const char *comma = memrchr(value, ',', VALUE_WIDTH);
                int r;

                if (!comma || comma[1] != ' ')
                        break;
                line = strndup(value, comma + 1 - value);
                if (!line)
                        return -ENOMEM;
                r = add_pair(t, key, line);
                if (r < 0)
                        return r;
                key = "";
                value = comma + 2;
        }
        return add_pair(t, key, value);
}

static int add_array(Table *t, const char *key, struct json_object *array)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        _cleanup_free_ char *text = NULL;

        for (size_t i = 0; i < json_object_array_length(array); i++) {
                struct json_object *item = json_object_array_get_idx(array, i);

                text_buffer_append(&b, i > 0 ? ", " : "");
                text_buffer_append(&b, text_or(json_object_get_string(item), "-"));
        }
        text = text_buffer_take(&b);
        return text ? view_add_text(t, key, text) : -ENOMEM;
}

static int add_object(Table *t, struct json_object *o, unsigned depth, bool skip_empty);

static int view_add_value(Table *t, const char *key, struct json_object *value, unsigned depth,
                          bool skip_empty)
{
        const char *text;

        if (json_object_is_type(value, json_type_object)) {
                bool empty = json_object_object_length(value) == 0;
                int r;

                r = add_pair(t, key, empty ? "-" : "");
                return r < 0 ? r : add_object(t, value, depth + 1, skip_empty);
        }
        if (json_object_is_type(value, json_type_array))
                return add_array(t, key, value);
        text = text_or(json_object_get_string(value), "");
        if (*text)
                return view_add_text(t, key, text);
        return skip_empty ? 0 : add_pair(t, key, "-");
}

static int add_object(Table *t, struct json_object *o, unsigned depth, bool skip_empty)
{
        json_object_object_foreach(o, key, value) {
                _cleanup_free_ char *label = NULL;
                int r;

                if (asprintf(&label, "%*s%s", (int) (depth * BLOCK_INDENT), "", key) < 0)
                        return -ENOMEM;
                r = view_add_value(t, label, value, depth, skip_empty);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* A block under a heading. */
static char *object_to_text(struct json_object *o)
{
        _cleanup_table_ Table *t = NULL;

        if (table_new(NULL, 2, &t) < 0 || add_object(t, o, 0, true) < 0)
                return NULL;
        return table_to_text(t, BLOCK_INDENT, false);
}

static void append_part(TextBuffer *b, const char *gap, const char *part)
{
        if (*part)
                text_buffer_printf(b, "%s%s", gap, part);
}

/* "nvme0  tcp 192.0.2.1:8009  nqn…", or "-  tcp [2001:db8::1]:8009  nqn…" without a device. */
void view_append_heading(TextBuffer *b, struct json_object *row)
{
        _cleanup_text_buffer_ TextBuffer line = { 0 };
        const char *traddr = view_get(row, "traddr"), *trsvcid = view_get(row, "trsvcid");
        char *text;

        append_part(&line, "", *view_get(row, "device") ? view_get(row, "device") : "-");
        append_part(&line, "  ", view_get(row, "transport"));
        if (strchr(traddr, ':') && *trsvcid)
                text_buffer_printf(&line, " [%s]", traddr);
        else
                append_part(&line, " ", traddr);
        append_part(&line, ":", trsvcid);
        append_part(&line, "  ", view_get(row, "subsysnqn"));
        text = text_buffer_take(&line);
        if (text)
                text_make_printable(text);
        append_owned(b, text);
}

char *view_controllers_detailed(struct json_object *rows, bool colour)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                struct json_object *row = json_object_array_get_idx(rows, i);
                CellStyle style = colour ? controller_style(row) : CELL_PLAIN;

                if (!json_object_is_type(row, json_type_object))
                        continue;
                text_buffer_append(&b, i > 0 ? "\n" : "");
                text_buffer_append(&b, cell_style_begin(style));
                view_append_heading(&b, row);
                text_buffer_append(&b, cell_style_end(style));
                text_buffer_append(&b, "\n");
                append_owned(&b, object_to_text(row));
        }
        return text_buffer_take(&b);
}

/* Log pages */

/* The names of the flags in a decimal number, or the number itself if it has unknown flags. */
static const char *eflags_names(const char *number, char buf[static 32])
{
        const uint64_t known = DLPE_EFLAGS_DUPRETINFO | DLPE_EFLAGS_EPCSD | DLPE_EFLAGS_NCC;
        uint64_t flags;

        if (text_to_u64(number, 0, UINT16_MAX, &flags) < 0 || (flags & ~known))
                return number;
        snprintf(buf, 32, "%s%s%s", flags & DLPE_EFLAGS_DUPRETINFO ? ",dupretinfo" : "",
                 flags & DLPE_EFLAGS_EPCSD ? ",epcsd" : "", flags & DLPE_EFLAGS_NCC ? ",ncc" : "");
        return flags ? buf + 1 : "";
}

/* Only some values have a name on D-Bus. */
static const char *treq_in_words(const char *treq, char buf[static 64])
{
        uint64_t number;

        return text_to_u64(treq, 0, UINT8_MAX, &number) < 0
                       ? treq
                       : dlpe_requirements_to_string((uint8_t) number, buf);
}

static const char *sectype_of(struct json_object *row)
{
        const char *sectype = view_get(row, DLPE_SECTYPE);

        return streq(sectype, "none") ? "" : sectype;
}

static const char *const log_page_headings[] = {
        "SUBTYPE", "TRANSPORT", "ADDRESS", "SVC",     "NQN",      "PORT",
        "CNTLID",  "FLAGS",     "TREQ",    "SECTYPE", "NOT-USED",
};

static int add_log_page(Table *t, struct json_object *row)
{
        const char *cntlid = view_get(row, "cntlid");
        char flags[32], treq[64];
        const Cell cells[] = {
                { view_get(row, "subtype"), CELL_PLAIN },
                { view_get(row, "trtype"), CELL_PLAIN },
                { view_get(row, "traddr"), CELL_PLAIN },
                { view_get(row, "trsvcid"), CELL_PLAIN },
                { view_get(row, "subnqn"), CELL_PLAIN },
                { view_get(row, "portid"), CELL_PLAIN },
                /* FFFFh: dynamic controller, allocated when the host connects */
                { streq(cntlid, "65535") ? "dynamic" : cntlid, CELL_PLAIN },
                { eflags_names(view_get(row, "eflags"), flags), CELL_BUSY },
                { treq_in_words(view_get(row, "treq"), treq), CELL_PLAIN },
                { sectype_of(row), CELL_PLAIN },
                { view_get(row, DLPE_NOT_USED), CELL_BAD },
        };

        _Static_assert(ELEMENTSOF(cells) == ELEMENTSOF(log_page_headings), "a cell per column");
        return table_add(t, cells);
}

char *view_log_pages(struct json_object *rows, unsigned indent, bool colour)
{
        _cleanup_table_ Table *t = NULL;

        if (table_new(log_page_headings, ELEMENTSOF(log_page_headings), &t) < 0)
                return NULL;
        for (size_t i = 0; i < json_object_array_length(rows); i++)
                if (add_log_page(t, json_object_array_get_idx(rows, i)) < 0)
                        return NULL;
        return table_to_text(t, indent, colour);
}

static void append_no_pages(TextBuffer *b, struct json_object *item, struct json_object *dc)
{
        const char *error = view_get(dc, "last error");

        if (streq(view_get(item, "log-state"), "unknown"))
                text_buffer_printf(b, "  not read yet%s%s\n", *error ? ": " : "", error);
        else
                text_buffer_append(b, "  no entries\n");
}

static void append_discovery_controller(TextBuffer *b, struct json_object *item, bool detailed,
                                        bool colour)
{
        struct json_object *dc, *pages;

        if (json_get_object(item, "discovery-controller", &dc) < 0 ||
            json_get_array(item, "log-pages", &pages) < 0)
                return;
        text_buffer_append(b, b->length > 0 ? "\n" : "");
        view_append_heading(b, dc);
        text_buffer_append(b, "\n");
        if (detailed) {
                append_owned(b, object_to_text(dc));
                text_buffer_append(b, "\n");
        }
        if (json_object_array_length(pages) == 0)
                append_no_pages(b, item, dc);
        append_owned(b, view_log_pages(pages, BLOCK_INDENT, colour));
}

char *view_all_log_pages(struct json_object *list, bool detailed, bool colour)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (size_t i = 0; i < json_object_array_length(list); i++)
                append_discovery_controller(&b, json_object_array_get_idx(list, i), detailed,
                                            colour);
        return text_buffer_take(&b);
}

/* Status */

char *view_status(struct json_object *info, bool colour)
{
        _cleanup_table_ Table *t = NULL;
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        struct json_object *controllers = NULL;

        if (table_new(NULL, 2, &t) < 0)
                return NULL;
        json_object_object_foreach(info, key, value) {
                if (streq(key, "controllers"))
                        controllers = value;
                else if (view_add_value(t, key, value, 0, false) < 0)
                        return NULL;
        }
        append_owned(&b, table_to_text(t, 0, false));
        if (json_object_is_type(controllers, json_type_array) &&
            json_object_array_length(controllers) > 0) {
                text_buffer_append(&b, "\n");
                append_owned(&b, view_controllers(controllers, colour));
        }
        return text_buffer_take(&b);
}

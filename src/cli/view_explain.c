/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/view.h"

#include "cli/table.h"

enum {
        PARAGRAPH_INDENT = 2,
};

static CellStyle explanation_style(struct json_object *row)
{
        if (*view_get(row, "last error") || *view_get(row, "portal error") ||
            *view_get(row, "last log error"))
                return CELL_BAD;
        if (streq(view_get(row, "state"), "live"))
                return CELL_GOOD;
        return streq(view_get(row, "decision"), "nothing") ? CELL_PLAIN : CELL_BUSY;
}

static int add_line(Table *t, const char *label, const char *text)
{
        return table_add(t, (const Cell[]) { { label, CELL_PLAIN }, { text, CELL_PLAIN } });
}

/* One row of the table per line of text. */
static int add_lines(Table *t, const char *label, const char *text)
{
        _cleanup_free_ char *copy = strdup(text);
        char *rest = copy, *line;

        if (!copy)
                return -ENOMEM;
        while ((line = strsep(&rest, "\n"))) {
                if (add_line(t, label, line) < 0)
                        return -ENOMEM;
                label = "";
        }
        return 0;
}

/* Part of the heading or the sentence, or the usual value. */
static bool is_left_out(const char *key, const char *text, struct json_object *row)
{
        static const char *const said[] = {
                "traddr", "trsvcid",  "transport", "subsysnqn", "host-nqn",    "device",
                "state",  "decision", "reason",    "why",       "excluded by", "next try",
        };

        for (size_t i = 0; i < ELEMENTSOF(said); i++)
                if (streq(key, said[i]))
                        return true;
        if (streq(key, "connect attempts"))
                return streq(text, "0");
        if (streq(key, "ncc"))
                return streq(text, "False");
        return streq(key, "registry owner") && streq(view_get(row, "connection"), "ours");
}

/* The details after the sentence: all other keys that have a value. */
static char *details_to_text(struct json_object *row)
{
        _cleanup_table_ Table *t = NULL;

        if (table_new(NULL, 2, &t) < 0)
                return NULL;
        json_object_object_foreach(row, key, value) {
                const char *text = view_get(row, key);

                (void) value; /* looked up by key, since its type may be wrong */
                if (!*text || is_left_out(key, text, row))
                        continue;
                if (add_lines(t, streq(key, "sources") ? "requested by" : key, text) < 0)
                        return NULL;
        }
        return table_to_text(t, PARAGRAPH_INDENT, false);
}

/* Appends nothing if the text is empty. */
static int append_printable(TextBuffer *b, const char *text, const char *after)
{
        _cleanup_free_ char *copy = strdup(text);

        if (!copy)
                return -ENOMEM;
        text_make_printable(copy);
        if (*copy)
                text_buffer_printf(b, "  %s%s", copy, after);
        return 0;
}

static int append_explanation(TextBuffer *b, struct json_object *row, bool colour)
{
        CellStyle style = colour ? explanation_style(row) : CELL_PLAIN;
        _cleanup_free_ char *details = details_to_text(row);

        if (!details)
                return -ENOMEM;
        text_buffer_append(b, b->length > 0 ? "\n" : "");
        text_buffer_append(b, cell_style_begin(style));
        view_append_heading(b, row);
        if (append_printable(b, view_get(row, "state"), "") < 0)
                return -ENOMEM;
        text_buffer_append(b, cell_style_end(style));
        text_buffer_append(b, "\n");
        if (append_printable(b, view_get(row, "why"), "\n") < 0)
                return -ENOMEM;
        text_buffer_append(b, details);
        return 0;
}

char *view_explanations(struct json_object *rows, bool colour)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                struct json_object *row = json_object_array_get_idx(rows, i);

                if (json_object_is_type(row, json_type_object) &&
                    append_explanation(&b, row, colour) < 0)
                        return NULL;
        }
        return text_buffer_take(&b);
}

static const char *const plan_headings[] = {
        "VERB", "WHEN", "DEVICE", "TRANSPORT", "ADDRESS", "SVC", "NQN", "REASON",
};

static int add_step(Table *t, struct json_object *row)
{
        const Cell cells[] = {
                { view_get(row, "verb"), CELL_BUSY },
                { view_get(row, "when"), CELL_PLAIN },
                { view_get(row, "device"), CELL_PLAIN },
                { view_get(row, "transport"), CELL_PLAIN },
                { view_get(row, "traddr"), CELL_PLAIN },
                { view_get(row, "trsvcid"), CELL_PLAIN },
                { view_get(row, "subsysnqn"), CELL_PLAIN },
                { view_get(row, "reason"), CELL_PLAIN },
        };

        _Static_assert(ELEMENTSOF(cells) == ELEMENTSOF(plan_headings), "a cell per column");
        return table_add(t, cells);
}

char *view_plan(struct json_object *rows, bool colour)
{
        _cleanup_table_ Table *t = NULL;

        if (table_new(plan_headings, ELEMENTSOF(plan_headings), &t) < 0)
                return NULL;
        for (size_t i = 0; i < json_object_array_length(rows); i++)
                if (add_step(t, json_object_array_get_idx(rows, i)) < 0)
                        return NULL;
        return table_to_text(t, 0, colour);
}

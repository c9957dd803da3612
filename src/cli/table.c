/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include "base/array.h"
#include "base/text.h"

#define BOLD "\x1b[1m"
#define RESET "\x1b[0m"

enum {
        COLUMN_GAP = 2,
};

typedef struct OwnedCell {
        char *text;
        CellStyle style;
} OwnedCell;

struct Table {
        const char *const *headings;
        size_t n_columns;
        OwnedCell *cells; /* in row-major order */
        size_t n_cells, n_allocated;
};

int table_new(const char *const *headings, size_t n_columns, Table **ret)
{
        Table *t;

        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        t->headings = headings;
        t->n_columns = n_columns;
        *ret = t;
        return 0;
}

Table *table_free(Table *t)
{
        if (!t)
                return NULL;
        for (size_t i = 0; i < t->n_cells; i++)
                free(t->cells[i].text);
        free(t->cells);
        free(t);
        return NULL;
}

int table_add(Table *t, const Cell *cells)
{
        size_t n_before = t->n_cells;

        if (ARRAY_RESERVE(t->cells, t->n_allocated, t->n_cells + t->n_columns) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < t->n_columns; i++) {
                char *text = strdup(text_or(cells[i].text, ""));

                if (!text) {
                        while (t->n_cells > n_before)
                                free(t->cells[--t->n_cells].text);
                        return -ENOMEM;
                }
                text_make_printable(text);
                t->cells[t->n_cells++] = (OwnedCell) { text, cells[i].style };
        }
        return 0;
}

static size_t text_width(const char *s)
{
        size_t n = 0;

        for (; *s; s++)
                if (((unsigned char) *s & 0xc0) != 0x80)
                        n++;
        return n;
}

const char *cell_style_begin(CellStyle style)
{
        switch (style) {
        case CELL_PLAIN:
                break;
        case CELL_GOOD:
                return "\x1b[32m";
        case CELL_BUSY:
                return "\x1b[33m";
        case CELL_BAD:
                return "\x1b[31m";
        }
        return "";
}

const char *cell_style_end(CellStyle style)
{
        return style == CELL_PLAIN ? "" : RESET;
}

/* 0 if all cells are empty. */
static size_t column_width(const Table *t, size_t column)
{
        size_t width = 0;

        for (size_t i = column; i < t->n_cells; i += t->n_columns)
                width = MAX(width, text_width(t->cells[i].text));
        if (width > 0 && t->headings)
                width = MAX(width, text_width(t->headings[column]));
        return width;
}

/* Writes a line cell by cell. Spaces are withheld until something follows them. */
typedef struct LineWriter {
        TextBuffer *out;
        const size_t *widths;
        size_t n_pending;
        unsigned indent;
        bool colour;
} LineWriter;

static void line_begin(LineWriter *w)
{
        w->n_pending = w->indent;
}

static void line_add(LineWriter *w, size_t column, const char *text, const char *begin,
                     const char *end)
{
        size_t width = text_width(text);

        if (w->widths[column] == 0)
                return;
        if (width > 0) {
                for (; w->n_pending > 0; w->n_pending--)
                        text_buffer_append_bytes(w->out, " ", 1);
                if (w->colour)
                        text_buffer_append(w->out, begin);
                text_buffer_append(w->out, text);
                if (w->colour)
                        text_buffer_append(w->out, end);
        }
        w->n_pending += w->widths[column] - width + COLUMN_GAP;
}

static void line_end(LineWriter *w)
{
        text_buffer_append_bytes(w->out, "\n", 1);
}

static void write_headings(const Table *t, LineWriter *w)
{
        line_begin(w);
        for (size_t i = 0; i < t->n_columns; i++)
                line_add(w, i, t->headings[i], BOLD, RESET);
        line_end(w);
}

static void write_row(const Table *t, const OwnedCell *cells, LineWriter *w)
{
        line_begin(w);
        for (size_t i = 0; i < t->n_columns; i++) {
                const OwnedCell *c = &cells[i];
                bool blank = !*c->text && t->headings;

                line_add(w, i, blank ? "-" : c->text, cell_style_begin(c->style),
                         cell_style_end(c->style));
        }
        line_end(w);
}

char *table_to_text(const Table *t, unsigned indent, bool colour)
{
        _cleanup_text_buffer_ TextBuffer out = { 0 };
        _cleanup_free_ size_t *widths = NULL;

        widths = calloc(t->n_columns, sizeof(*widths));
        if (!widths)
                return NULL;
        for (size_t i = 0; i < t->n_columns; i++)
                widths[i] = column_width(t, i);

        LineWriter w = { .out = &out, .widths = widths, .indent = indent, .colour = colour };
        if (t->headings && t->n_cells > 0)
                write_headings(t, &w);
        for (size_t i = 0; i < t->n_cells; i += t->n_columns)
                write_row(t, t->cells + i, &w);
        return text_buffer_take(&out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Formats rows of strings as aligned text. Pure: colour is a parameter. */

#include "base/macro.h"

typedef enum CellStyle {
        CELL_PLAIN,
        CELL_GOOD,
        CELL_BUSY,
        CELL_BAD,
} CellStyle;

typedef struct Cell {
        const char *text; /* NULL or "": empty */
        CellStyle style;
} Cell;

typedef struct Table Table;

/* headings has n_columns constant strings; NULL: no heading line, and empty cells stay blank
 * instead of "-". */
int table_new(const char *const *headings, size_t n_columns, Table **ret);
Table *table_free(Table *t);
DEFINE_CLEANUP(Table, table_free)
#define _cleanup_table_ _cleanup_(table_freep)

/* Appends a row of n_columns cells; the texts are copied and made printable. 0 or -ENOMEM. */
int table_add(Table *t, const Cell *cells);

/* One line per row, indented by indent spaces. Columns are as wide as their longest text, counted
 * in UTF-8 characters; a column that is empty in all rows is left out; lines have no trailing
 * spaces. NULL when out of memory. */
char *table_to_text(const Table *t, unsigned indent, bool colour);

/* Escape sequences around a text of this style; "" for CELL_PLAIN. */
const char *cell_style_begin(CellStyle style);
const char *cell_style_end(CellStyle style);

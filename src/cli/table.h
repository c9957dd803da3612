/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rows of texts to aligned text. Pure: colour is a parameter. */

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

/* headings has n_columns constant strings; NULL: the table has no line of headings, and an empty
 * cell stays blank where else it would read "-". */
int table_new(const char *const *headings, size_t n_columns, Table **ret);
Table *table_free(Table *t);
DEFINE_CLEANUP(Table, table_free)
#define _cleanup_table_ _cleanup_(table_freep)

/* Appends a row of n_columns cells; the texts are copied and made printable. 0 or -ENOMEM. */
int table_add(Table *t, const Cell *cells);

/* One line a row, each begun by indent spaces; columns are as wide as their longest text, counted
 * in characters of UTF-8; a column that is empty in all rows is left out; no line ends in spaces.
 * NULL when out of memory. */
char *table_to_text(const Table *t, unsigned indent, bool colour);

/* The sequences around a text of that style; "" for CELL_PLAIN. */
const char *cell_style_begin(CellStyle style);
const char *cell_style_end(CellStyle style);

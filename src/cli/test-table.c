/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/table.h"

#include "base/testing.h"

static const char *const headings[] = { "NAME", "SIZE", "NOTE" };

static Table *example(const char *const *with_headings, const Cell rows[][3], size_t n_rows)
{
        Table *t;

        assert_int_equal(table_new(with_headings, 3, &t), 0);
        for (size_t i = 0; i < n_rows; i++)
                assert_int_equal(table_add(t, rows[i]), 0);
        return t;
}

static void assert_table(const char *const *with_headings, const Cell rows[][3], size_t n_rows,
                         unsigned indent, bool colour, const char *expected)
{
        _cleanup_table_ Table *t = example(with_headings, rows, n_rows);
        _cleanup_free_ char *text = table_to_text(t, indent, colour);

        assert_string_equal(text, expected);
}

static void test_columns_fit(void **state)
{
        static const Cell rows[][3] = {
                { { "a", CELL_PLAIN }, { "1", CELL_PLAIN }, { "short", CELL_PLAIN } },
                { { "longer", CELL_PLAIN }, { "12345", CELL_PLAIN }, { "x", CELL_PLAIN } },
        };

        assert_table(headings, rows, 2, 0, false,
                     "NAME    SIZE   NOTE\n"
                     "a       1      short\n"
                     "longer  12345  x\n");
        assert_table(NULL, rows, 2, 3, false,
                     "   a       1      short\n"
                     "   longer  12345  x\n");
}

static void test_no_rows_no_headings(void **state)
{
        assert_table(headings, NULL, 0, 2, true, "");
}

static void test_empty_columns_are_left_out(void **state)
{
        static const Cell rows[][3] = {
                { { "a", CELL_PLAIN }, { NULL, CELL_PLAIN }, { "x", CELL_PLAIN } },
                { { "b", CELL_PLAIN }, { "", CELL_PLAIN }, { "y", CELL_PLAIN } },
        };

        assert_table(headings, rows, 2, 0, false, "NAME  NOTE\na     x\nb     y\n");
}

/* Each row has as many words as there are headings. */
static void test_empty_cells_have_a_dash(void **state)
{
        static const Cell rows[][3] = {
                { { "a", CELL_PLAIN }, { NULL, CELL_PLAIN }, { "x", CELL_PLAIN } },
                { { "", CELL_PLAIN }, { "7", CELL_PLAIN }, { "", CELL_PLAIN } },
        };

        assert_table(headings, rows, 2, 0, false,
                     "NAME  SIZE  NOTE\na     -     x\n-     7     -\n");
        assert_table(NULL, rows, 2, 0, false, "a     x\n   7\n");
}

static void test_width_counts_characters(void **state)
{
        static const Cell rows[][3] = {
                { { "Zürich", CELL_PLAIN }, { "€", CELL_PLAIN }, { "x", CELL_PLAIN } },
                { { "Berlin", CELL_PLAIN }, { "1", CELL_PLAIN }, { "y", CELL_PLAIN } },
        };

        assert_table(NULL, rows, 2, 0, false, "Zürich  €  x\nBerlin  1  y\n");
}

/* A name from a target must not move the cursor, nor a line break start a row. */
static void test_control_characters(void **state)
{
        static const Cell rows[][3] = {
                { { "\x1b[2J", CELL_PLAIN }, { "a\nb", CELL_PLAIN }, { "\xff\x80", CELL_PLAIN } },
        };

        assert_table(NULL, rows, 1, 0, false, "?[2J  a?b  ??\n");
}

static void test_colour_takes_no_width(void **state)
{
        static const Cell rows[][3] = {
                { { "up", CELL_GOOD }, { "1", CELL_BUSY }, { "x", CELL_BAD } },
                { { "trying", CELL_PLAIN }, { "2", CELL_PLAIN }, { "y", CELL_PLAIN } },
        };

        assert_table(NULL, rows, 2, 0, true,
                     "\x1b[32mup\x1b[0m      \x1b[33m1\x1b[0m  \x1b[31mx\x1b[0m\n"
                     "trying  2  y\n");
        assert_table(headings, rows, 1, 0, true,
                     "\x1b[1mNAME\x1b[0m  \x1b[1mSIZE\x1b[0m  \x1b[1mNOTE\x1b[0m\n"
                     "\x1b[32mup\x1b[0m    \x1b[33m1\x1b[0m     \x1b[31mx\x1b[0m\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_columns_fit),
                cmocka_unit_test(test_no_rows_no_headings),
                cmocka_unit_test(test_empty_columns_are_left_out),
                cmocka_unit_test(test_empty_cells_have_a_dash),
                cmocka_unit_test(test_width_counts_characters),
                cmocka_unit_test(test_control_characters),
                cmocka_unit_test(test_colour_takes_no_width),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

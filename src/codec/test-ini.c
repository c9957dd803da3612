/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/ini.h"

#include <stdio.h>
#include <string.h>

#include "base/testing.h"
#include "base/text.h"
#include "codec/testing.h"

/* Records each assignment as "line section/key=value|". */
static int record(const IniItem *item, void *userdata)
{
        if (!item->key) {
                text_buffer_printf(userdata, "%u [%s]|", item->section_line, item->section);
                return 0;
        }
        text_buffer_printf(userdata, "%u %s/%s=%s|", item->line, item->section, item->key,
                           item->value);
        return 0;
}

static void check_grammar(IniGrammar grammar, const char *data, size_t n, const char *items,
                          const char *problems)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        _cleanup_diagnostics_ Diagnostics d = { 0 };

        assert_int_equal(ini_parse("f", data, n, grammar, record, &b, &d), 0);
        _cleanup_free_ char *text = text_buffer_take(&b), *found = diagnostics_to_text(&d);
        assert_string_equal(text, items);
        assert_string_equal(found, problems);
}

static void check_bytes(const char *data, size_t n, const char *items, const char *problems)
{
        check_grammar(INI_CONTINUED, data, n, items, problems);
}

static void check(const char *data, const char *items, const char *problems)
{
        check_bytes(data, strlen(data), items, problems);
}

static void check_strict(const char *data, const char *items, const char *problems)
{
        check_grammar(INI_STRICT, data, strlen(data), items, problems);
}

static void test_strict_passes_on_each_section(void **state)
{
        check_strict("[A]\nb=1\n[A]\n[B]\nc=\n", "1 [A]|2 A/b=1|3 [A]|4 [B]|5 B/c=|", "");
}

static void test_strict_has_no_continuation(void **state)
{
        check_strict("[A]\nb=1\n  c=2\n", "1 [A]|2 A/b=1|3 A/c=2|", "");
        check_strict("[A]\nb=1\n  2\n", "1 [A]|2 A/b=1|",
                     "E f:3: neither [Section], 'key = value' nor a comment\n");
}

static void test_strict_comments_begin_with_a_hash(void **state)
{
        check_strict("# x\n[A]\n  # y\n; z\nb=1\n", "2 [A]|5 A/b=1|",
                     "E f:4: neither [Section], 'key = value' nor a comment\n");
        check_strict("[A] # x\nb=1\n", "", "E f:1: text after ']'; the section is ignored\n");
}

static void test_strict_limits_the_size(void **state)
{
        size_t n = INI_STRICT_MAX + 1;
        _cleanup_free_ char *data = malloc(n);

        assert_non_null(data);
        memset(data, '\n', n);
        check_grammar(INI_STRICT, data, n - 1, "", "");
        check_grammar(INI_STRICT, data, n, "",
                      "E f: longer than 1048576 bytes; the file is not used\n");
}

static void test_assignments(void **state)
{
        check("", "", "");
        check("[A]\nb=c\n", "2 A/b=c|", "");
        check("[A]\nb=c", "2 A/b=c|", "");
        check("[A]\r\nb = c d \r\n", "2 A/b=c d|", "");
        check(" [ A b ] \n\tb\t=\tc\t\n", "2 A b/b=c|", "");
        check("[A]\nb=c=d;e # f\n", "2 A/b=c=d;e # f|", "");
        check("[A]\nb=1\nb=2\n[B]\nb=3\n[A]\nb=4\n", "2 A/b=1|3 A/b=2|5 B/b=3|7 A/b=4|", "");
        check("[Aa]\nBb=c\n", "2 Aa/Bb=c|", "");
}

static void test_comments(void **state)
{
        check("# x\n; y\n[A]\n#b=c\n  # d=e\n;f=g\n", "", "");
        check("[A] # x\nb=c\n[B];y\nd=e\n", "2 A/b=c|4 B/d=e|", "");
        check("[A] # see [1]\nb=c\n", "2 A/b=c|", "");
}

static void test_empty_values(void **state)
{
        check("[A]\nb=\nc =  \n", "2 A/b=|3 A/c=|", "");
        check("[A]\nb=", "2 A/b=|", "");
        check("[A]\nb=\n[B]\n", "2 A/b=|", "");
}

static void test_continuation(void **state)
{
        check("[A]\nb=1\n  2\n\t3\n", "2 A/b=1|3 A/b=2|4 A/b=3|", "");
        check("[A]\nb=\n  1\n  2\n", "3 A/b=1|4 A/b=2|", "");
        check("[A]\nb=1\n\n# x\n  # y\n  2\n", "2 A/b=1|6 A/b=2|", "");
        check("[A]\nb=1\n  c=2\n", "2 A/b=1|3 A/b=c=2|", "");
        check("[A]\nb=1\n  [C]\n", "2 A/b=1|3 A/b=[C]|", "");
}

static void test_indented_file_has_keys_not_continuations(void **state)
{
        check("[A]\n  b=1\n  c=2\n    3\n d=4\n", "2 A/b=1|3 A/c=2|4 A/c=3|5 A/d=4|", "");
        check("[A]\nb=1\n[B]\n  c=2\n", "2 A/b=1|4 B/c=2|", "");
}

static void test_refused_lines(void **state)
{
        check("b=c\n", "", "E f:1: outside a section; a [Section] line must precede it\n");
        check("[A]\nb\nc=d\n", "3 A/c=d|",
              "E f:2: neither [Section], 'key = value' nor a comment\n");
        check("[A]\n=b\n", "", "E f:2: no key before '='\n");
        check("[A\nb=c\n", "",
              "E f:1: ']' is missing after the section name; the section is ignored\n");
        check("[A] b=c\nd=e\n", "", "E f:1: text after ']'; the section is ignored\n");
}

static void test_what_continues_a_refused_line_goes_with_it(void **state)
{
        check("[A]\nb=1\nc\n  2\nd=3\n", "2 A/b=1|5 A/d=3|",
              "E f:3: neither [Section], 'key = value' nor a comment\n");
}

static void test_assignments_do_not_fall_to_the_section_before_a_refused_one(void **state)
{
        check("[A]\nb=1\n[B\nc=2\n  3\n[C]\nd=4\n", "2 A/b=1|7 C/d=4|",
              "E f:3: ']' is missing after the section name; the section is ignored\n");
}

static void test_byte_order_mark(void **state)
{
        check("\xef\xbb\xbf[A]\nb=c\n", "2 A/b=c|", "");
        check("\xef\xbb\xbf", "", "");
        check("[A]\n\xef\xbb\xbf"
              "b=c\n",
              "2 A/\xef\xbb\xbf"
              "b=c|",
              "");
}

#define JSON "this is JSON, as in nvme-cli's config.json; it must be [Section] and 'key = value'\n"

static void test_json(void **state)
{
        check("[\n  {\n    \"a\": \"b=c\"\n  }\n]\n", "", "E f:1: " JSON);
        check("# x\n [ {\"a\": 1}]\n[A]\nb=c\n", "", "E f:2: " JSON);
        check("{\n\"a\": 1\n}\n", "", "E f:1: " JSON);
        /* after a section it is a mistake in an INI file */
        check("[A]\nb=1\n[\nc=2\n[{D]\ne=3\n[F]\ng=4\n", "2 A/b=1|8 F/g=4|",
              "E f:3: ']' is missing after the section name; the section is ignored\n"
              "E f:5: " JSON);
}

#define OPTIONS                                                                                    \
        "a line of nvme-cli's discovery.conf; write controller = transport=tcp;traddr=... in "     \
        "[Controllers]\n"

static void test_options_of_a_command_line(void **state)
{
        check("-t tcp -a 192.0.2.1\n--transport=tcp\n", "", "E f:1: " OPTIONS "E f:2: " OPTIONS);
        check("[A]\n-t tcp -x=1\n  -a b=c\nb=-t\n  -a\n-1=2\n", "4 A/b=-t|5 A/b=-a|6 A/-1=2|",
              "E f:2: " OPTIONS);
}

static void test_nul_byte(void **state)
{
        static const char data[] = "[A]\nb=1\0\n2\nc=\n 3\0\n 4\n";

        check_bytes(data, sizeof(data) - 1, "6 A/c=4|",
                    "E f:2: contains a NUL byte; the line is ignored\n"
                    "E f:3: neither [Section], 'key = value' nor a comment\n"
                    "E f:5: contains a NUL byte; the line is ignored\n");
}

static void test_longest_line(void **state)
{
        static char data[4 + INI_LINE_MAX + 1 + 3];

        memset(data, 'x', sizeof(data));
        memcpy(data, "[A]\nb=", 6);
        memcpy(data + 4 + INI_LINE_MAX, "\nc=d", 4);

        _cleanup_text_buffer_ TextBuffer b = { 0 };
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        assert_int_equal(ini_parse("f", data, sizeof(data), INI_CONTINUED, record, &b, &d), 0);
        assert_int_equal(d.n_items, 0);
        assert_int_equal(b.length, strlen("2 A/b=|3 A/c=d|") + INI_LINE_MAX - 2);
}

static void test_line_too_long(void **state)
{
        static char data[4 + INI_LINE_MAX + 1 + 5];

        memset(data, 'x', sizeof(data));
        memcpy(data, "[A]\nb=", 6);
        memcpy(data + 4 + INI_LINE_MAX + 1, "\nc=d\n", 5);
        check_bytes(data, sizeof(data), "3 A/c=d|",
                    "E f:2: longer than 65536 bytes; the line is ignored\n");
}

static int refuse_second(const IniItem *item, void *userdata)
{
        unsigned *n = userdata;

        return ++*n == 2 ? -ENOMEM : 0;
}

static void test_handler_ends_the_parse(void **state)
{
        static const char data[] = "[A]\nb=1\nb=2\nb=3\n";
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        unsigned n = 0;

        assert_int_equal(ini_parse("f", data, strlen(data), INI_CONTINUED, refuse_second, &n, &d),
                         -ENOMEM);
        assert_int_equal(n, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_strict_passes_on_each_section),
                cmocka_unit_test(test_strict_has_no_continuation),
                cmocka_unit_test(test_strict_comments_begin_with_a_hash),
                cmocka_unit_test(test_strict_limits_the_size),
                cmocka_unit_test(test_assignments),
                cmocka_unit_test(test_comments),
                cmocka_unit_test(test_empty_values),
                cmocka_unit_test(test_continuation),
                cmocka_unit_test(test_indented_file_has_keys_not_continuations),
                cmocka_unit_test(test_refused_lines),
                cmocka_unit_test(test_what_continues_a_refused_line_goes_with_it),
                cmocka_unit_test(test_assignments_do_not_fall_to_the_section_before_a_refused_one),
                cmocka_unit_test(test_byte_order_mark),
                cmocka_unit_test(test_json),
                cmocka_unit_test(test_options_of_a_command_line),
                cmocka_unit_test(test_nul_byte),
                cmocka_unit_test(test_longest_line),
                cmocka_unit_test(test_line_too_long),
                cmocka_unit_test(test_handler_ends_the_parse),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

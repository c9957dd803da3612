/* SPDX-License-Identifier: Apache-2.0 */

#include "base/json.h"

#include <stdio.h>
#include <string.h>

#include "base/testing.h"

static struct json_object *parse(const char *text)
{
        struct json_object *o;
        assert_int_equal(json_parse_bytes(text, strlen(text), &o), 0);
        return o;
}

static void test_documents(void **state)
{
        static const char *const good[] = {
                "{}",
                "[]",
                " {\"a\": [1, 2]}\n",
                "\"text\"",
                "12",
                "-1.5",
                "true",
                "\t[ ]\r\n ",
                "[0,-0,0.5,1e9,2E-3]",
                "{\"a\":[],\"b\":{}}",
                "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\"]",
                "[null,false]",
        };
        static const char *const bad[] = {
                "",
                " ",
                "{",
                "{}}",
                "{} {}",
                "[1,]",
                "{\"a\":1,}",
                "null",
                "nul",
                "{a: 1}",
                "[1] x",
                "\"a",
                "[01]",
                "\xff",
                "[\"\xff\"]",
                "1 2",
                "// x\n1",
                "-",
                "[-]",
                "[1.]",
                "[.5]",
                "[+1]",
                "[1e]",
                "[0x1]",
                "[1,,2]",
                "[,1]",
                "{\"a\" 1}",
                "{\"a\":}",
                "{,}",
                "['a']",
                "{'a':1}",
                "[True]",
                "[NULL]",
                "[NaN]",
                "[Infinity]",
                "[-Infinity]",
                "[truefalse]",
                "[1/**/]",
                "[\"\\x\"]",
                "[\"\\u12g4\"]",
                "[\"\\u12\"]",
                "[\"a\nb\"]",
                "[\"a\tb\"]",
                "[\"\x1f\"]",
                "[\"\xed\xa0\x80\"]",
                "[\"\xc0\xaf\"]",
                "[\"\xf4\x90\x80\x80\"]",
                "[\"\xc3\"]",
                "[\xc3\xa4]",
                "\xef\xbb\xbf[]",
        };
        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                _cleanup_json_ struct json_object *o = parse(good[i]);
                assert_non_null(o);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                struct json_object *o = NULL;
                assert_int_equal(json_parse_bytes(bad[i], strlen(bad[i]), &o), -EBADMSG);
                assert_null(o);
        }
}

/* In strict mode json-c 0.18 rejects all bytes above 0x7f in strings. */
static void test_text_of_any_script(void **state)
{
        static const char *const texts[] = {
                "\xc3\xa4", "Speicher B\xc3\xbcro", "\xe2\x82\xac", "\xf0\x9d\x84\x9e", "\x7f",
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                _cleanup_free_ char *json = NULL;
                const char *s;
                assert_true(asprintf(&json, "{\"%s\": \"%s\"}", texts[i], texts[i]) > 0);
                _cleanup_json_ struct json_object *o = parse(json);
                assert_int_equal(json_get_string(o, texts[i], &s), 0);
                assert_string_equal(s, texts[i]);
        }
}

static void test_nul_byte_ends_nothing(void **state)
{
        struct json_object *o = NULL;
        assert_int_equal(json_parse_bytes("{}\0{}", 5, &o), -EBADMSG);
        assert_int_equal(json_parse_bytes("12\0", 3, &o), -EBADMSG);
        assert_int_equal(json_parse_bytes("[1\0]", 4, &o), -EBADMSG);
        assert_null(o);
}

static void test_deep_nesting_is_refused(void **state)
{
        char text[10000];
        struct json_object *o = NULL;
        memset(text, '[', sizeof(text));
        assert_int_equal(json_parse_bytes(text, sizeof(text), &o), -EBADMSG);
}

static void test_members(void **state)
{
        _cleanup_json_ struct json_object *o = parse(
                "{\"s\": \"text\", \"z\": \"a\\u0000b\", \"u\": 7, \"big\": 18446744073709551615,"
                " \"neg\": -1, \"f\": 1.5, \"n\": null, \"a\": [1], \"o\": {}}");
        struct json_object *member;
        const char *s;
        uint64_t u;
        int i;

        assert_int_equal(json_get_string(o, "s", &s), 0);
        assert_string_equal(s, "text");
        assert_int_equal(json_get_string(o, "z", &s), -EINVAL);
        assert_int_equal(json_get_string(o, "u", &s), -EINVAL);
        assert_int_equal(json_get_string(o, "n", &s), -ENOENT);
        assert_int_equal(json_get_string(o, "absent", &s), -ENOENT);

        assert_int_equal(json_get_uint(o, "u", &u), 0);
        assert_int_equal(u, 7);
        assert_int_equal(json_get_uint(o, "big", &u), 0);
        assert_true(u == UINT64_MAX);
        assert_int_equal(json_get_uint(o, "neg", &u), -EINVAL);
        assert_int_equal(json_get_uint(o, "f", &u), -EINVAL);
        assert_int_equal(json_get_uint(o, "s", &u), -EINVAL);

        assert_int_equal(json_get_int(o, "neg", &i), 0);
        assert_int_equal(i, -1);
        assert_int_equal(json_get_int(o, "big", &i), -EINVAL);
        assert_int_equal(json_get_int(o, "f", &i), -EINVAL);
        assert_int_equal(json_get_int(o, "absent", &i), -ENOENT);

        assert_int_equal(json_get_array(o, "a", &member), 0);
        assert_int_equal(json_get_array(o, "o", &member), -EINVAL);
        assert_int_equal(json_get_object(o, "o", &member), 0);
        assert_int_equal(json_get_object(o, "a", &member), -EINVAL);
        assert_int_equal(json_get_object(member, "a", &member), -ENOENT);
}

static void test_members_of_what_is_no_object(void **state)
{
        _cleanup_json_ struct json_object *array = parse("[1]");
        const char *s;
        assert_int_equal(json_get_string(array, "s", &s), -EINVAL);
        assert_int_equal(json_get_string(NULL, "s", &s), -EINVAL);
}

static void test_adding_takes_the_value(void **state)
{
        _cleanup_json_ struct json_object *o = json_object_new_object();
        struct json_object *array = json_object_new_array();

        assert_int_equal(json_append(array, json_object_new_int(1)), 0);
        assert_int_equal(json_append(array, NULL), -ENOMEM);
        assert_int_equal(json_add(o, "a", array), 0);
        assert_int_equal(json_add(o, "b", NULL), -ENOMEM);
        assert_string_equal(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN),
                            "{\"a\":[1]}");
}

static void test_from_properties(void **state)
{
        _cleanup_properties_list_ PropertiesList l = { 0 };
        Properties *row = properties_list_add(&l);
        assert_int_equal(properties_add(row, "traddr", "fe80::1"), 0);
        assert_int_equal(properties_add(row, "quote", "a\"b"), 0);
        assert_non_null(properties_list_add(&l));

        _cleanup_json_ struct json_object *o = json_from_properties_list(&l);
        assert_string_equal(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN),
                            "[{\"traddr\":\"fe80::1\",\"quote\":\"a\\\"b\"},{}]");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_documents),
                cmocka_unit_test(test_text_of_any_script),
                cmocka_unit_test(test_nul_byte_ends_nothing),
                cmocka_unit_test(test_deep_nesting_is_refused),
                cmocka_unit_test(test_members),
                cmocka_unit_test(test_members_of_what_is_no_object),
                cmocka_unit_test(test_adding_takes_the_value),
                cmocka_unit_test(test_from_properties),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

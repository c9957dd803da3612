/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/dim.h"

#include <string.h>

#include "base/testing.h"

#define UUID "01234567-89ab-CDEF-0123-456789abcdef"

static const DimHost lab = {
        .nqn = "nqn.2014-08.org.nvmexpress:uuid:lab",
        .id = UUID,
        .symname = "rack7",
        .name = "lab.example",
        .version = "Linux 6.12",
        .ip_family = ADDRESS_IPV4,
};

static uint8_t *encode(const DimHost *h, size_t *ret_n)
{
        uint8_t *data = NULL;
        assert_int_equal(dim_encode_host(h, &data, ret_n), 0);
        return data;
}

/* Each field is where the specification puts it, and everything else is zero. */
static void test_each_field_has_its_place(void **state)
{
        enum {
                DIE = 1024,
                EXAT = DIE + 1032,
                SIZE = EXAT + 4 + 16 + 4 + 8,
        };
        uint8_t expected[SIZE] = { 0 };
        size_t n;
        expected[0] = SIZE & 0xff; /* TDL */
        expected[1] = SIZE >> 8;
        expected[8] = 1;     /* NUMENT */
        expected[16] = 2;    /* ENTFMT: extended */
        expected[18] = 1;    /* ETYPE: host */
        expected[22] = 0x5f; /* EKTYPE */
        memcpy(expected + 24, lab.nqn, strlen(lab.nqn));
        memcpy(expected + 280, lab.name, strlen(lab.name));
        memcpy(expected + 536, lab.version, strlen(lab.version));
        expected[DIE] = 3;     /* TRTYPE: TCP */
        expected[DIE + 1] = 1; /* ADRFAM: IPv4 */
        memcpy(expected + DIE + 256, lab.nqn, strlen(lab.nqn));
        expected[DIE + 1024] = (SIZE - DIE) & 0xff; /* TEL */
        expected[DIE + 1025] = (SIZE - DIE) >> 8;
        expected[DIE + 1028] = 2; /* NUMEXAT */
        expected[EXAT] = 1;       /* EXATTYPE: host identifier */
        expected[EXAT + 2] = 16;
        memcpy(expected + EXAT + 4,
               "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef", 16);
        expected[EXAT + 20] = 2; /* EXATTYPE: symbolic name */
        expected[EXAT + 22] = 8;
        memcpy(expected + EXAT + 24, "rack7   ", 8);

        _cleanup_free_ uint8_t *data = encode(&lab, &n);
        assert_int_equal(n, SIZE);
        assert_memory_equal(data, expected, SIZE);
}

static void test_no_symbolic_name_is_no_attribute(void **state)
{
        DimHost h = lab;
        size_t n, n_empty;
        h.symname = NULL;
        _cleanup_free_ uint8_t *data = encode(&h, &n);
        assert_int_equal(n, 1024 + 1032 + 20);
        assert_int_equal(data[1024 + 1028], 1);
        h.symname = "";
        _cleanup_free_ uint8_t *empty = encode(&h, &n_empty);
        assert_int_equal(n_empty, n);
        assert_memory_equal(data, empty, n);
}

static void test_ipv6(void **state)
{
        DimHost h = lab;
        size_t n;
        h.ip_family = ADDRESS_IPV6;
        _cleanup_free_ uint8_t *data = encode(&h, &n);
        assert_int_equal(data[1024 + 1], 2);
}

static void test_long_texts_are_cut(void **state)
{
        char text[400], nqn[NQN_MAX + 2];
        DimHost h = lab;
        uint8_t *none = NULL;
        size_t n;
        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 1] = '\0';
        h.symname = h.name = h.version = text;
        _cleanup_free_ uint8_t *data = encode(&h, &n);
        assert_int_equal(n, 1024 + 1032 + 20 + 4 + 256);
        assert_int_equal(data[280 + 254], 'x');
        assert_int_equal(data[280 + 255], 0);
        assert_int_equal(data[536 + 62], 'x');
        assert_int_equal(data[536 + 63], 0);

        memset(nqn, 'n', sizeof(nqn));
        nqn[NQN_MAX + 1] = '\0';
        h.nqn = nqn;
        assert_int_equal(dim_encode_host(&h, &none, &n), -EINVAL);
        assert_null(none);
        nqn[NQN_MAX] = '\0';
        _cleanup_free_ uint8_t *longest = encode(&h, &n);
        assert_memory_equal(longest + 24, nqn, NQN_MAX + 1);
}

static void test_a_host_has_a_name_and_an_identifier(void **state)
{
        static const DimHost hosts[] = {
                { .nqn = NULL, .id = UUID },
                { .nqn = "", .id = UUID },
                { .nqn = "nqn.x", .id = NULL },
                { .nqn = "nqn.x", .id = "" },
                { .nqn = "nqn.x", .id = "01234567-89ab-cdef-0123-456789abcdeg" },
        };
        uint8_t *data;
        size_t n;
        for (size_t i = 0; i < ELEMENTSOF(hosts); i++)
                assert_int_equal(dim_encode_host(&hosts[i], &data, &n), -EINVAL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_field_has_its_place),
                cmocka_unit_test(test_no_symbolic_name_is_no_attribute),
                cmocka_unit_test(test_ipv6),
                cmocka_unit_test(test_long_texts_are_cut),
                cmocka_unit_test(test_a_host_has_a_name_and_an_identifier),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

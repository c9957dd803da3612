/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/txt_record.h"

#include "base/testing.h"
#include "base/text.h"

static void add(TxtRecord *t, const char *s)
{
        txt_record_add(t, s, strlen(s));
}

static TxtRecord read_record(const char *a, const char *b)
{
        TxtRecord t;

        txt_record_init(&t);
        add(&t, a);
        add(&t, b);
        return t;
}

static void test_protocols(void **state)
{
        assert_int_equal(read_record("p=tcp", "").transport, TRANSPORT_TCP);
        assert_int_equal(read_record("p=roce", "").transport, TRANSPORT_RDMA);
        assert_int_equal(read_record("p=iwarp", "").transport, TRANSPORT_RDMA);
        assert_int_equal(read_record("p=rdma", "").transport, TRANSPORT_RDMA);
        assert_int_equal(read_record("P=TCP", "").transport, TRANSPORT_TCP);
        assert_int_equal(read_record("p=RoCE", "").transport, TRANSPORT_RDMA);
}

static void test_what_is_no_protocol_is_no_transport(void **state)
{
        static const char *const values[] = { "p=",     "p",    "p=fc", "p=tcp ",
                                              "p=tcpx", "p=tc", "=tcp", "pp=tcp",
                                              "p =tcp", "",     "=" };

        for (size_t i = 0; i < ELEMENTSOF(values); i++)
                assert_int_equal(read_record(values[i], "").transport, _TRANSPORT_INVALID);
        assert_false(read_record("", "nqn=nqn.x").has_p);
        assert_true(read_record("p", "").has_p);
}

static void test_the_first_of_a_key_counts(void **state)
{
        assert_int_equal(read_record("p=roce", "P=tcp").transport, TRANSPORT_RDMA);
        assert_int_equal(read_record("p=rubbish", "p=tcp").transport, _TRANSPORT_INVALID);
        assert_string_equal(read_record("NQN=nqn.a", "nqn=nqn.b").nqn, "nqn.a");
}

static void test_nqn(void **state)
{
        char longest[sizeof("nqn=") + NQN_MAX + 1];

        assert_string_equal(read_record("p=tcp", "nqn=nqn.2024-01.lab:dc").nqn,
                            "nqn.2024-01.lab:dc");
        assert_string_equal(read_record("nQn=nqn.a=b", "").nqn, "nqn.a=b");
        assert_string_equal(read_record("nqn=nqn.sp\xc3\xa4t", "").nqn, "nqn.sp\xc3\xa4t");

        memset(longest, 'x', sizeof(longest));
        memcpy(longest, "nqn=nqn.", strlen("nqn=nqn."));
        longest[sizeof("nqn=") - 1 + NQN_MAX] = '\0';
        assert_string_equal(read_record(longest, "").nqn, longest + strlen("nqn="));
        longest[sizeof("nqn=") - 1 + NQN_MAX] = 'x';
        longest[sizeof("nqn=") + NQN_MAX] = '\0';
        assert_string_equal(read_record(longest, "").nqn, "");
}

/* Commas separate the kernel's options, and only text may reach a terminal. */
static void test_what_is_no_nqn_is_none(void **state)
{
        static const char *const values[] = {
                "nqn=",           "nqn",         "nqn=iqn.x",     "nqn=NQN.x",      "nqn=nqn.a,tls",
                "nqn=nqn.\x1b[m", "nqn=nqn.a b", "nqn=nqn.a\xff", "nqn=nqn.a\xc3(", "nqn= nqn.a",
        };

        for (size_t i = 0; i < ELEMENTSOF(values); i++)
                assert_string_equal(read_record(values[i], "p=tcp").nqn, "");
        TxtRecord t;
        txt_record_init(&t);
        txt_record_add(&t, "nqn=nqn.a\0b", sizeof("nqn=nqn.a\0b") - 1);
        assert_string_equal(t.nqn, "");
        txt_record_add(&t, NULL, 0);
}

/* Distinguished from a missing NQN: the well-known one is not used for such an announcement
 * either. */
static void test_bad_nqns(void **state)
{
        static const struct {
                const char *text;
                bool bad;
        } cases[] = {
                { "nqn=nqn.a", false },
                { "nqn=iqn.x", false },
                { "nqn=", false },
                { "nqn", false },
                { "nqn=nqn.a b", false },
                { "nqn=nqn.a,tls", true },
                { "nqn=nqn.\xef\xbf\xbe", true },
                { "nqn=nqn.a\xe2\x80\x8b", true },
                { "nqn=nqn.\xe2\x80\xae", true },
                { "nqn=nqn.a\xff", true },
                { "nqn=\x1b[m", true },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                TxtRecord t = read_record(cases[i].text, "p=tcp");
                assert_int_equal(t.bad_nqn, cases[i].bad);
                if (cases[i].bad)
                        assert_string_equal(t.nqn, "");
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_protocols),
                cmocka_unit_test(test_what_is_no_protocol_is_no_transport),
                cmocka_unit_test(test_the_first_of_a_key_counts),
                cmocka_unit_test(test_nqn),
                cmocka_unit_test(test_what_is_no_nqn_is_none),
                cmocka_unit_test(test_bad_nqns),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

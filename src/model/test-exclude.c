/* SPDX-License-Identifier: Apache-2.0 */

#include "model/exclude.h"

#include <string.h>

#include "base/testing.h"

#define WWN_PAIR "nn-0x20000090fa942779:pn-0x10000090fa942779"

#define EXAMPLE                                                                                    \
        {                                                                                          \
                "tcp", "2001:db8::1", "4420", "nqn.a", "2001:db8::9", "eth0", "nqn.host"           \
        }

static const TidFields example = EXAMPLE;

static const struct {
        TidFields rule, controller;
        bool matches;
} cases[] = {
        { { .transport = "tcp" }, EXAMPLE, true },
        { { .transport = "TCP " }, EXAMPLE, true },
        { { .transport = "rdma" }, EXAMPLE, false },
        { { .traddr = "2001:DB8:0::1" }, EXAMPLE, true },
        { { .traddr = "[2001:db8::1]" }, EXAMPLE, true },
        { { .traddr = "2001:db8::2" }, EXAMPLE, false },
        { { .traddr = "192.0.2.1" }, EXAMPLE, false },
        { { .trsvcid = "4420" }, EXAMPLE, true },
        { { .trsvcid = "04420" }, EXAMPLE, true },
        { { .trsvcid = "44200" }, EXAMPLE, false },
        { { .trsvcid = "8009" }, EXAMPLE, false },
        { { .subsysnqn = "nqn.a" }, EXAMPLE, true },
        { { .subsysnqn = "nqn.A" }, EXAMPLE, false },
        { { .subsysnqn = "nqn" }, EXAMPLE, false },
        { { .host_traddr = "2001:db8:0:0::9" }, EXAMPLE, true },
        { { .host_traddr = "2001:db8::8" }, EXAMPLE, false },
        { { .host_iface = "eth0" }, EXAMPLE, true },
        { { .host_iface = "eth1" }, EXAMPLE, false },
        { { .host_nqn = "nqn.host" }, EXAMPLE, true },
        { { .host_nqn = "nqn.other" }, EXAMPLE, false },
        /* several fields */
        { { .transport = "tcp", .traddr = "2001:db8::1", .subsysnqn = "nqn.a" }, EXAMPLE, true },
        { { .transport = "tcp", .traddr = "2001:db8::1", .subsysnqn = "nqn.b" }, EXAMPLE, false },
        { { .transport = "rdma", .traddr = "2001:db8::1" }, EXAMPLE, false },
        /* an empty field is unset */
        { { .transport = "tcp", .traddr = "", .trsvcid = "  " }, EXAMPLE, true },
        /* IPv4-mapped */
        { { .traddr = "192.0.2.1" },
          { .transport = "tcp", .traddr = "::ffff:192.0.2.1", .subsysnqn = "nqn.a" },
          true },
        /* in a form that only the kernel accepts */
        { { .traddr = "192.0.2.1" },
          { .transport = "tcp", .traddr = "192.0.2.01", .subsysnqn = "nqn.a" },
          true },
        { { .traddr = "192.0.2.1" },
          { .transport = "rdma", .traddr = "192.0.2.1:x", .subsysnqn = "nqn.a" },
          true },
        { { .traddr = "2001:db8::1" },
          { .transport = "tcp", .traddr = "2001:db8::00001", .subsysnqn = "nqn.a" },
          true },
        { { .trsvcid = "4420" },
          { .transport = "tcp", .traddr = "192.0.2.1", .trsvcid = "0x1144", .subsysnqn = "nqn.a" },
          true },
        /* the interface of a link-local address, in either place */
        { { .host_iface = "eth0" },
          { .transport = "tcp", .traddr = "fe80::1%eth0", .subsysnqn = "nqn.a" },
          true },
        { { .host_iface = "eth1" },
          { .transport = "tcp", .traddr = "fe80::1%eth0", .subsysnqn = "nqn.a" },
          false },
        { { .traddr = "fe80::1%eth0" },
          { .transport = "tcp", .traddr = "fe80::1%eth0", .subsysnqn = "nqn.a" },
          true },
        { { .traddr = "fe80::1%eth0" },
          { .transport = "tcp", .traddr = "fe80::1%eth1", .subsysnqn = "nqn.a" },
          false },
        { { .traddr = "fe80::1" },
          { .transport = "tcp", .traddr = "fe80::1%eth1", .subsysnqn = "nqn.a" },
          true },
        { { .traddr = "fe80::1%eth0" },
          { "tcp", "fe80::1", NULL, "nqn.a", NULL, "eth0", NULL },
          true },
        { { .traddr = "fe80::1%eth0" },
          { "tcp", "fe80::1", NULL, "nqn.a", NULL, "eth1", NULL },
          false },
        /* FC, with and without the transport */
        { { .traddr = "NN-20000090FA942779:PN-10000090FA942779" },
          { .transport = "fc", .traddr = WWN_PAIR, .subsysnqn = "nqn.a" },
          true },
        { { .transport = "fc", .traddr = "nn-0x20000090fa942779,pn-0x10000090fa942779" },
          { .transport = "fc", .traddr = WWN_PAIR, .subsysnqn = "nqn.a" },
          true },
        { { .traddr = "nn-0x20000090fa942779,pn-0x10000090fa942779" },
          { .transport = "fc", .traddr = WWN_PAIR, .subsysnqn = "nqn.a" },
          true },
        { { .transport = "fc", .traddr = "NN-0x20000090FA942779:PN-0x10000090FA942779" },
          { .transport = "fc", .traddr = WWN_PAIR, .subsysnqn = "nqn.a" },
          true },
        { { .traddr = "nn-0x20000090fa942779:pn-0x10000090fa942778" },
          { .transport = "fc", .traddr = WWN_PAIR, .subsysnqn = "nqn.a" },
          false },
        /* names */
        { { .traddr = "STORAGE.example" },
          { .transport = "tcp", .traddr = "storage.example", .subsysnqn = "nqn.a" },
          true },
        { { .traddr = "host-36932" },
          { .transport = "tcp", .traddr = "host-123305", .subsysnqn = "nqn.a" },
          false },
        /* garbage matches nothing */
        { { .traddr = "256.0.0.1" }, EXAMPLE, false },
        { { .trsvcid = "x" }, EXAMPLE, false },
};

static void test_each_given_field_must_match(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_tid_ Tid *t = NULL;
                ExcludeList l = { 0 };

                assert_int_equal(tid_new(&cases[i].controller, CONTROLLER_IO, &t), 0);
                assert_int_equal(exclude_list_add(&l, &cases[i].rule, "a.conf:1"), 0);
                if ((exclude_list_match(&l, t) != NULL) != cases[i].matches)
                        fail_msg("case %zu", i);
                exclude_list_done(&l);
        }
}

static void test_a_family_of_nqns(void **state)
{
        static const struct {
                const char *rule;
                bool matches; /* nqn.2024-01.lab:csi:a */
        } families[] = {
                { "nqn.2024-01.lab:csi:*", true },    { "nqn.2024-01.lab:csi:a*", true },
                { "nqn.2024-01.lab:csi:a", true },    { "nqn.2024-01.lab:csi:b*", false },
                { "nqn.2024-01.lab:csi:aa*", false }, { "nqn.*:csi:a", false },
        };
        const TidFields f = { .transport = "tcp",
                              .traddr = "192.0.2.1",
                              .subsysnqn = "nqn.2024-01.lab:csi:a" };
        _cleanup_tid_ Tid *t = NULL;

        assert_int_equal(tid_new(&f, CONTROLLER_IO, &t), 0);
        for (size_t i = 0; i < ELEMENTSOF(families); i++) {
                const TidFields rule = { .subsysnqn = families[i].rule };
                _cleanup_(exclude_list_done) ExcludeList l = { 0 }, copy = { 0 }, verbatim = { 0 };

                assert_int_equal(exclude_list_add_family(&l, &rule, "a.conf:1"), 0);
                assert_int_equal(exclude_list_append(&copy, &l), 0);
                assert_true(exclude_list_equal(&copy, &l));
                if ((exclude_list_match(&copy, t) != NULL) != families[i].matches)
                        fail_msg("%s", families[i].rule);

                assert_int_equal(exclude_list_add(&verbatim, &rule, "a.conf:1"), 0);
                assert_int_equal(exclude_list_match(&verbatim, t) != NULL, i == 2);
                assert_int_equal(exclude_list_equal(&verbatim, &l), !l.rules[0].is_family);
        }
}

static void test_refused_rules_match_nothing(void **state)
{
        static const TidFields refused[] = {
                { 0 },
                { .transport = "", .traddr = " ", .subsysnqn = "\t" },
                { .transport = "pcie" },
                { .transport = "tcpx", .traddr = "2001:db8::1" },
        };
        _cleanup_tid_ Tid *t = NULL;
        ExcludeList l = { 0 };

        assert_int_equal(tid_new(&example, CONTROLLER_IO, &t), 0);
        assert_null(exclude_list_match(&l, t));
        for (size_t i = 0; i < ELEMENTSOF(refused); i++)
                assert_int_equal(exclude_list_add(&l, &refused[i], "a.conf:1"), -EINVAL);
        assert_int_equal(l.n_rules, 0);
        assert_null(exclude_list_match(&l, t));
        exclude_list_done(&l);
}

static void test_the_first_rule_that_matches_is_named(void **state)
{
        const TidFields other = { .traddr = "192.0.2.1" }, first = { .subsysnqn = "nqn.a" },
                        second = { .transport = "tcp" };
        _cleanup_tid_ Tid *t = NULL;
        ExcludeList l = { 0 };

        assert_int_equal(tid_new(&example, CONTROLLER_IO, &t), 0);
        assert_int_equal(exclude_list_add(&l, &other, "a.conf:1"), 0);
        assert_int_equal(exclude_list_add(&l, &first, "a.conf:2"), 0);
        assert_int_equal(exclude_list_add(&l, &second, "a.conf:3"), 0);
        const ExcludeRule *r = exclude_list_match(&l, t);
        assert_non_null(r);
        assert_string_equal(r->where, "a.conf:2");
        exclude_list_done(&l);
}

static const TidFields all_fields = { "rdma",      "192.0.2.1", "4420",    "nqn.a",
                                      "192.0.2.9", "eth0",      "nqn.host" };

static void test_lists_add_up(void **state)
{
        const TidFields one = { .subsysnqn = "nqn.b" };
        ExcludeList l = { 0 }, other = { 0 }, both = { 0 };

        assert_int_equal(exclude_list_add(&l, &one, "a.conf:1"), 0);
        assert_int_equal(exclude_list_add(&other, &all_fields, "b.conf:7"), 0);
        assert_int_equal(exclude_list_append(&l, &other), 0);
        assert_int_equal(l.n_rules, 2);
        assert_int_equal(other.n_rules, 1);

        const ExcludeRule *r = &l.rules[1];
        assert_string_equal(r->where, "b.conf:7");
        assert_int_equal(r->transport, TRANSPORT_RDMA);
        assert_string_equal(r->traddr, "192.0.2.1");
        assert_string_equal(r->trsvcid, "4420");
        assert_string_equal(r->subsysnqn, "nqn.a");
        assert_string_equal(r->host_traddr, "192.0.2.9");
        assert_string_equal(r->host_iface, "eth0");
        assert_string_equal(r->host_nqn, "nqn.host");
        assert_int_equal(r->address.family, ADDRESS_IPV4);
        assert_int_equal(r->host_address.family, ADDRESS_IPV4);

        assert_int_equal(exclude_list_append(&both, &l), 0);
        assert_true(exclude_list_equal(&both, &l));
        exclude_list_done(&l);
        exclude_list_done(&other);
        exclude_list_done(&both);
}

static void test_each_difference_counts(void **state)
{
        const TidFields empty = { .transport = "rdma" };
        ExcludeList l = { 0 };

        assert_int_equal(exclude_list_add(&l, &all_fields, "a.conf:1"), 0);
        for (size_t i = 0; i <= sizeof(TidFields) / sizeof(const char *); i++) {
                TidFields fields = all_fields;
                ExcludeList other = { 0 };

                if (i > 0) /* all fields are strings */
                        ((const char **) &fields)[i - 1] = NULL;
                assert_int_equal(exclude_list_add(&other, &fields, "a.conf:1"), 0);
                assert_int_equal(exclude_list_equal(&l, &other), i == 0);
                exclude_list_done(&other);
        }

        ExcludeList elsewhere = { 0 }, longer = { 0 };
        assert_int_equal(exclude_list_add(&elsewhere, &all_fields, "a.conf:2"), 0);
        assert_false(exclude_list_equal(&l, &elsewhere));
        assert_int_equal(exclude_list_append(&longer, &l), 0);
        assert_int_equal(exclude_list_add(&longer, &empty, "a.conf:2"), 0);
        assert_false(exclude_list_equal(&l, &longer));
        assert_false(exclude_list_equal(&longer, &l));
        exclude_list_done(&l);
        exclude_list_done(&elsewhere);
        exclude_list_done(&longer);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_given_field_must_match),
                cmocka_unit_test(test_a_family_of_nqns),
                cmocka_unit_test(test_refused_rules_match_nothing),
                cmocka_unit_test(test_the_first_rule_that_matches_is_named),
                cmocka_unit_test(test_lists_add_up),
                cmocka_unit_test(test_each_difference_counts),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

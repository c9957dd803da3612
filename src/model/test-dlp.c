/* SPDX-License-Identifier: Apache-2.0 */

#include "model/dlp.h"

#include <string.h>

#include "base/testing.h"
#include "base/text.h"
#include "model/transport.h"

/* As sent by nvme-stas 2.4.1 (Python) for a Linux target. */
#define PYTHON_TEXT                                                                                \
        "{'trtype': 'tcp', 'adrfam': 'ipv4', 'traddr': '127.0.0.1', 'trsvcid': '8009', "           \
        "'subnqn': 'nqn.2024-01.lab:sub1', 'subtype': 'nvme', 'treq': 'disable sqflow', "          \
        "'portid': '1', 'cntlid': '65535', 'asqsz': '32', 'eflags': '0'}"

static const DlpEntry example = {
        .trtype = 3,
        .adrfam = 1,
        .subtype = DLPE_NVME,
        .treq = 4,
        .portid = 1,
        .cntlid = 65535,
        .asqsz = 32,
        .trsvcid = "8009",
        .subnqn = (char *) "nqn.2024-01.lab:sub1",
        .traddr = (char *) "127.0.0.1",
};

static void test_names(void **state)
{
        static const struct {
                uint8_t value;
                const char *trtype, *adrfam, *subtype, *treq;
        } cases[] = {
                { 0, "unspecified", "pci", "0", "not specified" },
                { 1, "rdma", "ipv4", "referral", "required" },
                { 2, "fc", "ipv6", "nvme", "not required" },
                { 3, "tcp", "infiniband", "discovery", "3" },
                { 4, "4", "fc", "4", "disable sqflow" },
                { 5, "5", "5", "5", "5" },
                { 254, "loop", "254", "254", "254" },
                { 255, "255", "255", "255", "255" },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[16], treq[64];
                uint8_t value = cases[i].value;
                assert_string_equal(dlpe_trtype_to_string(value, buf), cases[i].trtype);
                assert_string_equal(dlpe_adrfam_to_string(value, buf), cases[i].adrfam);
                assert_string_equal(dlpe_subtype_to_string(value, buf), cases[i].subtype);
                assert_string_equal(dlpe_treq_to_string(value, treq), cases[i].treq);
        }
}

static void test_requirements_in_words(void **state)
{
        static const struct {
                uint8_t treq;
                const char *words;
        } cases[] = {
                { 0, "not specified" },
                { 1, "required" },
                { 2, "not required" },
                { 3, "reserved 3h" },
                { 4, "disable sqflow" },
                { 5, "required, disable sqflow" },
                { 6, "not required, disable sqflow" },
                { 7, "reserved 3h, disable sqflow" },
                { 0x80, "not specified, reserved 80h" },
                { 0x0d, "required, disable sqflow, reserved 8h" },
                { 0xff, "reserved 3h, disable sqflow, reserved f8h" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[64];
                assert_string_equal(dlpe_requirements_to_string(cases[i].treq, buf),
                                    cases[i].words);
        }
}

/* What Python has stays as Python gives it. */
static void test_all_that_is_known_of_an_entry(void **state)
{
        static const struct {
                uint8_t trtype, treq, sectype;
                const char *python, *requirements, *sectype_name;
        } cases[] = {
                { 3, 4, 0, "disable sqflow", "disable sqflow", "none" },
                { 3, 1, 2, "required", "required", "tls1.3" },
                { 3, 5, 1, "5", "required, disable sqflow", "tls1.2" },
                { 3, 0, 9, "not specified", "not specified", "9" },
                { 1, 0, 0, "not specified", "not specified", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_properties_ Properties p = { 0 };
                _cleanup_(dlpe_done) DlpEntry back = { 0 };
                DlpEntry e = example;

                e.trtype = cases[i].trtype;
                e.treq = cases[i].treq;
                e.sectype = cases[i].sectype;
                assert_int_equal(dlpe_describe_all(&e, &p), 0);
                assert_string_equal(properties_get(&p, "treq"), cases[i].python);
                assert_string_equal(properties_get(&p, DLPE_REQUIREMENTS), cases[i].requirements);
                assert_true(streq_ptr(properties_get(&p, DLPE_SECTYPE), cases[i].sectype_name));
                assert_int_equal(dlpe_from_properties(&p, &back), 0);
                assert_true(dlpe_equal(&e, &back));
        }
}

static void test_which_entries_demand_tls(void **state)
{
        enum {
                RDMA = 1,
                TCP = 3
        };
        static const struct {
                uint8_t trtype, treq, sectype;
                bool demands;
        } cases[] = {
                { TCP, 0, 0, false },  { TCP, 4, 0, false }, { TCP, 1, 0, true },
                { TCP, 5, 0, true },   { TCP, 0, 2, true },  { TCP, 5, 2, true },
                { TCP, 2, 2, false },  { TCP, 6, 1, false }, /* it is offered */
                { RDMA, 1, 0, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                DlpEntry e = example;

                e.trtype = cases[i].trtype;
                e.treq = cases[i].treq;
                e.sectype = cases[i].sectype;
                assert_int_equal(dlpe_demands_tls(&e), cases[i].demands);
        }
}

static void test_text(void **state)
{
        _cleanup_free_ char *s = dlpe_to_string(&example), *short_s = NULL;
        DlpEntry e = example;

        assert_string_equal(s, "(tcp, 127.0.0.1, 8009, nqn.2024-01.lab:sub1)");
        e.trtype = 77;
        e.traddr = (char *) "";
        e.trsvcid[0] = '\0';
        short_s = dlpe_to_string(&e);
        assert_string_equal(short_s, "(77, nqn.2024-01.lab:sub1)");
}

static void test_python_text(void **state)
{
        _cleanup_free_ char *s = dlpe_to_python_string(&example);
        assert_string_equal(s, PYTHON_TEXT);
}

static void test_python_quotes(void **state)
{
        static const struct {
                const char *nqn, *quoted;
        } cases[] = {
                { "a'b", "\"a'b\"" },
                { "a\"b", "'a\"b'" },
                { "a'b\"c", "'a\\'b\"c'" },
                { "a\\b", "'a\\\\b'" },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                DlpEntry e = example;
                e.subnqn = (char *) cases[i].nqn;
                _cleanup_free_ char *s = dlpe_to_python_string(&e);
                const char *value = strstr(s, "'subnqn': ");
                assert_non_null(value);
                value += strlen("'subnqn': ");
                assert_memory_equal(value, cases[i].quoted, strlen(cases[i].quoted));
        }
}

static void test_keys_in_pythons_order(void **state)
{
        static const char *const keys[] = { "trtype", "adrfam",  "traddr", "trsvcid",
                                            "subnqn", "subtype", "treq",   "portid",
                                            "cntlid", "asqsz",   "eflags" };
        _cleanup_properties_ Properties p = { 0 };

        assert_int_equal(dlpe_describe(&example, &p), 0);
        assert_int_equal(p.n_items, ELEMENTSOF(keys));
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                assert_string_equal(p.items[i].key, keys[i]);
}

static void test_every_value_comes_back(void **state)
{
        for (unsigned i = 0; i <= UINT8_MAX; i++) {
                DlpEntry e = example;
                _cleanup_(dlpe_done) DlpEntry back = { 0 };
                _cleanup_properties_ Properties p = { 0 };

                e.trtype = e.adrfam = e.subtype = e.treq = (uint8_t) i;
                e.eflags = (uint16_t) (i * 257);
                assert_int_equal(dlpe_describe(&e, &p), 0);
                assert_int_equal(dlpe_from_properties(&p, &back), 0);
                assert_true(dlpe_equal(&e, &back));
        }
}

static void replace_property(Properties *p, const char *key, const char *value)
{
        for (size_t i = 0; i < p->n_items; i++)
                if (streq(p->items[i].key, key)) {
                        if (!value)
                                p->items[i].key = "renamed";
                        else
                                assert_int_equal(text_replace(&p->items[i].value, value), 0);
                }
}

static void test_what_a_peer_may_not_send(void **state)
{
        char text_256[DLPE_TRADDR_SIZE + 1], text_257[DLPE_TRADDR_SIZE + 2];
        memset(text_256, 'a', DLPE_TRADDR_SIZE);
        memset(text_257, 'a', DLPE_TRADDR_SIZE + 1);
        text_256[DLPE_TRADDR_SIZE] = text_257[DLPE_TRADDR_SIZE + 1] = '\0';

        const struct {
                const char *key, *value; /* NULL if the key is missing */
                int r;
        } cases[] = {
                { "trtype", NULL, -EBADMSG },
                { "trtype", "udp", -EBADMSG },
                { "trtype", "256", -EBADMSG },
                { "trtype", "255", 0 },
                { "adrfam", NULL, -EBADMSG },
                { "adrfam", "-1", -EBADMSG },
                { "subtype", NULL, -EBADMSG },
                { "subtype", "", -EBADMSG },
                { "treq", NULL, -EBADMSG },
                { "treq", "x", -EBADMSG },
                { "portid", NULL, -EBADMSG },
                { "portid", "65536", -EBADMSG },
                { "cntlid", NULL, -EBADMSG },
                { "cntlid", "0xffff", -EBADMSG },
                { "asqsz", NULL, -EBADMSG },
                { "asqsz", "", -EBADMSG },
                { "eflags", NULL, -EBADMSG },
                { "eflags", "65535", 0 },
                { "trsvcid", NULL, -EBADMSG },
                { "trsvcid", "", 0 },
                { "trsvcid", "12345678901234567890123456789012", 0 },
                { "trsvcid", "123456789012345678901234567890123", -EBADMSG },
                { "traddr", NULL, -EBADMSG },
                { "traddr", text_256, 0 },
                { "traddr", text_257, -EBADMSG },
                { "subnqn", NULL, -EBADMSG },
                { "subnqn", text_256, 0 },
                { "subnqn", text_257, -EBADMSG },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_properties_ Properties p = { 0 };
                _cleanup_(dlpe_done) DlpEntry e = { 0 };

                assert_int_equal(dlpe_describe(&example, &p), 0);
                replace_property(&p, cases[i].key, cases[i].value);
                if (dlpe_from_properties(&p, &e) != cases[i].r)
                        fail_msg("%s=%s", cases[i].key, text_or(cases[i].value, "(none)"));
        }
}

static void test_texts_of_a_peer_are_cleaned(void **state)
{
        _cleanup_properties_ Properties p = { 0 };
        _cleanup_(dlpe_done) DlpEntry e = { 0 };

        assert_int_equal(dlpe_describe(&example, &p), 0);
        replace_property(&p, "traddr", "192.0.2.1   ");
        replace_property(&p, "subnqn", "nqn.\x1b[31m\n");
        assert_int_equal(dlpe_from_properties(&p, &e), 0);
        assert_string_equal(e.traddr, "192.0.2.1");
        assert_string_equal(e.subnqn, "nqn.?[31m");
}

/* Between stafd and stacd, the NQN alone no longer shows that it was bad. */
static void test_a_bad_nqn_is_told(void **state)
{
        _cleanup_properties_ Properties p = { 0 };
        DlpEntry bad = example, back;

        bad.bad_nqn = true;
        assert_int_equal(dlpe_describe(&bad, &p), 0);
        assert_int_equal(p.n_items, 12);
        assert_string_equal(properties_get(&p, DLPE_PROBLEM), NQN_NOT_USABLE);
        assert_int_equal(dlpe_from_properties(&p, &back), 0);
        assert_true(back.bad_nqn);
        assert_true(dlpe_equal(&bad, &back));
        assert_false(dlpe_equal(&bad, &example));
        dlpe_done(&back);

        bad.bad_nqn = false;
        bad.subnqn = (char *) "nqn.a,b"; /* from a stafd that does not check */
        properties_done(&p);
        assert_int_equal(dlpe_describe(&bad, &p), 0);
        assert_int_equal(dlpe_from_properties(&p, &back), 0);
        assert_true(back.bad_nqn);
        dlpe_done(&back);
}

static void test_equality_looks_at_every_field(void **state)
{
        DlpEntry others[12];
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                others[i] = example;
        others[0].trtype++;
        others[1].adrfam++;
        others[2].subtype++;
        others[3].treq++;
        others[4].portid++;
        others[5].cntlid--;
        others[6].asqsz++;
        others[7].eflags++;
        others[8].trsvcid[0] = '9';
        others[9].subnqn = (char *) "nqn.x";
        others[10].traddr = (char *) "127.0.0.2";
        others[11].sectype++;

        assert_true(dlpe_equal(&example, &example));
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                assert_false(dlpe_equal(&example, &others[i]));
}

static void test_copy(void **state)
{
        _cleanup_(dlpe_done) DlpEntry copy = { 0 };
        assert_int_equal(dlpe_copy(&example, &copy), 0);
        assert_true(dlpe_equal(&example, &copy));
        assert_ptr_not_equal(copy.subnqn, example.subnqn);
        assert_ptr_not_equal(copy.traddr, example.traddr);
}

static void test_logs_differ_by_entries_not_by_genctr(void **state)
{
        DlpEntry other = example;
        other.eflags = DLPE_EFLAGS_NCC;
        DlpEntry ab[] = { example, other }, ba[] = { other, example };
        const DiscoveryLog a = { 1, ab, 2, false }, same = { 2, ab, 2, false },
                           shorter = { 1, ab, 1, false }, turned = { 1, ba, 2, false },
                           none = { 1, ab, 0, false };

        assert_true(discovery_log_equal(&a, &same));
        assert_false(discovery_log_equal(&a, &shorter));
        assert_false(discovery_log_equal(&a, &turned));

        assert_true(discovery_log_covers(&a, &turned));
        assert_true(discovery_log_covers(&a, &shorter));
        assert_false(discovery_log_covers(&none, &a));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_requirements_in_words),
                cmocka_unit_test(test_all_that_is_known_of_an_entry),
                cmocka_unit_test(test_which_entries_demand_tls),
                cmocka_unit_test(test_text),
                cmocka_unit_test(test_python_text),
                cmocka_unit_test(test_python_quotes),
                cmocka_unit_test(test_keys_in_pythons_order),
                cmocka_unit_test(test_every_value_comes_back),
                cmocka_unit_test(test_what_a_peer_may_not_send),
                cmocka_unit_test(test_texts_of_a_peer_are_cleaned),
                cmocka_unit_test(test_a_bad_nqn_is_told),
                cmocka_unit_test(test_equality_looks_at_every_field),
                cmocka_unit_test(test_copy),
                cmocka_unit_test(test_logs_differ_by_entries_not_by_genctr),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

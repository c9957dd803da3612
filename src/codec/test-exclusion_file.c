/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/exclusion_file.h"

#include <string.h>

#include "base/testing.h"
#include "codec/testing.h"

#define HOST_ID "3f1b0f1c-2d41-4c56-9a4e-5b6b8a3c7d10"

typedef struct Parsed {
        ExcludeList list;
        char *problems;
} Parsed;

static void parsed_done(Parsed *p)
{
        exclude_list_done(&p->list);
        free(p->problems);
}

static Parsed parse_text(const char *text, const char *host_id)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        Parsed p = { 0 };

        assert_int_equal(exclusion_file_parse("x", text, strlen(text), host_id, &p.list, &d), 0);
        assert_false(diagnostics_has_errors(&d));
        p.problems = diagnostics_to_text(&d);
        assert_non_null(p.problems);
        return p;
}

static bool excludes(const ExcludeList *l, const TidFields *fields)
{
        _cleanup_tid_ Tid *t = NULL;

        assert_int_equal(tid_new(fields, CONTROLLER_IO, &t), 0);
        return exclude_list_match(l, t) != NULL;
}

static void test_entries_with_all_fields(void **state)
{
        _cleanup_(parsed_done) Parsed p = parse_text(
                "# controllers under maintenance\n"
                "\n"
                "[exclusions]\n"
                "exclusion = transport=tcp;traddr=192.0.2.1;trsvcid=4420;nqn=nqn.a;"
                "host-traddr=192.0.2.9;host-iface=eth0;hostnqn=nqn.host;hostid=" HOST_ID "\n"
                "exclusion=nqn=nqn.b\n",
                HOST_ID);
        TidFields f = { "tcp", "192.0.2.1", "4420", "nqn.a", "192.0.2.9", "eth0", "nqn.host" };

        assert_string_equal(p.problems, "");
        assert_int_equal(p.list.n_rules, 2);
        assert_string_equal(p.list.rules[0].where, "x:4");
        assert_string_equal(p.list.rules[1].where, "x:5");
        assert_true(excludes(&p.list, &f));
        f.host_traddr = "192.0.2.8";
        assert_false(excludes(&p.list, &f));
        f.host_traddr = NULL; /* a part that is unset does not match */
        assert_false(excludes(&p.list, &f));
        f.subsysnqn = "nqn.b";
        assert_true(excludes(&p.list, &f));
}

/* Each entry is skipped for its own reason; the one after them is used. */
static void test_what_is_wrong_excludes_nothing(void **state)
{
        static const struct {
                const char *value, *problem;
        } cases[] = {
                { "", "exclusion: has no field" },
                { ";;", "exclusion: has no field" },
                { "colour=red", "exclusion: colour: unknown field" },
                { "nqn=nqn.a;colour=red", "exclusion: colour: unknown field" },
                { "subsysnqn=nqn.a", "exclusion: subsysnqn: unknown field" },
                { "host-nqn=nqn.a", "exclusion: host-nqn: unknown field" },
                { "transport=tcp;kato=5", "exclusion: kato: unknown field" },
                { "transport=tcp;dhchap-secret=x", "exclusion: dhchap-secret: unknown field" },
                { "nqn.a", "exclusion: field 1 has no '='" },
                { "nqn=", "exclusion: nqn: has no value" },
                { "nqn=nqn.a;hostid=", "exclusion: hostid: has no value" },
                { "transport=tpc;nqn=nqn.a",
                  "exclusion: transport: 'tpc' is not tcp, rdma, fc or loop" },
                { "transport=tcp;traddr=storage.example.com",
                  "exclusion: traddr: 'storage.example.com' is not a valid IP address" },
                { "transport=fc;traddr=192.0.2.1",
                  "exclusion: traddr: '192.0.2.1' is not a valid Fibre Channel address" },
                { "transport=tcp;host-traddr=eth0",
                  "exclusion: host-traddr: 'eth0' is not a valid IP address" },
                { "traddr=192.0.2.300", "exclusion: traddr: '192.0.2.300' is not an address" },
                { "transport=tcp;trsvcid=0",
                  "exclusion: trsvcid: '0' is not a port number (1 to 65535)" },
                { "hostnqn=iqn.a", "exclusion: hostnqn: 'iqn.a' does not begin with 'nqn.' or is "
                                   "longer than 223 bytes" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_text_buffer_ TextBuffer text = { 0 }, expected = { 0 };

                text_buffer_printf(&text, "[exclusions]\nexclusion = %s\nexclusion = nqn=nqn.z\n",
                                   cases[i].value);
                text_buffer_printf(&expected, "W x:2: %s; the entry excludes nothing\n",
                                   cases[i].problem);
                _cleanup_(parsed_done) Parsed p = parse_text(text.data, HOST_ID);
                assert_string_equal(p.problems, expected.data);
                assert_int_equal(p.list.n_rules, 1);
                assert_string_equal(p.list.rules[0].where, "x:3");
        }
}

/* As in libnvme, an asterisk is literal. The transport is compared ignoring case, unlike in
 * libnvme. */
static void test_what_libnvme_compares_as_written(void **state)
{
        _cleanup_(parsed_done) Parsed star =
                parse_text("[exclusions]\nexclusion = nqn=nqn.a*\n", HOST_ID);
        _cleanup_(parsed_done) Parsed transport =
                parse_text("[exclusions]\nexclusion = transport=TCP\n", HOST_ID);
        TidFields f = { .transport = "tcp", .traddr = "192.0.2.1", .subsysnqn = "nqn.ab" };

        assert_false(excludes(&star.list, &f));
        f.subsysnqn = "nqn.a*";
        assert_true(excludes(&star.list, &f));
        assert_string_equal(transport.problems, "");
        assert_true(excludes(&transport.list, &f));
        f.transport = "rdma";
        assert_false(excludes(&transport.list, &f));
}

static void test_other_lines(void **state)
{
        _cleanup_(parsed_done) Parsed p = parse_text("exclusion = nqn=nqn.stray\n"
                                                     "[future]\n"
                                                     "exclusion = nqn=nqn.future\n"
                                                     "level = 3\n"
                                                     "[exclusions]\n"
                                                     "exclude = nqn=nqn.c\n"
                                                     "no assignment\n"
                                                     "[Exclusions]\n"
                                                     "exclusion = nqn=nqn.d\n",
                                                     HOST_ID);

        assert_int_equal(p.list.n_rules, 0);
        assert_string_equal(p.problems,
                            "W x:1: outside a section; a [Section] line must precede it\n"
                            "W x:3: exclusion: not in [exclusions]; the entry excludes nothing\n"
                            "W x:6: exclude: unknown key in [exclusions]; ignored\n"
                            "W x:7: neither [Section], 'key = value' nor a comment\n"
                            "W x:9: exclusion: not in [exclusions]; the entry excludes nothing\n");
}

/* libnvme trims each line, and ignores what follows the name of a section. */
static void test_lines_as_libnvme_reads_them(void **state)
{
        _cleanup_(parsed_done) Parsed p = parse_text("  [exclusions] under maintenance\n"
                                                     "exclusion = nqn=nqn.a\n"
                                                     "    exclusion = nqn=nqn.b\n"
                                                     "exclusion =\n"
                                                     "\texclusion = nqn=nqn.c\n",
                                                     NULL);

        assert_string_equal(p.problems,
                            "W x:4: exclusion: has no field; the entry excludes nothing\n");
        assert_int_equal(p.list.n_rules, 3);
        assert_string_equal(p.list.rules[1].where, "x:3");
}

static void test_an_entry_for_another_host_does_not_apply(void **state)
{
        static const char other[] = "[exclusions]\n"
                                    "exclusion = nqn=nqn.a;"
                                    "hostid=3f1b0f1c-2d41-4c56-9a4e-5b6b8a3c7d11\n";
        static const char ours[] = "[exclusions]\n"
                                   "exclusion = nqn=nqn.a;"
                                   "hostid=3F1B0F1C-2D41-4C56-9A4E-5B6B8A3C7D10\n";
        _cleanup_(parsed_done) Parsed a = parse_text(other, HOST_ID), b = parse_text(ours, HOST_ID),
                                      c = parse_text(ours, NULL);

        assert_int_equal(a.list.n_rules, 0);
        assert_int_equal(b.list.n_rules, 1);
        assert_int_equal(c.list.n_rules, 0);
        assert_string_equal(a.problems, "");
        assert_string_equal(c.problems, "");
}

static void test_our_id_alone_excludes_everything(void **state)
{
        static const TidFields controllers[] = {
                { .transport = "tcp", .traddr = "192.0.2.1", .subsysnqn = "nqn.a" },
                { .transport = "rdma", .traddr = "192.0.2.1", .subsysnqn = "nqn.a" },
                { .transport = "loop", .subsysnqn = "nqn.a" },
                { .transport = "fc",
                  .traddr = "nn-0x20000090fa942779:pn-0x10000090fa942779",
                  .subsysnqn = "nqn.a" },
        };
        _cleanup_(parsed_done) Parsed p =
                parse_text("[exclusions]\nexclusion = hostid=" HOST_ID "\n", HOST_ID);

        for (size_t i = 0; i < ELEMENTSOF(controllers); i++)
                assert_true(excludes(&p.list, &controllers[i]));
}

static void test_what_stands_in_the_list_stays(void **state)
{
        static const char text[] = "[exclusions]\nexclusion = nqn=nqn.a\n";
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(exclude_list_done) ExcludeList l = { 0 };

        assert_int_equal(exclusion_file_parse("a", text, strlen(text), NULL, &l, &d), 0);
        assert_int_equal(exclusion_file_parse("b", text, strlen(text), NULL, &l, &d), 0);
        assert_int_equal(l.n_rules, 2);
        assert_string_equal(l.rules[0].where, "a:2");
        assert_string_equal(l.rules[1].where, "b:2");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_entries_with_all_fields),
                cmocka_unit_test(test_what_is_wrong_excludes_nothing),
                cmocka_unit_test(test_what_libnvme_compares_as_written),
                cmocka_unit_test(test_other_lines),
                cmocka_unit_test(test_lines_as_libnvme_reads_them),
                cmocka_unit_test(test_an_entry_for_another_host_does_not_apply),
                cmocka_unit_test(test_our_id_alone_excludes_everything),
                cmocka_unit_test(test_what_stands_in_the_list_stays),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/controller_line.h"

#include <stdio.h>

#include "base/testing.h"
#include "base/text.h"
#include "codec/testing.h"

#define SECRET "DHHC-1:00:c2VjcmV0=="
#define HOST_ID "11111111-2222-4333-8444-555555555555"

static void test_all_fields(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        ControllerLine l;

        assert_int_equal(controller_line_parse(
                                 " transport = tcp ;traddr=192.0.2.1; trsvcid =8010;nqn=nqn.a;"
                                 "host-traddr=192.0.2.2;host-iface=eth0;host-nqn=nqn.h;"
                                 "dhchap-secret=" SECRET ";dhchap-ctrl-secret=DHHC-1:01:Y3RybA==:;"
                                 "hdr-digest=true;kato=5;ctrl-loss-tmo=-1;;",
                                 "f", 7, &l, &d),
                         0);
        assert_string_equal(l.transport, "tcp");
        assert_string_equal(l.traddr, "192.0.2.1");
        assert_string_equal(l.trsvcid, "8010");
        assert_string_equal(l.subsysnqn, "nqn.a");
        assert_string_equal(l.host_traddr, "192.0.2.2");
        assert_string_equal(l.host_iface, "eth0");
        assert_string_equal(l.host_nqn, "nqn.h");
        assert_string_equal(l.where, "f:7");
        assert_string_equal(secret_reveal_for_kernel(l.dhchap_secret), SECRET);
        assert_string_equal(secret_reveal_for_kernel(l.dhchap_ctrl_secret), "DHHC-1:01:Y3RybA==:");
        assert_int_equal(l.settings.value[SETTING_HDR_DIGEST], 1);
        assert_int_equal(l.settings.value[SETTING_KATO], 5);
        assert_int_equal(l.settings.value[SETTING_CTRL_LOSS_TMO], -1);
        assert_int_equal(l.settings.value[SETTING_DATA_DIGEST], SETTING_DEFAULT);
        assert_int_equal(d.n_items, 0);
        controller_line_done(&l);
}

static void test_what_is_not_given_is_null(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        ControllerLine l;

        assert_int_equal(controller_line_parse("transport=loop;nqn=;trsvcid=", "f", 1, &l, &d), 0);
        assert_null(l.traddr);
        assert_null(l.trsvcid);
        assert_null(l.subsysnqn);
        assert_null(l.host_nqn);
        assert_null(l.dhchap_secret);
        assert_int_equal(l.settings.value[SETTING_KATO], SETTING_DEFAULT);
        assert_int_equal(d.n_items, 0);
        controller_line_done(&l);
}

static void test_other_name_of_nqn(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        ControllerLine l;

        assert_int_equal(
                controller_line_parse("transport=tcp;traddr=::1;subsysnqn=nqn.a", "f", 1, &l, &d),
                0);
        assert_string_equal(l.subsysnqn, "nqn.a");
        controller_line_done(&l);
}

/* As spelled by nvme-cli, its config.json, the kernel and nvme-stas 3. */
static void test_other_spellings(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(exclude_list_done) ExcludeList list = { 0 };
        ControllerLine l;

        assert_int_equal(controller_line_parse("transport=tcp;traddr=::1;host_traddr=::2;"
                                               "host_iface=eth0;hostnqn=nqn.h;"
                                               "hostid=" HOST_ID ";dhchap_secret=" SECRET
                                               ";nr_io_queues=4;keep-alive-tmo=7",
                                               "f", 1, &l, &d),
                         0);
        assert_int_equal(d.n_items, 0);
        assert_string_equal(l.host_traddr, "::2");
        assert_string_equal(l.host_iface, "eth0");
        assert_string_equal(l.host_nqn, "nqn.h");
        assert_string_equal(l.host_id, HOST_ID);
        assert_string_equal(secret_reveal_for_kernel(l.dhchap_secret), SECRET);
        assert_int_equal(l.settings.value[SETTING_NR_IO_QUEUES], 4);
        assert_int_equal(l.settings.value[SETTING_KATO], 7);
        controller_line_done(&l);

        assert_int_equal(exclude_line_parse("host_iface=eth0;hostnqn=nqn.h", "f", 1, &list, &d), 0);
        assert_string_equal(list.rules[0].host_iface, "eth0");
        assert_string_equal(list.rules[0].host_nqn, "nqn.h");
}

/* Without such a field the line would mean a different connection than written. */
static void test_unknown_fields_that_matter(void **state)
{
        static const struct {
                const char *field, *problem;
        } cases[] = {
                { "host-ifac=eth0", "host-ifac: unknown field, did you mean host-iface?" },
                { "Host-Iface=eth0", "Host-Iface: unknown field, did you mean host-iface?" },
                { "host-trdadr=::2", "host-trdadr: unknown field, did you mean host-traddr?" },
                { "nqm=nqn.a", "nqm: unknown field, did you mean nqn?" },
                { "ctrl-los-tmo=9", "ctrl-los-tmo: unknown field, did you mean ctrl-loss-tmo?" },
                { "tls=yes", "tls: not a supported security setting" },
                { "tls_key=0x1234", "tls_key: not a supported security setting" },
                { "concat=1", "concat: not a supported security setting" },
                { "keyring=.nvme", "keyring: not a supported security setting" },
                { SECRET, "field 3: not a supported security setting" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                _cleanup_free_ char *value = NULL, *expected = NULL;
                ControllerLine l;

                assert_true(asprintf(&value, "transport=tcp;traddr=::1;%s", cases[i].field) > 0);
                assert_true(asprintf(&expected, "E f:3: controller: %s; the line is not used\n",
                                     cases[i].problem) > 0);
                assert_int_equal(controller_line_parse(value, "f", 3, &l, &d), -EINVAL);
                _cleanup_free_ char *problems = diagnostics_to_text(&d);
                assert_string_equal(problems, expected);
        }
}

/* Usable lines and the messages about them. */
static void test_usable(void **state)
{
        static const struct {
                const char *value, *problems;
        } cases[] = {
                { "transport=tcp;traddr=storage.example.com.", "" },
                { "transport=tcp;traddr=2001:db8::1", "" },
                { "transport=tcp;traddr=[2001:db8::1]", "" },
                { "transport=rdma;traddr=storage-1", "" },
                { "transport=tcp;traddr=fe80::1%eth0", "" },
                { "transport=tcp;traddr=fe80::1;host-iface=eth0", "" },
                { "transport=fc;traddr=nn-0x204600a098cbcac6:pn-0x204700a098cbcac6;"
                  "host-traddr=nn-0x20000090fae0b5f5:pn-0x10000090fae0b5f5",
                  "" },
                { "transport=fc;traddr=nn-0x204600a098cbcac6,pn-0x204700a098cbcac6;"
                  "host-traddr=nn-0x20000090fae0b5f5:pn-0x10000090fae0b5f5",
                  "" },
                { "transport=rdma;traddr=fe80::1;host-iface=eth0", "" },
                { "transport=rdma;traddr=192.0.2.1;host-iface=eth0",
                  "W f:3: controller: host-iface: ignored: rdma does not support it; use "
                  "host-traddr\n" },
                { "transport=tcp;traddr=fe80::1",
                  "W f:3: controller: traddr: a link-local address cannot be reached without "
                  "host-iface\n" },
                { "transport=tcp;traddr=::1;colour=red",
                  "W f:3: controller: colour: unknown field\n" },
                { "transport=tcp;traddr=::1;tls=no", "W f:3: controller: tls: unknown field\n" },
                { "transport=tcp;traddr=::2;traddr=::1",
                  "W f:3: controller: traddr: given twice; the last one is used\n" },
                { "transport=tcp;traddr=::1;kato=soon;hdr-digest=2",
                  "E f:3: controller: kato: 'soon' is not a number from 0 to 2147483647\n"
                  "E f:3: controller: hdr-digest: '2' is neither true nor false\n" },
                { "transport=tcp;traddr=::1;persistent=yes",
                  "E f:3: controller: persistent: 'yes' is not no, auto or force\n" },
                { "transport=tcp;traddr=::1;queue-size=1025",
                  "E f:3: controller: queue-size: '1025' is not a number from 16 to 1024\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                ControllerLine l;

                assert_int_equal(controller_line_parse(cases[i].value, "f", 3, &l, &d), 0);
                _cleanup_free_ char *problems = diagnostics_to_text(&d);
                assert_string_equal(problems, cases[i].problems);
                assert_int_equal(l.settings.value[SETTING_KATO], SETTING_DEFAULT);
                controller_line_done(&l);
        }
}

static void test_unusable(void **state)
{
        static const struct {
                const char *value, *problems;
        } cases[] = {
                { "", "E f:3: controller: transport: missing; must be tcp, rdma, fc or loop\n" },
                { "traddr=::1",
                  "E f:3: controller: transport: missing; must be tcp, rdma, fc or loop\n" },
                { "transport=pcie;traddr=::1",
                  "E f:3: controller: transport: 'pcie' is not tcp, rdma, fc or loop\n" },
                { "transport=tcp", "E f:3: controller: traddr: missing\n" },
                { "transport=tcp;traddr=192.0.2.300",
                  "E f:3: controller: traddr: '192.0.2.300' is neither an IP address nor a host "
                  "name\n" },
                { "transport=tcp;traddr=fe80::g", "E f:3: controller: traddr: 'fe80::g' is neither "
                                                  "an IP address nor a host name\n" },
                { "transport=tcp;traddr=a..b",
                  "E f:3: controller: traddr: 'a..b' is neither an IP address nor a host name\n" },
                { "transport=tcp;traddr=0.0.0.0", "E f:3: controller: traddr: '0.0.0.0' is not an "
                                                  "address that can be connected to\n" },
                { "transport=rdma;traddr=::",
                  "E f:3: controller: traddr: '::' is not an address that can be connected to\n" },
                { "transport=fc;traddr=nn-0x204600a098cbcac6:pn-0x204700a098cbcac6",
                  "E f:3: controller: host-traddr: missing; the kernel requires it for fc\n" },
                { "-t tcp -a 192.0.2.1 --ctrl-loss-tmo=-1",
                  "E f:3: controller: has options of nvme-cli; write transport=tcp;traddr=...\n" },
                { "transport=fc;traddr=192.0.2.1;"
                  "host-traddr=nn-0x20000090fae0b5f5:pn-0x10000090fae0b5f5",
                  "E f:3: controller: traddr: '192.0.2.1' is not a Fibre Channel address "
                  "(nn-0x...:pn-0x...)\n" },
                { "transport=tcp;traddr=::1;trsvcid=0",
                  "E f:3: controller: trsvcid: '0' is not a port number (1 to 65535)\n" },
                { "transport=tcp;traddr=::1;trsvcid=http",
                  "E f:3: controller: trsvcid: 'http' is not a port number (1 to 65535)\n" },
                { "transport=tcp;traddr=::1;host-traddr=here",
                  "E f:3: controller: host-traddr: 'here' is not a valid IP address\n" },
                { "transport=tcp;traddr=::1;host-iface=interface-too-long",
                  "E f:3: controller: host-iface: 'interface-too-long' is not the name of a "
                  "network interface\n" },
                { "transport=tcp;traddr=::1;host-nqn=iqn.x",
                  "E f:3: controller: host-nqn: 'iqn.x' does not begin with 'nqn.' or is longer "
                  "than 223 bytes\n" },
                { "transport=tcp;traddr=::1;nqn", "E f:3: controller: field 3 has no '='\n" },
                { "transport=tcp;traddr=::1;nqn=nqn.a # comment",
                  "E f:3: controller: nqn: white space, a comma or a control character in it "
                  "(fields end with ';', comments must be on separate lines)\n" },
                { "transport=tcp;traddr=::1,discovery",
                  "E f:3: controller: traddr: white space, a comma or a control character in it "
                  "(fields end with ';', comments must be on separate lines)\n" },
                { "transport=tcp;traddr=::1;nqn=nqn.\xef\xbf\xbe",
                  "E f:3: controller: nqn: not printable UTF-8\n" },
                { "transport=tcp;traddr=::1;nqn=nqn.a\xe2\x80\x8b;host-iface=\xff",
                  "E f:3: controller: nqn: not printable UTF-8\n"
                  "E f:3: controller: host-iface: not printable UTF-8\n" },
                { "transport=tcp;traddr=192.0.2.1:4420",
                  "E f:3: controller: traddr: '192.0.2.1:4420' is neither an IP address nor a host "
                  "name\n" },
                { "transport=tcp;traddr=::1;dhchap-secret=hunter2",
                  "E f:3: controller: dhchap-secret: not of the form DHHC-1:NN:...:\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                ControllerLine l;

                assert_int_equal(controller_line_parse(cases[i].value, "f", 3, &l, &d), -EINVAL);
                _cleanup_free_ char *problems = diagnostics_to_text(&d);
                assert_string_equal(problems, cases[i].problems);
        }
}

static void test_longest_nqn(void **state)
{
        char value[64 + NQN_MAX + 2] = "transport=tcp;traddr=::1;nqn=nqn.";
        size_t n = strlen(value);
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        ControllerLine l;

        memset(value + n, 'x', NQN_MAX - 4);
        assert_int_equal(controller_line_parse(value, "f", 1, &l, &d), 0);
        controller_line_done(&l);
        value[n + NQN_MAX - 4] = 'x';
        assert_int_equal(controller_line_parse(value, "f", 1, &l, &d), -EINVAL);
}

/* Secrets never appear in messages, no matter where they are written. */
static void test_secret_in_no_message(void **state)
{
        static const char *const values[] = {
                SECRET,
                SECRET ";transport=tcp",
                "transport=" SECRET,
                "transport=tcp;traddr=" SECRET,
                "transport=tcp;traddr=::1;trsvcid=" SECRET,
                "transport=tcp;traddr=::1;nqn=" SECRET " ;kato=" SECRET,
                "transport=tcp;traddr=::1;host-iface=" SECRET,
                "transport=tcp;traddr=::1;host-nqn=" SECRET,
                "transport=tcp;traddr=::1;host-traddr=" SECRET,
                "transport=tcp;traddr=::1;dhchap-secret:" SECRET,
                "transport=tcp;traddr=::1;dhchap-secret=x" SECRET,
                "transport=tcp;traddr=::1;dhchap-secret=c2VjcmV0",
                "transport=tcp;traddr=::1;dhchap=" SECRET,
        };

        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                _cleanup_(exclude_list_done) ExcludeList list = { 0 };
                ControllerLine l;

                if (controller_line_parse(values[i], "f", 1, &l, &d) >= 0)
                        controller_line_done(&l);
                (void) exclude_line_parse(values[i], "f", 1, &list, &d);
                _cleanup_free_ char *problems = diagnostics_to_text(&d);
                assert_true(d.n_items > 0);
                assert_null(strstr(problems, "c2VjcmV0"));
        }
}

static void test_exclude(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(exclude_list_done) ExcludeList list = { 0 };

        assert_int_equal(exclude_line_parse("transport=tcp;traddr=2001:DB8::1;nqn=nqn.a;"
                                            "host-iface=eth0;host-nqn=nqn.h;trsvcid=4420",
                                            "f", 5, &list, &d),
                         0);
        assert_int_equal(exclude_line_parse("host-iface=enp0s8", "f", 6, &list, &d), 0);
        assert_int_equal(d.n_items, 0);
        assert_int_equal(list.n_rules, 2);

        const ExcludeRule *r = &list.rules[0];
        assert_string_equal(r->where, "f:5");
        assert_true(r->has_transport);
        assert_int_equal(r->transport, TRANSPORT_TCP);
        assert_int_equal(r->address.family, ADDRESS_IPV6);
        assert_string_equal(r->subsysnqn, "nqn.a");
        assert_string_equal(r->host_iface, "eth0");
        assert_string_equal(r->host_nqn, "nqn.h");
        assert_string_equal(r->trsvcid, "4420");

        r = &list.rules[1];
        assert_false(r->has_transport);
        assert_null(r->traddr);
        assert_string_equal(r->host_iface, "enp0s8");
}

static void test_exclude_a_family(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(exclude_list_done) ExcludeList list = { 0 };
        _cleanup_tid_ Tid *t = NULL;
        const TidFields f = { .transport = "tcp",
                              .traddr = "192.0.2.1",
                              .subsysnqn = "nqn.2024-01.lab:csi:a" };

        assert_int_equal(tid_new(&f, CONTROLLER_IO, &t), 0);
        assert_int_equal(exclude_line_parse("nqn=nqn.2024-01.lab:csi:*", "f", 1, &list, &d), 0);
        assert_int_equal(d.n_items, 0);
        assert_non_null(exclude_list_match(&list, t));
}

static void test_exclude_without_host_traddr(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(exclude_list_done) ExcludeList list = { 0 };

        assert_int_equal(exclude_line_parse("traddr=::1;host-traddr=::2", "f", 1, &list, &d), 0);
        assert_null(list.rules[0].host_traddr);
        _cleanup_free_ char *problems = diagnostics_to_text(&d);
        assert_string_equal(problems,
                            "W f:1: exclude: host-traddr: does not apply here; ignored\n");
}

static void test_exclude_by_name(void **state)
{
        static const struct {
                const char *value, *problems;
        } cases[] = {
                { "transport=tcp;traddr=a.example",
                  "W f:1: exclude: traddr: 'a.example' is a host name, which matches no "
                  "controller: they are compared by address\n" },
                { "traddr=a.example",
                  "W f:1: exclude: traddr: 'a.example' is a host name, which matches no "
                  "controller: they are compared by address\n" },
                { "transport=loop;traddr=a.example", "" },
                { "traddr=nn-0x20000090fa942779:pn-0x10000090fa942779", "" },
                { "traddr=fe80::1%eth0", "" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                _cleanup_(exclude_list_done) ExcludeList list = { 0 };

                assert_int_equal(exclude_line_parse(cases[i].value, "f", 1, &list, &d), 0);
                assert_int_equal(list.n_rules, 1);
                _cleanup_free_ char *problems = diagnostics_to_text(&d);
                assert_string_equal(problems, cases[i].problems);
        }
}

static void test_void_exclusions(void **state)
{
        static const struct {
                const char *value, *problems;
        } cases[] = {
                { "", "E f:3: exclude: has no field; it excludes nothing\n" },
                { ";;", "E f:3: exclude: has no field; it excludes nothing\n" },
                { "transport=tcp;traddr=", "E f:3: exclude: traddr: has no value\n" },
                { "transport=tcp;tradr=192.0.2.1",
                  "E f:3: exclude: tradr: unknown field, did you mean traddr?\n" },
                { "transport=tpc;traddr=192.0.2.1",
                  "E f:3: exclude: transport: 'tpc' is not tcp, rdma, fc or loop\n" },
                { "traddr=192.0.2.300",
                  "E f:3: exclude: traddr: '192.0.2.300' is not an address\n" },
                { "tcp", "E f:3: exclude: field 1 has no '='\n" },
                { "nqn=*",
                  "E f:3: exclude: nqn: nothing before the asterisk: it matches any NQN\n" },
                { "host-iface=enp0s8 # all of it",
                  "E f:3: exclude: host-iface: white space, a comma or a control character in it "
                  "(fields end with ';', comments must be on separate lines)\n" },
                { "transport=tcp;kato=5", "E f:3: exclude: kato: unknown field\n" },
                { "transport=tcp;dhchap-secret=" SECRET,
                  "E f:3: exclude: dhchap-secret: does not distinguish one controller from "
                  "another\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                ExcludeList list = { 0 };

                assert_int_equal(exclude_line_parse(cases[i].value, "f", 3, &list, &d), -EINVAL);
                _cleanup_free_ char *problems = diagnostics_to_text(&d);
                assert_string_equal(problems, cases[i].problems);
                assert_int_equal(list.n_rules, 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_all_fields),
                cmocka_unit_test(test_what_is_not_given_is_null),
                cmocka_unit_test(test_other_name_of_nqn),
                cmocka_unit_test(test_other_spellings),
                cmocka_unit_test(test_unknown_fields_that_matter),
                cmocka_unit_test(test_usable),
                cmocka_unit_test(test_unusable),
                cmocka_unit_test(test_longest_nqn),
                cmocka_unit_test(test_secret_in_no_message),
                cmocka_unit_test(test_exclude),
                cmocka_unit_test(test_exclude_a_family),
                cmocka_unit_test(test_exclude_without_host_traddr),
                cmocka_unit_test(test_exclude_by_name),
                cmocka_unit_test(test_void_exclusions),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

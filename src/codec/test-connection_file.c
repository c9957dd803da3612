/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/connection_file.h"

#include <stdio.h>
#include <string.h>

#include "base/testing.h"
#include "codec/configuration.h"
#include "codec/testing.h"

#define PATH "controller = transport=tcp;traddr=192.0.2.9"
#define UUID "11111111-2222-4333-8444-555555555555"
#define OTHER_UUID "21111111-2222-4333-8444-555555555555"

typedef struct Parsed {
        Configuration *c;
        ConnectionHosts hosts;
        Diagnostics d;
} Parsed;

static void parsed_done(Parsed *p)
{
        (void) configuration_free(p->c);
        connection_hosts_done(&p->hosts);
        diagnostics_done(&p->d);
}

static Parsed new_parsed(ControllerKind role)
{
        Parsed p = { 0 };

        assert_int_equal(configuration_new(role, &p.c), 0);
        return p;
}

static void parse(Parsed *p, const char *file, const char *text)
{
        assert_int_equal(connection_file_parse(file, text, strlen(text), !streq(file, "f"), p->c,
                                               &p->hosts, &p->d),
                         0);
}

static void check_problems(const Parsed *p, const char *expected)
{
        _cleanup_free_ char *text = diagnostics_to_text(&p->d);

        assert_string_equal(text, expected);
}

/* As connected: with the settings of the policy. */
static int32_t setting(const Parsed *p, size_t line, Setting s)
{
        return settings_merge(&p->c->policy.settings, &p->c->controllers[line].settings).value[s];
}

static const char complete[] =
        "# a complete file\n"
        "[Discovery Controller Defaults]\n"
        "keep-alive-tmo = 31\n"
        "ctrl-loss-tmo = 600\n"
        "[I/O Controller Defaults]\n"
        "keep-alive-tmo = 5\n"
        "ctrl-loss-tmo = 601\n"
        "[Subsystem]\n"
        "controller = transport=tcp;traddr=192.0.2.9;trsvcid=4420;host-iface=eth0\n"
        "controller = transport=tcp;traddr=192.0.2.10;keep-alive-tmo=0xa\n"
        "ctrl-loss-tmo = 1800\n"
        "nqn = nqn.2024-01.com.example:vol1\n"
        "[Discovery Controller]\n"
        "controller = transport=tcp;traddr=192.0.2.5;trsvcid=8009\n"
        "persistent = force\n"
        "[Discovery Controller]\n"
        "nqn = nqn.2024-01.com.example:cdc\n"
        "controller = transport=tcp;traddr=192.0.2.6\n"
        "[Host]\n"
        "hostnqn = nqn.2014-08.org.nvmexpress:uuid:" UUID "\n"
        "hostid = " UUID "\n"
        "reconnect-delay = 7\n";

static void test_subsystems_are_of_stacd(void **state)
{
        _cleanup_(parsed_done) Parsed p = new_parsed(CONTROLLER_IO);

        parse(&p, "f", complete);
        check_problems(&p, "");
        assert_false(p.c->is_partial);
        assert_int_equal(p.c->n_controllers, 2);
        const ControllerLine *l = p.c->controllers;
        assert_string_equal(l[0].subsysnqn, "nqn.2024-01.com.example:vol1");
        assert_string_equal(l[0].host_iface, "eth0");
        assert_string_equal(l[0].where, "f:9");
        assert_string_equal(l[0].host_nqn, "nqn.2014-08.org.nvmexpress:uuid:" UUID);
        assert_string_equal(l[0].host_id, UUID);
        assert_string_equal(l[1].traddr, "192.0.2.10");
        assert_string_equal(l[1].subsysnqn, "nqn.2024-01.com.example:vol1");
        assert_int_equal(setting(&p, 0, SETTING_KATO), 5);
        assert_int_equal(setting(&p, 1, SETTING_KATO), 10);
        assert_int_equal(setting(&p, 1, SETTING_CTRL_LOSS_TMO), 1800);
        assert_int_equal(setting(&p, 1, SETTING_RECONNECT_DELAY), 7);
        assert_int_equal(p.c->policy.settings.value[SETTING_KATO], 5);
        assert_int_equal(p.c->policy.settings.value[SETTING_CTRL_LOSS_TMO], 601);
}

static void test_discovery_controllers_are_of_stafd(void **state)
{
        _cleanup_(parsed_done) Parsed p = new_parsed(CONTROLLER_DISCOVERY);

        parse(&p, "f", complete);
        check_problems(&p, "");
        assert_int_equal(p.c->n_controllers, 2);
        assert_null(p.c->controllers[0].subsysnqn);
        assert_string_equal(p.c->controllers[1].subsysnqn, "nqn.2024-01.com.example:cdc");
        assert_int_equal(p.c->policy.settings.value[SETTING_KATO], 31);
        assert_int_equal(p.c->policy.settings.value[SETTING_CTRL_LOSS_TMO], 600);
}

static void test_precedence(void **state)
{
        static const struct {
                const char *line, *section, *host, *drop_in, *main;
                int32_t value;
        } cases[] = {
                { ";queue-size=16", "17", "18", "19", "20", 16 },
                { "", "17", "18", "19", "20", 17 },
                { "", NULL, "18", "19", "20", 18 },
                { "", NULL, NULL, "19", "20", 19 },
                { "", NULL, NULL, NULL, "20", 20 },
                { "", NULL, NULL, NULL, NULL, SETTING_DEFAULT },
                { ";queue-size=", "17", "18", "19", "20", SETTING_DEFAULT },
                { "", "", "18", "19", "20", SETTING_DEFAULT },
                { "", NULL, "", "19", "20", SETTING_DEFAULT },
                { "", NULL, NULL, "", "20", SETTING_DEFAULT },
                { ";queue-size=16", "", "18", "19", "20", 16 },
                { "", "17", "", "", "", 17 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(parsed_done) Parsed p = new_parsed(CONTROLLER_IO);
                const char *values[] = { cases[i].main, cases[i].drop_in, cases[i].host,
                                         cases[i].section };
                char lines[4][32], text[512];

                for (size_t k = 0; k < 4; k++)
                        (void) snprintf(lines[k], sizeof(lines[k]), "%s%s",
                                        values[k] ? "queue-size=" : "# ", text_or(values[k], ""));
                (void) snprintf(text, sizeof(text), "[I/O Controller Defaults]\n%s\n", lines[0]);
                parse(&p, "f", text);
                (void) snprintf(text, sizeof(text),
                                "[I/O Controller Defaults]\n%s\n[Host]\nhostnqn=nqn.a\n%s\n"
                                "[Subsystem]\nnqn=nqn.s\n%s\n" PATH "%s\n",
                                lines[1], lines[2], lines[3], cases[i].line);
                parse(&p, "f.d/a.conf", text);
                check_problems(&p, "");
                assert_int_equal(p.c->n_controllers, 1);
                assert_int_equal(setting(&p, 0, SETTING_QUEUE_SIZE), cases[i].value);
        }
}

typedef enum Verdict {
        TAKEN,
        UNKNOWN,   /* a warning */
        MISPLACED, /* an error */
        REFUSED,   /* an error: security */
} Verdict;

/* Every key in every section. */
static void test_keys_and_sections(void **state)
{
        static const char *const sections[] = { "Host", "I/O Controller Defaults", "Subsystem" };
        static const struct {
                const char *assignment;
                Verdict verdicts[3];
        } cases[] = {
                { "hostnqn = nqn.a", { TAKEN, MISPLACED, MISPLACED } },
                { "hostid = " UUID, { TAKEN, MISPLACED, MISPLACED } },
                { "nqn = nqn.a", { MISPLACED, MISPLACED, TAKEN } },
                { PATH, { MISPLACED, MISPLACED, TAKEN } },
                { "persistent = no", { MISPLACED, MISPLACED, MISPLACED } },
                { "keep-alive-tmo = 5", { TAKEN, TAKEN, TAKEN } },
                { "queue-size = 0x20", { TAKEN, TAKEN, TAKEN } },
                { "reconnect-delay = 5", { TAKEN, TAKEN, TAKEN } },
                { "ctrl-loss-tmo = -1", { TAKEN, TAKEN, TAKEN } },
                { "fast-io-fail-tmo = 5", { TAKEN, TAKEN, TAKEN } },
                { "tos = 5", { TAKEN, TAKEN, TAKEN } },
                { "nr-io-queues = 5", { TAKEN, TAKEN, TAKEN } },
                { "nr-write-queues = 5", { TAKEN, TAKEN, TAKEN } },
                { "nr-poll-queues = 5", { TAKEN, TAKEN, TAKEN } },
                { "hdr-digest = t", { TAKEN, TAKEN, TAKEN } },
                { "data-digest = off", { TAKEN, TAKEN, TAKEN } },
                { "disable-sqflow = Y", { TAKEN, TAKEN, TAKEN } },
                { "duplicate-connect = 1", { TAKEN, TAKEN, TAKEN } },
                { "kato = 5", { UNKNOWN, UNKNOWN, UNKNOWN } },
                { "Queue-Size = 32", { UNKNOWN, UNKNOWN, UNKNOWN } },
                { "color = red", { UNKNOWN, UNKNOWN, UNKNOWN } },
                { "tls = no", { UNKNOWN, UNKNOWN, UNKNOWN } },
                { "tls = yes", { REFUSED, REFUSED, REFUSED } },
                { "dhchap-secret = DHHC-1:00:x:", { REFUSED, REFUSED, REFUSED } },
        };
        static const char *const expected[] = { "", "W f:3: ", "E f:3: ", "E f:3: " };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (size_t k = 0; k < ELEMENTSOF(sections); k++) {
                        _cleanup_(parsed_done) Parsed p = new_parsed(CONTROLLER_IO);
                        bool has_nqn = k == 2 && !text_after(cases[i].assignment, "nqn");
                        char text[256];

                        (void) snprintf(text, sizeof(text), "[%s]\n%s\n%s\n", sections[k],
                                        has_nqn ? "nqn=nqn.s" : "", cases[i].assignment);
                        parse(&p, "f", text);
                        _cleanup_free_ char *problems = diagnostics_to_text(&p.d);
                        const char *start = expected[cases[i].verdicts[k]];
                        if (*start)
                                assert_non_null(text_after(problems, start));
                        else
                                assert_string_equal(problems, "");
                }
}

static void test_errors_name_their_line(void **state)
{
        static const struct {
                const char *text, *problems;
        } cases[] = {
                { "[Subsystem]\n" PATH "\n", "E f:1: nqn: missing; required in [Subsystem]\n" },
                { "[Subsystem]\n", "E f:1: nqn: missing; required in [Subsystem]\n" },
                { "[Subsystem]\nnqn=\n",
                  "E f:2: nqn: '' is not valid, must be an NQN of at most 223 bytes\n" },
                { "[Subsystem]\nnqn=nqn.2014-08.org.nvmexpress.discovery\n",
                  "E f:2: nqn: that of discovery controllers, which belong in [Discovery "
                  "Controller]\n" },
                { "[Host]\n[Host]\n",
                  "E f:2: [Host] was begun on line 1; a file has one host, the section is "
                  "ignored\n" },
                { "[I/O Controller Defaults]\ntos=1\n[I/O Controller Defaults]\ntos=2\n",
                  "W f:3: [I/O Controller Defaults] was begun on line 1; its keys are added to "
                  "it\n"
                  "E f:4: tos: given twice in [I/O Controller Defaults], first on line 2, which is "
                  "used\n" },
                { "[Host]\nhostid=00000000-0000-0000-0000-000000000000\n",
                  "E f:2: hostid: '00000000-0000-0000-0000-000000000000' is not valid, must be a "
                  "UUID that is not zero\n" },
                { "[Host]\ntos=256\nhdr-digest=maybe\n",
                  "E f:2: tos: '256' is not a number from 0 to 255\n"
                  "E f:3: hdr-digest: 'maybe' is neither true nor false\n" },
                { "[Colors]\n", "W f:1: unknown section 'Colors', its keys are ignored\n" },
                { "[host]\n", "W f:1: unknown section 'host', its keys are ignored\n" },
                { "[Subsystem]\nnqn=nqn.s\n" PATH ";nqn=nqn.s\n",
                  "E f:3: controller: nqn: belongs to the section, not to a path\n" },
                { "[Subsystem]\nnqn=nqn.s\n" PATH ";traddr=192.0.2.1\n",
                  "E f:3: controller: traddr: given twice; the line is not used\n" },
                { "[Subsystem]\nnqn=nqn.s\n" PATH ";tos=1;tos=1\n",
                  "E f:3: controller: tos: given twice; the line is not used\n" },
                { "[Host]\nhostsymname=lab\n",
                  "W f:2: hostsymname: not used; set symname in sys.conf\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(parsed_done) Parsed p = new_parsed(CONTROLLER_IO);

                parse(&p, "f", cases[i].text);
                check_problems(&p, cases[i].problems);
        }
}

static void test_what_is_not_used_makes_the_list_partial(void **state)
{
        _cleanup_(parsed_done) Parsed p = new_parsed(CONTROLLER_IO);

        parse(&p, "f",
              "[Subsystem]\nnqn=nqn.s\ntls=true\n" PATH "\n"
              "[Subsystem]\nnqn=nqn.t\n" PATH "\n");
        check_problems(&p, "E f:3: tls: not a supported security setting; the controllers of this "
                           "section are not used\n");
        assert_int_equal(p.c->n_controllers, 1);
        assert_string_equal(p.c->controllers[0].subsysnqn, "nqn.t");
        assert_true(p.c->is_partial);
}

static void test_a_host_belongs_to_one_file(void **state)
{
        _cleanup_(parsed_done) Parsed p = new_parsed(CONTROLLER_IO);
        static const char section[] = "[Subsystem]\nnqn=nqn.s\n" PATH "\n";
        char text[512];

        (void) snprintf(text, sizeof(text), "[Host]\nhostnqn=nqn.a\nhostid=" UUID "\n%s", section);
        parse(&p, "a", text);
        parse(&p, "b", text);
        (void) snprintf(text, sizeof(text), "[Host]\nhostnqn=nqn.c\nhostid=" UUID "\n%s", section);
        parse(&p, "c", text);
        (void) snprintf(text, sizeof(text), "[Host]\nhostid=" OTHER_UUID "\n%s", section);
        parse(&p, "e", text);
        parse(&p, "g", section);
        check_problems(&p,
                       "E b:2: hostnqn: is that of another file; the controllers of this file are "
                       "not used; see a:1\n"
                       "E c:3: hostid: is that of another host NQN; the controllers of this file "
                       "are not used; see a:1\n"
                       "E e:1: hostnqn: missing; required in the [Host] of a drop-in\n");
        assert_int_equal(p.c->n_controllers, 2);
        assert_null(p.c->controllers[1].host_nqn);
        assert_true(p.c->is_partial);
}

static void test_defaults_that_contradict_the_other_files(void **state)
{
        static const char stacd[] = "[Global]\nkato=7\nqueue-size=64\n";
        _cleanup_(parsed_done) Parsed p = new_parsed(CONTROLLER_IO);

        assert_int_equal(
                configuration_parse("stacd.conf", stacd, strlen(stacd), CONTROLLER_IO, p.c, &p.d),
                0);
        parse(&p, "f", "[I/O Controller Defaults]\nkeep-alive-tmo=5\nqueue-size=0x40\n");
        check_problems(&p, "E f:2: keep-alive-tmo: contradicts kato at stacd.conf:2; the value "
                           "there is used\n");
        assert_int_equal(p.c->policy.settings.value[SETTING_KATO], 7);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_subsystems_are_of_stacd),
                cmocka_unit_test(test_discovery_controllers_are_of_stafd),
                cmocka_unit_test(test_precedence),
                cmocka_unit_test(test_keys_and_sections),
                cmocka_unit_test(test_errors_name_their_line),
                cmocka_unit_test(test_what_is_not_used_makes_the_list_partial),
                cmocka_unit_test(test_a_host_belongs_to_one_file),
                cmocka_unit_test(test_defaults_that_contradict_the_other_files),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

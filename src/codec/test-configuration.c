/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/configuration.h"

#include <stdio.h>

#include "base/testing.h"
#include "base/text.h"
#include "codec/testing.h"

#define STAFD CONTROLLER_DISCOVERY
#define STACD CONTROLLER_IO
#define IOC "[I/O controller connection management]\n"
#define DC "[Discovery controller connection management]\n"

static Configuration *parse(ControllerKind role, const char *text, Diagnostics *d)
{
        Configuration *c;

        assert_int_equal(configuration_new(role, &c), 0);
        assert_int_equal(configuration_parse("f", text, strlen(text), role, c, d), 0);
        return c;
}

static void test_empty_file_leaves_defaults(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *stafd = parse(STAFD, "", &d);
        _cleanup_(configuration_freep) Configuration *stacd = parse(STACD, "", &d);

        assert_int_equal(d.n_items, 0);
        assert_false(stafd->tron);
        assert_int_equal(stafd->lock_memory, LOCK_MEMORY_AUTO);
        assert_int_equal(stacd->lock_memory, LOCK_MEMORY_AUTO);
        assert_true(stafd->policy.pleo);
        assert_true(stafd->zeroconf);
        assert_true(stafd->persistent_connections);
        assert_int_equal(stafd->zeroconf_persistence, 72 * 3600 * USEC_PER_SEC);
        assert_int_equal(stafd->policy.poll_minutes, 15);
        assert_int_equal(stafd->policy.settings.value[SETTING_PERSISTENT], SETTING_DEFAULT);
        assert_int_equal(stafd->policy.settings.value[SETTING_KATO], 30);
        assert_int_equal(stacd->policy.settings.value[SETTING_KATO], SETTING_DEFAULT);
        assert_int_equal(stacd->policy.disconnect_scope, DISCONNECT_ONLY_STAS);
        assert_int_equal(stacd->policy.disconnect_transports, 1U << TRANSPORT_TCP);
        assert_int_equal(stacd->policy.connect_attempts_on_ncc, 0);
        assert_false(stacd->policy.disconnect_in_use_force);
}

static void test_every_key_of_stafd(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c =
                parse(STAFD,
                      "[Global]\ntron=true\nhdr-digest=true\ndata-digest=true\nkato=5\n"
                      "queue-size=16\nreconnect-delay=3\nctrl-loss-tmo=-1\ndisable-sqflow=true\n"
                      "ignore-iface=true\nip-family=ipv6+ipv4\nlock-memory=yes\npleo=disabled\n"
                      "persistent=no\n"
                      "[Service Discovery]\nzeroconf=disabled\n" DC
                      "persistent-connections=false\nzeroconf-connections-persistence=1h30m\n"
                      "epcsd-poll-interval-minutes=1\n"
                      "[Controllers]\ncontroller=transport=tcp;traddr=192.0.2.1\n"
                      "exclude=host-iface=eth0\n",
                      &d);
        const int32_t *settings = c->policy.settings.value;

        assert_int_equal(c->policy.poll_minutes, 1);
        assert_int_equal(settings[SETTING_PERSISTENT], PERSISTENT_NO);

        assert_int_equal(d.n_items, 0);
        assert_true(c->tron);
        assert_int_equal(settings[SETTING_HDR_DIGEST], 1);
        assert_int_equal(settings[SETTING_DATA_DIGEST], 1);
        assert_int_equal(settings[SETTING_KATO], 5);
        assert_int_equal(settings[SETTING_QUEUE_SIZE], 16);
        assert_int_equal(settings[SETTING_RECONNECT_DELAY], 3);
        assert_int_equal(settings[SETTING_CTRL_LOSS_TMO], -1);
        assert_int_equal(settings[SETTING_DISABLE_SQFLOW], 1);
        assert_true(c->policy.ignore_iface);
        assert_int_equal(c->policy.ip_families,
                         IP_FAMILY_IPV4 | IP_FAMILY_IPV6 | IP_FAMILY_IPV6_FIRST);
        assert_int_equal(c->lock_memory, LOCK_MEMORY_YES);
        assert_false(c->policy.pleo);
        assert_false(c->zeroconf);
        assert_false(c->persistent_connections);
        assert_int_equal(c->zeroconf_persistence, 5400 * USEC_PER_SEC);
        assert_int_equal(c->n_controllers, 1);
        assert_string_equal(c->controllers[0].where, "f:22");
        assert_int_equal(c->policy.excludes.n_rules, 1);
}

static void test_every_key_of_stacd(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c =
                parse(STACD,
                      "[Global]\nnr-io-queues=1\nnr-write-queues=2\nnr-poll-queues=3\n"
                      "lock-memory=no\n" IOC
                      "disconnect-scope=no-disconnect\ndisconnect-trtypes=rdma + fc\n"
                      "connect-attempts-on-ncc=5\ndisconnect-in-use=force\n",
                      &d);

        assert_int_equal(d.n_items, 0);
        assert_int_equal(c->policy.settings.value[SETTING_NR_IO_QUEUES], 1);
        assert_int_equal(c->policy.settings.value[SETTING_NR_WRITE_QUEUES], 2);
        assert_int_equal(c->policy.settings.value[SETTING_NR_POLL_QUEUES], 3);
        assert_int_equal(c->lock_memory, LOCK_MEMORY_NO);
        assert_int_equal(c->policy.disconnect_scope, DISCONNECT_NONE);
        assert_int_equal(c->policy.disconnect_transports,
                         1U << TRANSPORT_RDMA | 1U << TRANSPORT_FC);
        assert_int_equal(c->policy.connect_attempts_on_ncc, 5);
        assert_true(c->policy.disconnect_in_use_force);
}

static void test_choices(void **state)
{
        static const struct {
                const char *value;
                unsigned families;
        } cases[] = {
                { "ipv4", IP_FAMILY_IPV4 },
                { "ipv6", IP_FAMILY_IPV6 },
                { "ipv4+ipv6", IP_FAMILY_IPV4 | IP_FAMILY_IPV6 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                _cleanup_text_buffer_ TextBuffer b = { 0 };

                text_buffer_printf(&b, "[Global]\nip-family=%s\n", cases[i].value);
                _cleanup_free_ char *text = text_buffer_take(&b);
                _cleanup_(configuration_freep) Configuration *c = parse(STAFD, text, &d);
                assert_int_equal(c->policy.ip_families, cases[i].families);
                assert_int_equal(d.n_items, 0);
        }
}

static void test_one_attempt_counts_as_two(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c =
                parse(STACD, IOC "connect-attempts-on-ncc=1\n", &d);

        assert_int_equal(c->policy.connect_attempts_on_ncc, 2);
}

static void test_persistence_for_ever_and_at_once(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *ever =
                parse(STAFD, DC "zeroconf-connections-persistence=-1\n", &d);
        _cleanup_(configuration_freep) Configuration *once =
                parse(STAFD, DC "zeroconf-connections-persistence=0\n", &d);

        assert_int_equal(ever->zeroconf_persistence, USEC_INFINITY);
        assert_int_equal(once->zeroconf_persistence, 0);
        assert_int_equal(d.n_items, 0);
}

/* Configurations of one daemon and all messages about them. */
static const struct {
        ControllerKind role;
        const char *text, *problems;
} problem_cases[] = {
        { STAFD, "[Global]\ncolour=red\n", "W f:2: colour: unknown key in [Global]; ignored\n" },
        { STAFD, "[Colours]\na=b\nc=d\n[Global]\n",
          "W f:1: unknown section 'Colours', its keys are ignored\n" },
        { STAFD, "[global]\ntron=true\n",
          "E f:1: unknown section 'global', did you mean [Global]?\n" },
        { STAFD, "[Global]\nDHHC-1:00:x=1\n", "W f:2: unknown key in [Global]; ignored\n" },
        { STAFD, "[Global]\nnr-io-queues=4\n",
          "W f:2: nr-io-queues: unknown key in [Global]; ignored\n" },
        { STAFD, IOC "disconnect-scope=no-disconnect\n",
          "W f:1: unknown section 'I/O controller connection management', its keys are "
          "ignored\n" },
        { STACD, "[Global]\npleo=enabled\n", "W f:2: pleo: unknown key in [Global]; ignored\n" },
        { STACD, "[Service Discovery]\nzeroconf=enabled\n",
          "W f:1: unknown section 'Service Discovery', its keys are ignored\n" },
        { STACD, "[Controllers]\nkato=5\n",
          "W f:2: kato: unknown key in [Controllers]; ignored\n" },
        { STACD, IOC "kato=5\n",
          "W f:2: kato: unknown key in [I/O controller connection management]; "
          "ignored\n" },
        { STAFD, "[Global]\ntron=maybe\n",
          "E f:2: tron: 'maybe' is not valid, must be true or false\n" },
        { STAFD, "[Global]\ntron=\n", "E f:2: tron: '' is not valid, must be true or false\n" },
        { STAFD, "[Global]\nqueue-size=8\n",
          "E f:2: queue-size: '8' is not valid, must be a number from 16 to 1024\n" },
        { STAFD, "[Global]\nhdr-digest=2\n",
          "E f:2: hdr-digest: '2' is not valid, must be true or false\n" },
        { STAFD, "[Global]\nip-family=ipv5\n",
          "E f:2: ip-family: 'ipv5' is not valid, must be ipv4, ipv6, ipv4+ipv6 or "
          "ipv6+ipv4\n" },
        { STAFD, "[Global]\nlock-memory=always\n",
          "E f:2: lock-memory: 'always' is not valid, must be auto, yes or no\n" },
        { STAFD, DC "zeroconf-connections-persistence=soon\n",
          "E f:2: zeroconf-connections-persistence: 'soon' is not valid, must be seconds, or a "
          "time span such as '3 days 5 hours'; -1 for no limit, 0 for no time\n" },
        { STACD, IOC "disconnect-scope=all\n",
          "E f:2: disconnect-scope: 'all' is not valid, must be only-stas-connections, "
          "all-connections-matching-disconnect-trtypes or no-disconnect; a start with it "
          "disconnects nothing\n" },
        { STACD, IOC "disconnect-trtypes=tcp+loop\n",
          "E f:2: disconnect-trtypes: 'tcp+loop' is not valid, must be tcp, rdma and fc "
          "joined by '+'; a start with it disconnects nothing\n" },
        { STACD, IOC "disconnect-trtypes=\n",
          "E f:2: disconnect-trtypes: '' is not valid, must be tcp, rdma and fc joined by "
          "'+'; a start with it disconnects nothing\n" },
        { STAFD, DC "epcsd-poll-interval-minutes=0\n",
          "E f:2: epcsd-poll-interval-minutes: '0' is not valid, must be a number of minutes, 1 or "
          "more\n" },
        { STAFD, "[Global]\npersistent=yes\n",
          "E f:2: persistent: 'yes' is not valid, must be no, auto or force\n" },
        { STACD, IOC "connect-attempts-on-ncc=-1\n",
          "E f:2: connect-attempts-on-ncc: '-1' is not valid, must be a number, 0 for no "
          "limit; a start with it disconnects nothing\n" },
        { STACD, IOC "disconnect-in-use=ask\n",
          "E f:2: disconnect-in-use: 'ask' is not valid, must be defer or force; a start "
          "with it disconnects nothing\n" },
        { STACD, "[Controllers]\ncontroller=transport=tcp;traddr=::1\n",
          "E f:2: controller: nqn: missing; required for an I/O controller\n" },
        { STACD, "[Controllers]\ncontroller=transport=tcp;traddr=192.0.2.1;nqn=" NQN_DISCOVERY "\n",
          "W f:2: controller: nqn: that of discovery controllers, which belong in stafd.conf; the "
          "line is not used\n" },
        { STACD, "[Controllers]\ncontroller=;\n",
          "E f:2: controller: transport: missing; must be tcp, rdma, fc or loop\n" },
        { STACD, "[Controllers]\ncontroller=\nexclude=\n", "" },
        { STACD, IOC "connect-attempts-on-ncc=0\n controller=dhchap-secret=DHHC-1:00:x:\n",
          "E f:3: connect-attempts-on-ncc: the value is not valid, must be a number, 0 for "
          "no limit; a start with it disconnects nothing\n" },
};

static void test_problems(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(problem_cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                _cleanup_(configuration_freep) Configuration *c =
                        parse(problem_cases[i].role, problem_cases[i].text, &d);
                _cleanup_free_ char *problems = diagnostics_to_text(&d);

                assert_string_equal(problems, problem_cases[i].problems);
                assert_int_equal(c->n_controllers, 0);
                assert_false(c->tron);
        }
}

static void test_bad_value_leaves_what_was_there(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c =
                parse(STACD,
                      IOC "disconnect-trtypes=rdma\ndisconnect-trtypes=fc+x\n"
                          "disconnect-in-use=force\ndisconnect-in-use=no\n",
                      &d);

        assert_int_equal(c->policy.disconnect_transports, 1U << TRANSPORT_RDMA);
        assert_true(c->policy.disconnect_in_use_force);
        assert_int_equal(d.n_items, 2);
}

static void test_lock_memory(void **state)
{
        static const struct {
                const char *text;
                LockMemory expected;
        } cases[] = {
                { "[Global]\nlock-memory=no\nlock-memory=auto\n", LOCK_MEMORY_AUTO },
                { "[Global]\nlock-memory=true\n", LOCK_MEMORY_YES },
                { "[Global]\nlock-memory=off\n", LOCK_MEMORY_NO },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                _cleanup_(configuration_freep) Configuration *c = parse(STACD, cases[i].text, &d);

                assert_int_equal(d.n_items, 0);
                assert_int_equal(c->lock_memory, cases[i].expected);
        }
}

static void test_old_names(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *stafd =
                parse(STAFD,
                      "[Global]\npersistent-connections=false\nudev-rule=enabled\n"
                      "[Controllers]\nblacklist=host-iface=eth0\n",
                      &d);
        _cleanup_(configuration_freep) Configuration *stacd =
                parse(STACD, "[Global]\nsticky-connections=enabled\n", &d);
        _cleanup_free_ char *problems = diagnostics_to_text(&d);

        assert_false(stafd->persistent_connections);
        assert_int_equal(stafd->policy.excludes.n_rules, 1);
        assert_int_equal(stacd->policy.disconnect_scope, DISCONNECT_NONE);
        assert_string_equal(
                problems,
                "W f:2: persistent-connections: deprecated, use persistent-connections in "
                "[Discovery controller connection management]\n"
                "W f:3: udev-rule: no longer used; ignored\n"
                "W f:5: blacklist: deprecated, use exclude\n"
                "W f:2: sticky-connections: deprecated, use disconnect-scope in [I/O controller "
                "connection management]\n");
}

static DisconnectScope scope_of(const char *text)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = parse(STACD, text, &d);

        return c->policy.disconnect_scope;
}

static void test_scope_of_other_versions(void **state)
{
        static const char sticky[] = "[Global]\nsticky-connections=enabled\n";
        static const char scope[] = IOC "disconnect-scope=only-stas-connections\n";
        _cleanup_free_ char *before = NULL, *after = NULL;

        assert_true(asprintf(&before, "%s%s", sticky, scope) > 0);
        assert_true(asprintf(&after, "%s%s", scope, sticky) > 0);
        assert_int_equal(scope_of(sticky), DISCONNECT_NONE);
        assert_int_equal(scope_of(before), DISCONNECT_ONLY_STAS);
        assert_int_equal(scope_of(after), DISCONNECT_ONLY_STAS);
        assert_int_equal(scope_of("[Global]\nsticky-connections=disabled\n"), DISCONNECT_ONLY_STAS);
        assert_int_equal(scope_of(IOC "honor-fabric-zoning=no\n"), DISCONNECT_NONE);
        assert_int_equal(scope_of(IOC "honor-fabric-zoning=yes\n"), DISCONNECT_ONLY_STAS);
}

/* The setting that decides which connections to keep is unknown, so all are kept. A valid value
 * further down does not change this, as the other one may be the one that was meant. */
static void test_scope_after_an_error(void **state)
{
        static const char *const cases[] = {
                IOC "disconnect-scope=none\n",
                IOC "disconnect-trtypes=tpc\n"
                    "disconnect-scope=all-connections-matching-disconnect-trtypes\n",
                IOC "disconnect-scop=no-disconnect\n",
                "[I/O Controller connection management]\ndisconnect-scope=no-disconnect\n",
                "[Global]\ndisconnect-scope=no-disconnect\n",
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(scope_of(cases[i]), DISCONNECT_NONE);
        assert_int_equal(scope_of("[Global]\nkato=often\n"), DISCONNECT_ONLY_STAS);
}

/* The names of nvme-stas 1, 2 and 3 are known or unknown, but never reported as misspelled. */
static void test_names_of_other_versions_are_no_errors(void **state)
{
        static const char text[] =
                "[Global]\npersistent-connections=true\nudev-rule=enabled\n"
                "sticky-connections=disabled\nduplicate-connect=false\nkeep-alive-tmo=5\n"
                "fast-io-fail-tmo=5\ntos=0\npleo=enabled\nnr-io-queues=4\nnr-write-queues=1\n"
                "nr-poll-queues=1\npersistent=no\nhostkey=x\n"
                "[Service Discovery]\nstype=_nvme-disc._tcp\nzeroconf=enabled\n" DC
                "epcsd-poll-interval-minutes=15\ndc-giveup-timeout=infinity\n" IOC
                "honor-fabric-zoning=yes\nconnect-attempts-on-ncc=0\n"
                "[I/O controller disconnect policy]\ndisconnect-scope=no-disconnect\n"
                "[I/O Controller Defaults]\nkeep-alive-tmo=5\n"
                "[Discovery Controller Defaults]\npersistent=force\n"
                "[Controllers]\nblacklist=traddr=::1\n";

        for (ControllerKind role = STAFD; role <= STACD; role++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                _cleanup_(configuration_freep) Configuration *c = parse(role, text, &d);
                _cleanup_free_ char *problems = diagnostics_to_text(&d);

                assert_non_null(c);
                if (diagnostics_has_errors(&d))
                        fail_msg("%s", problems);
        }
}

static void test_keys_without_case(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = parse(
                STAFD, "[Global]\nTron=True\nKATO=7\n[Controllers]\nExclude=traddr=::1\n", &d);

        assert_true(c->tron);
        assert_int_equal(c->policy.settings.value[SETTING_KATO], 7);
        assert_int_equal(c->policy.excludes.n_rules, 1);
        assert_int_equal(d.n_items, 0);
}

static void test_lists_add_up_and_scalars_are_replaced(void **state)
{
        static const char first[] = "[Global]\nkato=5\n[Controllers]\n"
                                    "controller=transport=tcp;traddr=192.0.2.1\n"
                                    "    transport=tcp;traddr=192.0.2.2\nexclude=traddr=::1\n";
        static const char second[] =
                "[Controllers]\ncontroller=\n  transport=tcp;traddr=192.0.2.3\n"
                "exclude=traddr=::2\n  traddr=::3\n[Global]\nkato=6\n";
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = parse(STAFD, first, &d);

        assert_int_equal(configuration_parse("g", second, strlen(second), STAFD, c, &d), 0);
        assert_int_equal(d.n_items, 0);
        assert_int_equal(c->policy.settings.value[SETTING_KATO], 6);
        assert_int_equal(c->n_controllers, 3);
        assert_string_equal(c->controllers[1].traddr, "192.0.2.2");
        assert_string_equal(c->controllers[1].where, "f:5");
        assert_string_equal(c->controllers[2].where, "g:3");
        assert_int_equal(c->policy.excludes.n_rules, 3);
        assert_string_equal(c->policy.excludes.rules[2].where, "g:5");
}

static void test_host_file(void **state)
{
        static const char text[] = "[Host]\nnqn=nqn.a\nID=file:///x y\nkey=DHHC-1:00:x:\n"
                                   "key = DHHC-1:00:y:\nsymname=\ncolour=red\n[Guest]\nnqn=nqn.b\n";
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        HostFile h = { 0 };

        assert_int_equal(host_file_parse("f", text, strlen(text), &h, &d), 0);
        _cleanup_free_ char *problems = diagnostics_to_text(&d);
        assert_string_equal(h.nqn, "nqn.a");
        assert_string_equal(h.id, "file:///x y");
        assert_string_equal(h.key, "DHHC-1:00:y:");
        assert_string_equal(h.symname, "");
        assert_string_equal(problems, "W f:7: colour: unknown key in [Host]; ignored\n"
                                      "W f:8: unknown section 'Guest', its keys are ignored\n");
        host_file_done(&h);
        assert_null(h.key);
}

static void test_misspelled_host_file(void **state)
{
        static const char text[] = "[host]\nnqn=nqn.a\n[Host]\nnqm=nqn.a\nhostnqn=nqn.a\n"
                                   "sym-name=x\nId=y\n";
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(host_file_done) HostFile h = { 0 };

        assert_int_equal(host_file_parse("f", text, strlen(text), &h, &d), 0);
        _cleanup_free_ char *problems = diagnostics_to_text(&d);
        assert_string_equal(problems,
                            "E f:1: unknown section 'host', did you mean [Host]?\n"
                            "E f:4: nqm: unknown key in [Host], did you mean nqn?\n"
                            "W f:5: hostnqn: unknown key in [Host]; ignored\n"
                            "E f:6: sym-name: unknown key in [Host], did you mean symname?\n");
        assert_string_equal(h.id, "y");
}

static void test_first_word(void **state)
{
        static const struct {
                const char *text, *word;
        } cases[] = {
                { "", NULL },   { " \n\t\r\n", NULL },         { "a", "a" },
                { "a\n", "a" }, { "\n  nqn.a b\nc", "nqn.a" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *word =
                        host_value_first_word(cases[i].text, strlen(cases[i].text));
                assert_true(streq_ptr(word, cases[i].word));
        }
        _cleanup_free_ char *word = host_value_first_word("abc", 2);
        assert_string_equal(word, "ab");
}

static void test_host_nqn(void **state)
{
        char nqn[NQN_MAX + 2] = "nqn.";

        assert_int_equal(host_nqn_check("nqn.2014-08.org.nvmexpress:uuid:x"), 0);
        assert_int_equal(host_nqn_check("nqn"), -EINVAL);
        assert_int_equal(host_nqn_check("NQN.a"), -EINVAL);
        assert_int_equal(host_nqn_check(""), -EINVAL);
        assert_int_equal(host_nqn_check("nqn.a b"), -EINVAL);
        assert_int_equal(host_nqn_check("nqn.a,hostid=b"), -EINVAL);
        assert_int_equal(host_nqn_check("nqn.a\x7f"), -EINVAL);
        memset(nqn + 4, 'x', NQN_MAX - 4);
        assert_int_equal(host_nqn_check(nqn), 0);
        nqn[NQN_MAX] = 'x';
        assert_int_equal(host_nqn_check(nqn), -EINVAL);
}

/* Every key of nvme-stas 3 in every section of both files. */
static void test_later_keys_and_sections(void **state)
{
        static const char *const sections[] = { "Global", "Service Discovery",
                                                "Discovery controller connection management",
                                                "I/O controller connection management" };
        static const struct {
                const char *assignment, *section;
                bool of_stafd, of_stacd;
        } cases[] = {
                { "tron = true", "Global", true, true },
                { "ignore-iface = true", "Global", true, true },
                { "ip-family = ipv4", "Global", true, true },
                { "pleo = disabled", "Global", true, false },
                { "zeroconf = disabled", "Service Discovery", true, false },
                { "epcsd-poll-interval-minutes = 15", "Discovery controller connection management",
                  true, false },
                { "dc-giveup-timeout = infinity", "Discovery controller connection management",
                  true, false },
                { "honor-fabric-zoning = no", "I/O controller connection management", false, true },
                { "connect-attempts-on-ncc = 2", "I/O controller connection management", false,
                  true },
                { "Tron = true", "", false, false },
                { "kato = 5", "", false, false },
                { "controller = transport=tcp;traddr=192.0.2.1", "", false, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (size_t k = 0; k < 2 * ELEMENTSOF(sections); k++) {
                        bool is_stafd = k < ELEMENTSOF(sections);
                        bool is_known = is_stafd ? cases[i].of_stafd : cases[i].of_stacd;
                        const char *section = sections[k % ELEMENTSOF(sections)];
                        ControllerKind role = is_stafd ? CONTROLLER_DISCOVERY : CONTROLLER_IO;
                        bool has_section = streq(section, "Global") ||
                                           (k % ELEMENTSOF(sections) == 3) != is_stafd;
                        const char *start = !has_section                       ? "W f:1: "
                                            : !is_known                        ? "W f:2: "
                                            : streq(section, cases[i].section) ? ""
                                                                               : "E f:2: ";
                        _cleanup_(configuration_freep) Configuration *c = NULL;
                        _cleanup_diagnostics_ Diagnostics d = { 0 };
                        char text[160];

                        (void) snprintf(text, sizeof(text), "[%s]\n%s\n", section,
                                        cases[i].assignment);
                        assert_int_equal(configuration_new(role, &c), 0);
                        assert_int_equal(
                                configuration_parse_later("f", text, strlen(text), role, c, &d), 0);
                        _cleanup_free_ char *problems = diagnostics_to_text(&d);
                        if (*start)
                                assert_non_null(text_after(problems, start));
                        else
                                assert_string_equal(problems, "");
                }
}

static void test_later_errors_name_their_line(void **state)
{
        static const struct {
                const char *text, *problems;
        } cases[] = {
                { "[I/O controller connection management]\nhonor-fabric-zoning = no\n"
                  "honor-fabric-zoning = yes\n",
                  "E f:3: honor-fabric-zoning: given twice; the first one is used\n" },
                { "[I/O controller connection management]\nhonor-fabric-zoning = maybe\n",
                  "E f:2: honor-fabric-zoning: 'maybe' is not valid, must be yes or no; a start "
                  "with it disconnects nothing\n" },
                { "[Global]\nhonor-fabric-zoning = yes\n",
                  "E f:2: honor-fabric-zoning: belongs in [I/O controller connection "
                  "management]\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(configuration_freep) Configuration *c = NULL;
                _cleanup_diagnostics_ Diagnostics d = { 0 };

                assert_int_equal(configuration_new(CONTROLLER_IO, &c), 0);
                assert_int_equal(configuration_parse_later("f", cases[i].text,
                                                           strlen(cases[i].text), CONTROLLER_IO, c,
                                                           &d),
                                 0);
                _cleanup_free_ char *problems = diagnostics_to_text(&d);
                assert_string_equal(problems, cases[i].problems);
                assert_int_equal(c->policy.disconnect_scope, DISCONNECT_NONE);
        }
}

/* Of a key about disconnecting, the value that disconnects less is used; of others the first. */
static void test_later_values_that_contradict(void **state)
{
        static const char first[] = "[Global]\ntron = false\n"
                                    "[I/O controller connection management]\n"
                                    "disconnect-scope = no-disconnect\n";
        static const char later[] = "[Global]\ntron = true\n"
                                    "[I/O controller connection management]\n"
                                    "honor-fabric-zoning = yes\n";
        _cleanup_(configuration_freep) Configuration *c = NULL;
        _cleanup_diagnostics_ Diagnostics d = { 0 };

        assert_int_equal(configuration_new(CONTROLLER_IO, &c), 0);
        assert_int_equal(configuration_parse("a", first, strlen(first), CONTROLLER_IO, c, &d), 0);
        assert_int_equal(configuration_parse_later("b", later, strlen(later), CONTROLLER_IO, c, &d),
                         0);
        _cleanup_free_ char *problems = diagnostics_to_text(&d);
        assert_string_equal(problems,
                            "E b:2: tron: contradicts tron at a:2; the value there is used\n"
                            "E b:4: honor-fabric-zoning: contradicts disconnect-scope at a:4; the "
                            "value there is used\n");
        assert_false(c->tron);
        assert_int_equal(c->policy.disconnect_scope, DISCONNECT_NONE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_later_keys_and_sections),
                cmocka_unit_test(test_later_errors_name_their_line),
                cmocka_unit_test(test_later_values_that_contradict),
                cmocka_unit_test(test_empty_file_leaves_defaults),
                cmocka_unit_test(test_every_key_of_stafd),
                cmocka_unit_test(test_every_key_of_stacd),
                cmocka_unit_test(test_choices),
                cmocka_unit_test(test_one_attempt_counts_as_two),
                cmocka_unit_test(test_persistence_for_ever_and_at_once),
                cmocka_unit_test(test_problems),
                cmocka_unit_test(test_bad_value_leaves_what_was_there),
                cmocka_unit_test(test_lock_memory),
                cmocka_unit_test(test_old_names),
                cmocka_unit_test(test_scope_of_other_versions),
                cmocka_unit_test(test_scope_after_an_error),
                cmocka_unit_test(test_names_of_other_versions_are_no_errors),
                cmocka_unit_test(test_keys_without_case),
                cmocka_unit_test(test_lists_add_up_and_scalars_are_replaced),
                cmocka_unit_test(test_host_file),
                cmocka_unit_test(test_misspelled_host_file),
                cmocka_unit_test(test_first_word),
                cmocka_unit_test(test_host_nqn),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* From the text of a configuration to the option string for the kernel. */

#include "daemon/connect_options.h"

#include <string.h>

#include "base/testing.h"
#include "base/text.h"
#include "codec/configuration.h"
#include "codec/testing.h"
#include "model/host_id.h"
#include "plan/engine.h"
#include "plan/test-ends.h"
#include "source/configuration_files.h"

#define HOST_ID "3f1b0f1c-2d41-4c56-9a4e-5b6b8a3c7d10"
#define OTHER_ID "0b4dd6a2-52ec-4c6e-bb2a-1a1d3a1a9d11"
#define OTHER_NQN "nqn.2014-08.org.nvmexpress:uuid:" OTHER_ID

typedef struct Connected {
        char *options; /* with a leading and a trailing comma, so that each option is between two */
        unsigned left_out;
} Connected;

static void connected_done(Connected *c)
{
        free(c->options);
}

static Engine *engine_of(const Configuration *c, const HostIdentity *host)
{
        Policy *policy = calloc(1, sizeof(*policy));
        Engine *e;
        SourceSet *set;
        const Plan *plan;

        assert_non_null(policy);
        *policy = c->policy;
        policy->excludes = (ExcludeList) { 0 };
        assert_int_equal(engine_new(policy, &e), 0);
        assert_int_equal(configuration_to_source_set(c, host, NULL, &set), 0);
        assert_int_equal(engine_set_source(e, set, 1), 0);
        assert_int_equal(engine_plan(e, 1, &plan), 0);
        for (size_t i = 0; i < plan->n_actions; i++)
                if (plan->actions[i].operation == OPERATION_SCAN)
                        assert_int_equal(end_scan(e, plan->actions[i].op_id, 0, NULL, 0, 1), 0);
        return e;
}

#define FIRMWARE_NQN "nqn.2024-01.lab:firmware"
#define FIRMWARE_ID "0a1b2c3d-0000-4000-8000-00000000b007"

static NbftHost firmware_hosts[] = {
        { .nqn = (char *) FIRMWARE_NQN, .id = FIRMWARE_ID },
        { .nqn = (char *) "nqn.2024-01.lab:host", .id = FIRMWARE_ID },
};
static const Nbft firmware = { .hosts = firmware_hosts, .n_hosts = ELEMENTSOF(firmware_hosts) };

static Connected options_of(const Engine *e, const Action *a, const HostIdentity *host)
{
        _cleanup_free_ char *options = NULL;
        TextBuffer b = { 0 };
        Connected c = { 0 };

        assert_int_equal(connect_options(a->row, engine_network(e), a->settings, host, &firmware,
                                         UINT32_MAX, &options, &c.left_out),
                         0);
        text_buffer_printf(&b, ",%s,", options);
        c.options = text_buffer_take(&b);
        assert_non_null(c.options);
        return c;
}

/* Options for the first controller of the text. */
static Connected connect_text(ControllerKind role, const char *text, const HostIdentity *host)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;
        const Plan *plan;

        assert_int_equal(configuration_new(role, &c), 0);
        assert_int_equal(configuration_parse("x", text, strlen(text), role, c, &d), 0);
        _cleanup_free_ char *problems = diagnostics_to_text(&d);
        assert_string_equal(problems, "");

        _cleanup_(engine_freep) Engine *e = engine_of(c, host);
        assert_int_equal(engine_plan(e, 1, &plan), 0);
        uint64_t probe = plan->n_actions > 0 && plan->actions[0].operation == OPERATION_PROBE
                                 ? plan->actions[0].op_id
                                 : 0;
        end_probe(e, probe, 0, 1);
        assert_int_equal(engine_plan(e, 1, &plan), 0);
        for (size_t i = 0; i < plan->n_actions; i++)
                if (plan->actions[i].operation == OPERATION_CONNECT)
                        return options_of(e, &plan->actions[i], host);
        fail_msg("no connect");
        return (Connected) { 0 };
}

static const HostIdentity plain_host = {
        .nqn = (char *) "nqn.2024-01.lab:host",
        .id = (char *) HOST_ID,
};

static void expect(const Connected *c, const char *option)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_printf(&b, ",%s,", option);
        if (!strstr(c->options, b.data))
                fail_msg("%s is not in %s", option, c->options);
}

static void expect_none(const Connected *c, const char *name)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_printf(&b, ",%s", name);
        if (strstr(c->options, b.data))
                fail_msg("%s is in %s", name, c->options);
}

#define LINE "[Controllers]\ncontroller=transport=tcp;traddr=192.0.2.1;nqn=nqn.a"

/* Each key: from [Global], from the line, and from the line overriding [Global]. */
static void test_each_setting_of_a_line_wins(void **state)
{
        static const struct {
                const char *key, *option, *global, *line;
                bool is_switch;
        } cases[] = {
                { "kato", "keep_alive_tmo", "11", "22", false },
                { "queue-size", "queue_size", "32", "64", false },
                { "reconnect-delay", "reconnect_delay", "5", "6", false },
                { "ctrl-loss-tmo", "ctrl_loss_tmo", "600", "-1", false },
                { "nr-io-queues", "nr_io_queues", "4", "2", false },
                { "nr-write-queues", "nr_write_queues", "4", "2", false },
                { "nr-poll-queues", "nr_poll_queues", "4", "2", false },
                { "hdr-digest", "hdr_digest", "false", "true", true },
                { "data-digest", "data_digest", "false", "true", true },
                { "disable-sqflow", "disable_sqflow", "false", "true", true },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_text_buffer_ TextBuffer text = { 0 }, given = { 0 };

                text_buffer_printf(&text, "[Global]\n%s=%s\n" LINE ";%s=%s\n", cases[i].key,
                                   cases[i].global, cases[i].key, cases[i].line);
                text_buffer_printf(&given, "%s%s%s", cases[i].option, cases[i].is_switch ? "" : "=",
                                   cases[i].is_switch ? "" : cases[i].line);
                _cleanup_(connected_done) Connected line =
                        connect_text(CONTROLLER_IO, text.data, &plain_host);
                expect(&line, given.data);
        }
}

static void test_what_a_line_does_not_say_global_says(void **state)
{
        _cleanup_(connected_done) Connected c = connect_text(
                CONTROLLER_IO,
                "[Global]\nkato=11\nhdr-digest=true\ndata-digest=true\nqueue-size=32\n" LINE
                ";kato=22;data-digest=false\n",
                &plain_host);

        expect(&c, "keep_alive_tmo=22");
        expect(&c, "queue_size=32");
        expect(&c, "hdr_digest");
        expect_none(&c, "data_digest");
        expect_none(&c, "reconnect_delay");
}

static void test_a_discovery_controller(void **state)
{
        _cleanup_(connected_done) Connected c =
                connect_text(CONTROLLER_DISCOVERY,
                             "[Controllers]\ncontroller=transport=tcp;traddr=192.0.2.1;kato=7;"
                             "reconnect-delay=3\n",
                             &plain_host);

        expect(&c, "keep_alive_tmo=7");
        expect(&c, "reconnect_delay=3");
        expect(&c, "nqn=" NQN_DISCOVERY);
}

static void test_identity(void **state)
{
        _cleanup_(connected_done) Connected c = connect_text(
                CONTROLLER_IO, LINE ";host-traddr=192.0.2.9;host-iface=eth0\n", &plain_host);

        expect(&c, "hostnqn=nqn.2024-01.lab:host");
        expect(&c, "hostid=" HOST_ID);
        expect(&c, "host_traddr=192.0.2.9");
        expect(&c, "host_iface=eth0");
        expect_none(&c, "dhchap");
}

/* The kernel refuses two host NQNs with one host ID. */
static void test_another_host_nqn_has_an_id_of_its_own(void **state)
{
        _cleanup_(connected_done) Connected c =
                connect_text(CONTROLLER_IO, LINE ";host-nqn=" OTHER_NQN "\n", &plain_host);

        expect(&c, "hostnqn=" OTHER_NQN);
        expect(&c, "hostid=" OTHER_ID);
}

/* The ID that sys.conf sets for its own NQN takes precedence. */
static void test_the_firmwares_host_nqn_has_the_firmwares_id(void **state)
{
        _cleanup_(connected_done)
                Connected c = connect_text(CONTROLLER_IO, LINE ";host-nqn=" FIRMWARE_NQN "\n",
                                           &plain_host),
                          own = connect_text(CONTROLLER_IO, LINE "\n", &plain_host);
        expect(&c, "hostid=" FIRMWARE_ID);
        expect(&own, "hostid=" HOST_ID);
}

#define HOST_KEY "DHHC-1:00:aG9zdA==:"
#define LINE_KEY "DHHC-1:00:bGluZQ==:"
#define CTRL_KEY "DHHC-1:00:Y3RybA==:"

static void test_keys(void **state)
{
        HostIdentity host = plain_host;

        assert_int_equal(secret_new(HOST_KEY, &host.key), 0);
        _cleanup_(connected_done)
                Connected of_host = connect_text(CONTROLLER_IO, LINE "\n", &host),
                          of_line = connect_text(CONTROLLER_IO,
                                                 LINE ";dhchap-secret=" LINE_KEY
                                                      ";dhchap-ctrl-secret=" CTRL_KEY "\n",
                                                 &host);
        host.key = secret_free(host.key);

        expect(&of_host, "dhchap_secret=" HOST_KEY);
        expect_none(&of_host, "dhchap_ctrl_secret");
        expect(&of_line, "dhchap_secret=" LINE_KEY);
        expect(&of_line, "dhchap_ctrl_secret=" CTRL_KEY);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_setting_of_a_line_wins),
                cmocka_unit_test(test_what_a_line_does_not_say_global_says),
                cmocka_unit_test(test_a_discovery_controller),
                cmocka_unit_test(test_identity),
                cmocka_unit_test(test_another_host_nqn_has_an_id_of_its_own),
                cmocka_unit_test(test_the_firmwares_host_nqn_has_the_firmwares_id),
                cmocka_unit_test(test_keys),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

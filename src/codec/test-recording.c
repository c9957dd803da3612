/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/recording.h"

#include "base/testing.h"
#include "base/text.h"

static Tid *make_tid(const char *traddr)
{
        const TidFields fields = {
                .transport = "tcp",
                .traddr = traddr,
                .subsysnqn = "nqn.a",
                .host_traddr = "192.0.2.9",
                .host_iface = "eth0",
                .host_nqn = "nqn.h",
        };
        Tid *t;

        assert_int_equal(tid_new(&fields, CONTROLLER_IO, &t), 0);
        return t;
}

static DlpEntry make_dlpe(void)
{
        return (DlpEntry) {
                .trtype = 3,
                .adrfam = 1,
                .subtype = DLPE_NVME,
                .treq = 5,
                .portid = 7,
                .cntlid = 0xffff,
                .asqsz = 32,
                .eflags = DLPE_EFLAGS_NCC,
                .sectype = 2,
                .trsvcid = "4420",
                .subnqn = strdup("nqn.a"),
                .traddr = strdup("192.0.2.1"),
        };
}

static SourceSet *make_set(void)
{
        SourceSet *set;

        assert_int_equal(source_set_new("dc x", SOURCE_DISCOVERY_LOG, SOURCE_PARTIAL, &set), 0);
        set->restored = true;
        SourceEntry *e = source_set_add(set, make_tid("192.0.2.2"), "nvme0 entry 3");
        assert_non_null(e);
        e->restored = true;
        e->settings.value[SETTING_KATO] = 5;
        e->settings.value[SETTING_CTRL_LOSS_TMO] = -1;
        assert_int_equal(secret_new("DHHC-1:00:hidden:", &e->dhchap_secret), 0);
        assert_int_equal(secret_new("DHHC-1:00:hidden:", &e->dhchap_ctrl_secret), 0);
        e->dlpe = malloc(sizeof(*e->dlpe));
        assert_non_null(e->dlpe);
        *e->dlpe = make_dlpe();
        e->dlpe->bad_nqn = e->passive = true;
        e->problem = NQN_NOT_USABLE;
        e->demands_tls = true; /* TREQ 05h */
        e = source_set_add(set, make_tid("192.0.2.1"), "/etc/stas/stacd.conf:3");
        assert_non_null(e);
        e->passive = e->tentative = true;
        source_set_seal(set);
        DlpEntry skipped = make_dlpe();
        assert_int_equal(text_replace(&skipped.traddr, "::"), 0);
        assert_int_equal(
                source_set_skip(set, &skipped, "nvme0 entry 4", "its address is unspecified"), 0);
        dlpe_done(&skipped);
        return set;
}

static Policy *make_policy(void)
{
        const TidFields rule = { .transport = "tcp", .traddr = "192.0.2.0", .trsvcid = "04420" };
        const TidFields other = { .subsysnqn = "nqn.b" }, family = { .subsysnqn = "nqn.c*" };
        Policy *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        *p = (Policy) {
                .role = CONTROLLER_DISCOVERY,
                .ip_families = IP_FAMILY_IPV6 | IP_FAMILY_IPV6_FIRST,
                .disconnect_scope = DISCONNECT_ALL_MATCHING,
                .disconnect_transports = 5,
                .connect_attempts_on_ncc = 3,
                .poll_minutes = 7,
                .disconnect_in_use_force = true,
                .ignore_iface = true,
                .no_rdma = true,
                .pleo = true,
        };
        settings_init(&p->settings);
        p->settings.value[SETTING_KATO] = 120;
        p->settings.value[SETTING_PERSISTENT] = PERSISTENT_FORCE;
        assert_int_equal(exclude_list_add(&p->excludes, &rule, "/etc/stas/stafd.conf:1"), 0);
        assert_int_equal(exclude_list_add(&p->excludes, &other, "/etc/stas/stafd.conf:2"), 0);
        assert_int_equal(exclude_list_add_family(&p->excludes, &family, "exclusions.conf:1"), 0);
        return p;
}

static Network make_network(void)
{
        static const char *const texts[] = { "192.0.2.9", "2001:db8::9", "fe80::9%eth0" };
        Network n = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                Address a = address_parse(TRANSPORT_TCP, texts[i]);
                assert_int_equal(network_add(&n, "eth0", &a), 0);
                assert_int_equal(network_add_to_whole(&n, "bond0", &a), 0);
                assert_int_equal(network_add_alias(&n, "left", "eth0"), 0);
        }
        return n;
}

static DiscoveryLog *make_log(void)
{
        DiscoveryLog *l = calloc(1, sizeof(*l));

        assert_non_null(l);
        l->genctr = UINT64_MAX;
        l->entries = calloc(1, sizeof(*l->entries));
        assert_non_null(l->entries);
        l->entries[0] = make_dlpe();
        l->n_entries = 1;
        l->partial = true;
        return l;
}

static Device *make_device(const char *source, const char *owner)
{
        Device *d = calloc(1, sizeof(*d));

        assert_non_null(d);
        *d = (Device) {
                .instance = 3,
                .inode = UINT64_C(0x100000002),
                .state = DEVICE_CONNECTING,
                .kind = CONTROLLER_DISCOVERY,
                .tid = make_tid("192.0.2.1"),
                .src_address = address_parse(TRANSPORT_TCP, source),
                .source_hidden = !source,
                .adopted = owner != NULL,
                .no_keep_alive = owner != NULL,
                .host_id = strdup("id"),
                .model = strdup("a model"),
                .serial = strdup("a serial"),
                .cntrltype = strdup("discovery"),
                .dctype = strdup("cdc"),
                .owner = owner ? strdup(owner) : NULL,
        };
        return d;
}

static EngineInput make_input(EngineInputKind kind)
{
        EngineInput in = { .kind = kind, .now = UINT64_C(1) << 40 };

        in.network = kind == INPUT_SET_NETWORK ? make_network() : (Network) { 0 };
        in.policy = kind == INPUT_SET_POLICY ? make_policy() : NULL;
        in.set = kind == INPUT_SET_SOURCE || kind == INPUT_REPLACE_SOURCE ? make_set() : NULL;
        in.key = kind == INPUT_DROP_SOURCE ? strdup("dc x") : NULL;
        in.tid = kind == INPUT_REMEMBER || kind == INPUT_ANNOUNCED || kind == INPUT_RESTORE_STALL
                         ? make_tid("192.0.2.1")
                         : NULL;
        in.begun = in.took = in.until = kind == INPUT_RESTORE_STALL ? 77 : 0;
        in.hold = kind == INPUT_HOLD_CONNECTS;
        in.event = kind == INPUT_KERNEL_EVENT ? KERNEL_REDISCOVERED : 0;
        in.instance = 7;
        in.inode = UINT64_MAX;
        return in;
}

static EngineInput make_completion(Operation o)
{
        return (EngineInput) {
                .kind = INPUT_COMPLETE,
                .now = UINT64_C(1) << 40,
                .completion = {
                        .operation = o,
                        .op_id = UINT64_MAX - 1,
                        .nvme_status = 0x18,
                        .instance = 7,
                        .inode = UINT64_MAX,
                        .offers = DISCOVERY_LOG_ALL,
                        .used_by = o == OPERATION_DISCONNECT ? strdup("nvme0n1 by qemu") : NULL,
                        .log = o == OPERATION_READ_LOG ? make_log() : NULL,
                        .device = o == OPERATION_READ_DEVICE ? make_device("192.0.2.9", NULL)
                                                             : NULL,
                },
        };
}

static EngineInput decode_input(const char *line)
{
        _cleanup_recording_line_ RecordingLine l = { 0 };

        assert_int_equal(recording_decode(line, strlen(line), &l), 0);
        assert_int_equal(l.kind, RECORDING_INPUT);
        EngineInput in = l.input;
        l.input = (EngineInput) { 0 };
        return in;
}

/* Encodes and decodes. The caller must free the result. */
static EngineInput round_trip(EngineInput *in)
{
        _cleanup_free_ char *line = recording_encode_input(in), *again = NULL;

        assert_non_null(line);
        assert_null(strchr(line, '\n'));
        EngineInput back = decode_input(line);
        again = recording_encode_input(&back);
        assert_string_equal(line, again);
        return back;
}

static void test_each_kind_comes_back(void **state)
{
        for (EngineInputKind kind = 0; kind < INPUT_COMPLETE; kind++) {
                EngineInput in = make_input(kind);
                EngineInput back = round_trip(&in);

                assert_int_equal(back.kind, in.kind);
                assert_true(back.now == in.now && back.inode == in.inode);
                assert_int_equal(back.instance, in.instance);
                assert_int_equal(back.event, in.event);
                assert_int_equal(back.hold, in.hold);
                assert_true(back.begun == in.begun && back.took == in.took);
                assert_true(back.until == in.until);
                engine_input_done(&in);
                engine_input_done(&back);
        }
}

static void test_each_completion_comes_back(void **state)
{
        for (Operation o = 0; o < _OPERATION_MAX; o++) {
                EngineInput in = make_completion(o), input = round_trip(&in);
                const Completion *a = &in.completion, *back = &input.completion;

                assert_int_equal(input.kind, INPUT_COMPLETE);
                assert_int_equal(back->operation,
                                 o == OPERATION_DEREGISTER ? OPERATION_REGISTER : o);
                assert_true(input.now == in.now && back->op_id == a->op_id);
                assert_true(back->inode == a->inode && back->offers == a->offers);
                assert_int_equal(back->instance, a->instance);
                assert_int_equal(back->nvme_status, a->nvme_status);
                assert_true(streq_ptr(back->used_by, a->used_by));
                engine_input_done(&in);
                engine_input_done(&input);
        }
}

static void test_errors_come_back_without_a_value(void **state)
{
        static const Operation operations[] = { OPERATION_READ_LOG, OPERATION_READ_DEVICE };

        for (size_t i = 0; i < ELEMENTSOF(operations); i++) {
                EngineInput in = { .kind = INPUT_COMPLETE,
                                   .completion = { .operation = operations[i],
                                                   .error = -ENODEV,
                                                   .instance = -1 } };
                EngineInput back = round_trip(&in);

                assert_int_equal(back.completion.error, -ENODEV);
                assert_int_equal(back.completion.instance, -1);
                assert_true(!back.completion.log && !back.completion.device);
                engine_input_done(&back);
        }
}

static void test_policy(void **state)
{
        EngineInput in = make_input(INPUT_SET_POLICY), back = round_trip(&in);
        const Policy *a = in.policy, *b = back.policy;

        assert_int_equal(a->role, b->role);
        assert_int_equal(a->ip_families, b->ip_families);
        assert_true(exclude_list_equal(&a->excludes, &b->excludes));
        assert_memory_equal(&a->settings, &b->settings, sizeof(a->settings));
        assert_int_equal(a->disconnect_scope, b->disconnect_scope);
        assert_int_equal(a->disconnect_transports, b->disconnect_transports);
        assert_int_equal(a->connect_attempts_on_ncc, b->connect_attempts_on_ncc);
        assert_int_equal(a->poll_minutes, b->poll_minutes);
        assert_true(b->disconnect_in_use_force && b->ignore_iface && b->no_rdma && b->pleo);
        engine_input_done(&in);
        engine_input_done(&back);
}

static void assert_address_equal(const Address *a, const Address *b)
{
        assert_int_equal(address_compare(a, b), 0);
        assert_string_equal(a->scope, b->scope);
}

static void test_network(void **state)
{
        EngineInput in = make_input(INPUT_SET_NETWORK), back = round_trip(&in);

        assert_int_equal(back.network.n_addresses, in.network.n_addresses);
        assert_int_equal(back.network.n_aliases, in.network.n_aliases);
        assert_string_equal(network_interface(&back.network, "left"), "eth0");
        for (size_t i = 0; i < in.network.n_addresses; i++) {
                const NetworkAddress *a = &in.network.addresses[i];
                const NetworkAddress *b = &back.network.addresses[i];
                assert_string_equal(a->interface, b->interface);
                assert_int_equal(a->of_part, b->of_part);
                assert_address_equal(&a->address, &b->address);
        }
        engine_input_done(&in);
        engine_input_done(&back);
}

static void test_news(void **state)
{
        EngineInput in = {
                .kind = INPUT_REACHABILITY,
                .reachability = { .interface = "eth0",
                                  .prefix = address_parse(TRANSPORT_TCP, "2001:db8::"),
                                  .n_bits = 64,
                                  .own = address_parse(TRANSPORT_TCP, "192.0.2.9") },
        };
        EngineInput back = round_trip(&in);

        assert_string_equal(back.reachability.interface, "eth0");
        assert_address_equal(&back.reachability.prefix, &in.reachability.prefix);
        assert_address_equal(&back.reachability.own, &in.reachability.own);
        assert_int_equal(back.reachability.n_bits, 64);

        in.reachability = (Reachability) { 0 }; /* any interface, any destination */
        back = round_trip(&in);
        assert_int_equal(back.reachability.prefix.family, ADDRESS_NONE);
        assert_int_equal(back.reachability.own.family, ADDRESS_NONE);
}

static void test_source_set(void **state)
{
        EngineInput in = make_input(INPUT_SET_SOURCE), back = round_trip(&in);
        const SourceSet *a = in.set, *b = back.set;

        assert_string_equal(a->key, b->key);
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(a->state, b->state);
        assert_true(b->restored);
        assert_int_equal(b->n_entries, 2);
        assert_int_equal(b->n_skipped, 1);
        assert_true(source_sets_skip_same(a, b));
        assert_string_equal(b->skipped[0].problem, a->skipped[0].problem);
        assert_true(source_entry_equal(&a->entries[0], &b->entries[0]));
        assert_true(b->entries[0].passive && b->entries[0].tentative);
        /* everything except for the secrets */
        SourceEntry *e = &a->entries[1];
        e->dhchap_secret = secret_free(e->dhchap_secret);
        e->dhchap_ctrl_secret = secret_free(e->dhchap_ctrl_secret);
        assert_true(source_entry_equal(e, &b->entries[1]));
        engine_input_done(&in);
        engine_input_done(&back);
}

static void test_log(void **state)
{
        EngineInput in = make_completion(OPERATION_READ_LOG), back = round_trip(&in);

        assert_true(discovery_log_equal(in.completion.log, back.completion.log));
        assert_true(in.completion.log->genctr == back.completion.log->genctr);
        assert_true(in.completion.log->partial && back.completion.log->partial);
        engine_input_done(&in);
        engine_input_done(&back);
}

static void assert_device_equal(const Device *a, const Device *b)
{
        assert_int_equal(a->instance, b->instance);
        assert_true(a->inode == b->inode);
        assert_int_equal(a->state, b->state);
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(tid_compare(a->tid, b->tid), 0);
        assert_address_equal(&a->src_address, &b->src_address);
        assert_int_equal(a->source_hidden, b->source_hidden);
        assert_int_equal(a->adopted, b->adopted);
        assert_int_equal(a->no_keep_alive, b->no_keep_alive);
        assert_string_equal(a->host_id, b->host_id);
        assert_string_equal(a->model, b->model);
        assert_string_equal(a->serial, b->serial);
        assert_string_equal(a->cntrltype, b->cntrltype);
        assert_string_equal(a->dctype, b->dctype);
        assert_true(streq_ptr(a->owner, b->owner));
}

static void test_devices(void **state)
{
        Device *devices[] = {
                make_device(NULL, NULL),
                make_device("192.0.2.9", "stas"),
                make_device("fe80::9%eth0", "someone else"),
                make_device("no address at all", ""),
        };
        EngineInput in = {
                .kind = INPUT_COMPLETE,
                .completion = { .operation = OPERATION_SCAN,
                                .devices = devices,
                                .n_devices = ELEMENTSOF(devices) },
        };
        EngineInput back = round_trip(&in);

        assert_int_equal(back.completion.n_devices, ELEMENTSOF(devices));
        for (size_t i = 0; i < ELEMENTSOF(devices); i++) {
                assert_device_equal(devices[i], back.completion.devices[i]);
                (void) device_free(devices[i]);
        }
        engine_input_done(&back);
}

static void test_secrets_are_left_out(void **state)
{
        EngineInput in = make_input(INPUT_SET_SOURCE);
        _cleanup_free_ char *line = recording_encode_input(&in);

        assert_null(strstr(line, "hidden"));
        assert_null(strstr(line, "DHHC"));
        engine_input_done(&in);
}

static void test_start(void **state)
{
        _cleanup_recording_line_ RecordingLine l = { 0 };
        Policy *p = make_policy();
        _cleanup_free_ char *line = recording_encode_start("stafd 3.0.0", 1700000000000000, 5, p);

        assert_int_equal(recording_decode(line, strlen(line), &l), 0);
        assert_int_equal(l.kind, RECORDING_START);
        assert_string_equal(l.text, "stafd 3.0.0");
        assert_true(l.realtime == 1700000000000000 && l.now == 5);
        assert_true(exclude_list_equal(&p->excludes, &l.policy->excludes));
        (void) policy_free(p);
}

static void test_plan(void **state)
{
        _cleanup_recording_line_ RecordingLine l = { 0 };
        _cleanup_properties_list_ PropertiesList list = { 0 };
        Properties *p = properties_list_add(&list);

        assert_int_equal(properties_add(p, "action", "connect"), 0);
        assert_int_equal(properties_add(p, "controller", "(tcp, \"\n\xff/)"), 0);
        _cleanup_free_ char *line = recording_encode_plan(9, &list);
        _cleanup_free_ char *action = recording_encode_action(p);

        assert_int_equal(recording_decode(line, strlen(line), &l), 0);
        assert_int_equal(l.kind, RECORDING_PLAN);
        assert_true(l.now == 9);
        assert_int_equal(l.n_actions, 1);
        assert_string_equal(l.actions[0], action);
        assert_string_equal(action, "{\"action\":\"connect\",\"controller\":\"(tcp, \\\"?\?/)\"}");
}

static void test_end(void **state)
{
        _cleanup_recording_line_ RecordingLine l = { 0 };
        _cleanup_free_ char *line = recording_encode_end(3, "no more room");

        assert_int_equal(recording_decode(line, strlen(line), &l), 0);
        assert_int_equal(l.kind, RECORDING_END);
        assert_string_equal(l.text, "no more room");
}

#define TID "\"tid\":{\"transport\":\"tcp\",\"traddr\":\"::1\",\"subsysnqn\":\"nqn.a\"}"
#define INPUT(name, more) "{\"now\":1,\"input\":\"" name "\"" more "}"

static void test_decode(void **state)
{
        static const struct {
                const char *line;
                int r;
        } cases[] = {
                { INPUT("retry-now", ""), 0 },
                { INPUT("retry-now", ",\"new\":[]"), 0 },
                { INPUT("remember", "," TID), 0 },
                { INPUT("scan-done", ""), 0 },
                { INPUT("read-log-done", ",\"error\":-5"), 0 },
                { "{\"now\":1,\"plan\":[]}", 0 },
                { "", -EBADMSG },
                { "{}", -EBADMSG },
                { "[]", -EBADMSG },
                { "{\"now\":1}", -EBADMSG },
                { "{\"now\":-1,\"plan\":[]}", -EBADMSG },
                { "{\"plan\":[]}", -EBADMSG },
                { "{\"now\":1,\"plan\":[1]}", -EBADMSG },
                { "{\"now\":1,\"recording\":2}", -EPROTONOSUPPORT },
                { "{\"now\":1,\"recording\":1}", -EBADMSG },
                { "{\"now\":1,\"recording\":1,\"program\":\"x\",\"realtime\":1}", -EBADMSG },
                { INPUT("dance", ""), -EBADMSG },
                { INPUT("probe-done", ",\"op\":-1"), -EBADMSG },
                { INPUT("probe-done", ",\"op\":\"1\""), -EBADMSG },
                { INPUT("probe-done", ",\"error\":1"), -EBADMSG },
                { INPUT("probe-done", ",\"error\":-2147483648"), -EBADMSG },
                { INPUT("register-done", ",\"status\":-1"), -EBADMSG },
                { INPUT("kernel-event", ""), -EBADMSG },
                { INPUT("kernel-event", ",\"event\":\"x\""), -EBADMSG },
                { INPUT("kernel-event", ",\"event\":\"added\",\"instance\":-2"), -EBADMSG },
                { INPUT("set-policy", ""), -EBADMSG },
                { INPUT("set-policy", ",\"policy\":{}"), -EBADMSG },
                { INPUT("set-network", ""), -EBADMSG },
                { INPUT("set-network", ",\"network\":{}"), -EBADMSG },
                { INPUT("set-network", ",\"network\":[{\"interface\":\"0123456789abcdef\"}]"),
                  -EBADMSG },
                { INPUT("set-network", ",\"network\":[{\"interface\":\"a\",\"address\":\"b\"}]"),
                  -EBADMSG },
                { INPUT("network-news", ""), -EBADMSG },
                { INPUT("network-news", ",\"news\":{\"interface\":\"0123456789abcdef\","
                                        "\"bits\":0}"),
                  -EBADMSG },
                { INPUT("set-source", ""), -EBADMSG },
                { INPUT("set-source", ",\"set\":{\"key\":\"k\",\"kind\":\"colour\","
                                      "\"state\":\"complete\",\"entries\":[]}"),
                  -EBADMSG },
                { INPUT("set-source", ",\"set\":{\"key\":\"k\",\"kind\":\"nbft\","
                                      "\"state\":\"green\",\"entries\":[]}"),
                  -EBADMSG },
                { INPUT("drop-source", ""), -EBADMSG },
                { INPUT("drop-source", ",\"key\":\"\\u0007\""), -EBADMSG },
                { INPUT("disconnect-done", ",\"used-by\":1"), -EBADMSG },
                { INPUT("remember", ""), -EBADMSG },
                { INPUT("announced", ",\"tid\":{}"), -EBADMSG },
                { INPUT("restore-stall", ",\"took\":1"), -EBADMSG },
                { INPUT("restore-stall", ",\"took\":-1," TID), -EBADMSG },
                { INPUT("hold-connects", ",\"hold\":2"), -EBADMSG },
                { INPUT("read-log-done", ""), -EBADMSG },
                { INPUT("read-log-done", ",\"log\":{\"genctr\":1,\"entries\":[{}]}"), -EBADMSG },
                { INPUT("read-device-done", ""), -EBADMSG },
                { INPUT("read-device-done", ",\"device\":{}"), -EBADMSG },
                { INPUT("scan-done", ",\"devices\":[1]"), -EBADMSG },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_recording_line_ RecordingLine l = { 0 };

                int r = recording_decode(cases[i].line, strlen(cases[i].line), &l);
                if (r != cases[i].r)
                        fail_msg("%s: %i", cases[i].line, r);
        }
}

/* A daemon that is killed leaves an incomplete line. */
static void test_every_truncation_is_refused(void **state)
{
        for (EngineInputKind kind = 0; kind < _ENGINE_INPUT_KIND_MAX; kind++) {
                EngineInput in = make_input(kind);
                _cleanup_free_ char *line = recording_encode_input(&in);

                for (size_t n = 0; n < strlen(line); n++) {
                        _cleanup_recording_line_ RecordingLine l = { 0 };
                        assert_int_equal(recording_decode(line, n, &l), -EBADMSG);
                }
                engine_input_done(&in);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_kind_comes_back),
                cmocka_unit_test(test_each_completion_comes_back),
                cmocka_unit_test(test_errors_come_back_without_a_value),
                cmocka_unit_test(test_policy),
                cmocka_unit_test(test_network),
                cmocka_unit_test(test_news),
                cmocka_unit_test(test_source_set),
                cmocka_unit_test(test_log),
                cmocka_unit_test(test_devices),
                cmocka_unit_test(test_secrets_are_left_out),
                cmocka_unit_test(test_start),
                cmocka_unit_test(test_plan),
                cmocka_unit_test(test_end),
                cmocka_unit_test(test_decode),
                cmocka_unit_test(test_every_truncation_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

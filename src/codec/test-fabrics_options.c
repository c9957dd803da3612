/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/fabrics_options.h"

#include "base/testing.h"
#include "base/text.h"

#define ALL ((1U << _FABRICS_OPTION_MAX) - 1)

/* As returned by kernel 6.12. */
#define LISTED                                                                                     \
        "instance=-1,cntlid=-1,transport=%s,traddr=%s,trsvcid=%s,nqn=%s,queue_size=%d,"            \
        "nr_io_queues=%d,reconnect_delay=%d,ctrl_loss_tmo=%d,keep_alive_tmo=%d,hostnqn=%s,"        \
        "host_traddr=%s,host_iface=%s,hostid=%s,duplicate_connect,disable_sqflow,hdr_digest,"      \
        "data_digest,nr_write_queues=%d,nr_poll_queues=%d,tos=%d,keyring=%d,tls_key=%d,"           \
        "fast_io_fail_tmo=%d,discovery,dhchap_secret=%s,dhchap_ctrl_secret=%s,tls\n"

static void test_supported(void **state)
{
        static const struct {
                const char *text;
                unsigned supported;
        } table[] = {
                { LISTED, ALL },
                { "", 0 },
                { "instance=-1,cntlid=-1\n", 0 },
                { "tls_key=%d", 1U << FABRICS_TLS_KEY },
                { "tls\n", 1U << FABRICS_TLS },
                { "dhchap_ctrl_secret=%s,", 1U << FABRICS_DHCHAP_CTRL_SECRET },
                { "discovery_x,xdiscovery,host_ifac", 0 },
                { "nqn=discovery", 0 },
                { ",,discovery,,", 1U << FABRICS_DISCOVERY },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                assert_int_equal(fabrics_options_decode_supported(table[i].text),
                                 table[i].supported);
}

static void test_by_release(void **state)
{
        enum {
                IFACE = 1 << FABRICS_HOST_IFACE,
                DISCOVERY = 1 << FABRICS_DISCOVERY
        };
        static const struct {
                const char *release;
                unsigned supported;
        } table[] = {
                { "5.10.0-30-amd64", 0 },
                { "5.13.19", 0 },
                { "5.14.0-427.el9", IFACE },
                { "5.16.0", IFACE | DISCOVERY },
                { "6.0.1", IFACE | DISCOVERY | 1 << FABRICS_DHCHAP_SECRET |
                                   1 << FABRICS_DHCHAP_CTRL_SECRET },
                { "6.12.48+deb13-amd64", ALL },
                { "10.0", ALL },
                { "4.19.0", 0 },
                { "", 0 },
                { "six", 0 },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                assert_int_equal(fabrics_options_by_release(table[i].release), table[i].supported);
}

static void test_names_are_the_kernels(void **state)
{
        for (FabricsOption o = 0; o < _FABRICS_OPTION_MAX; o++)
                assert_int_equal(fabrics_options_decode_supported(fabrics_option_to_string(o)),
                                 1U << o);
}

typedef struct Wanted {
        TidFields fields;
        ControllerKind kind;
        const char *host_id, *secret, *ctrl_secret;
        Settings settings;
} Wanted;

static Wanted wanted(const TidFields *fields, ControllerKind kind)
{
        Wanted w = { .fields = *fields, .kind = kind };
        settings_init(&w.settings);
        return w;
}

static int encode(const Wanted *w, unsigned supported, char **ret, unsigned *ret_left_out)
{
        _cleanup_tid_ Tid *tid = NULL;
        _cleanup_(secret_freep) Secret *secret = NULL;
        _cleanup_(secret_freep) Secret *ctrl_secret = NULL;
        assert_int_equal(tid_new(&w->fields, w->kind, &tid), 0);
        assert_true(!w->secret || secret_new(w->secret, &secret) == 0);
        assert_true(!w->ctrl_secret || secret_new(w->ctrl_secret, &ctrl_secret) == 0);

        ConnectRequest r = {
                .tid = tid,
                .kind = w->kind,
                .host_id = w->host_id,
                .settings = w->settings,
                .dhchap_secret = secret,
                .dhchap_ctrl_secret = ctrl_secret,
        };
        return fabrics_options_encode(&r, supported, ret, ret_left_out);
}

static void assert_encodes(const Wanted *w, unsigned supported, const char *text, unsigned left_out)
{
        _cleanup_free_ char *actual = NULL;
        unsigned actual_left_out;
        assert_int_equal(encode(w, supported, &actual, &actual_left_out), 0);
        assert_string_equal(actual, text);
        assert_int_equal(actual_left_out, left_out);
}

static void test_minimum(void **state)
{
        Wanted w = wanted(&(TidFields) { .transport = "tcp", .traddr = "192.0.2.1" },
                          CONTROLLER_DISCOVERY);
        assert_encodes(&w, ALL, "transport=tcp,traddr=192.0.2.1,trsvcid=8009,nqn=" NQN_DISCOVERY,
                       0);
}

static void set(Settings *s, Setting setting, int32_t value)
{
        s->value[setting] = value;
}

static Wanted everything(const char *transport, const char *traddr, const char *host_traddr)
{
        Wanted w = wanted(
                &(TidFields) {
                        .transport = transport,
                        .traddr = traddr,
                        .subsysnqn = "nqn.sub",
                        .host_traddr = host_traddr,
                        .host_iface = "eth0",
                        .host_nqn = "nqn.host",
                },
                CONTROLLER_IO);
        w.host_id = "7b699377-cf2f-460d-bef3-90b22d437122";
        w.secret = "DHHC-1:00:a:";
        w.ctrl_secret = "DHHC-1:00:b:";
        set(&w.settings, SETTING_KATO, 30);
        set(&w.settings, SETTING_QUEUE_SIZE, 128);
        set(&w.settings, SETTING_RECONNECT_DELAY, 10);
        set(&w.settings, SETTING_CTRL_LOSS_TMO, -1);
        set(&w.settings, SETTING_NR_IO_QUEUES, 4);
        set(&w.settings, SETTING_NR_WRITE_QUEUES, 5);
        set(&w.settings, SETTING_NR_POLL_QUEUES, 6);
        set(&w.settings, SETTING_HDR_DIGEST, 1);
        set(&w.settings, SETTING_DATA_DIGEST, 1);
        set(&w.settings, SETTING_DISABLE_SQFLOW, 1);
        set(&w.settings, SETTING_FAST_IO_FAIL_TMO, 5);
        set(&w.settings, SETTING_TOS, 7);
        set(&w.settings, SETTING_DUPLICATE_CONNECT, 1);
        return w;
}

#define HOST "hostnqn=nqn.host,hostid=7b699377-cf2f-460d-bef3-90b22d437122"
#define SECRETS "dhchap_secret=DHHC-1:00:a:,dhchap_ctrl_secret=DHHC-1:00:b:"

static void test_everything(void **state)
{
        Wanted w = everything("tcp", "192.0.2.1", "192.0.2.9");
        assert_encodes(&w, ALL,
                       "transport=tcp,traddr=192.0.2.1,trsvcid=4420,nqn=nqn.sub," HOST
                       ",host_traddr=192.0.2.9,host_iface=eth0,keep_alive_tmo=30,queue_size=128,"
                       "nr_io_queues=4,nr_write_queues=5,nr_poll_queues=6,reconnect_delay=10,"
                       "ctrl_loss_tmo=-1,fast_io_fail_tmo=5,tos=7,hdr_digest,data_digest,"
                       "disable_sqflow,duplicate_connect," SECRETS,
                       0);
}

static void test_only_what_the_transport_takes(void **state)
{
        Wanted w = everything("rdma", "192.0.2.1", "192.0.2.9");
        assert_encodes(&w, ALL,
                       "transport=rdma,traddr=192.0.2.1,trsvcid=4420,nqn=nqn.sub," HOST
                       ",host_traddr=192.0.2.9,keep_alive_tmo=30,queue_size=128,"
                       "nr_io_queues=4,nr_write_queues=5,nr_poll_queues=6,reconnect_delay=10,"
                       "ctrl_loss_tmo=-1,fast_io_fail_tmo=5,tos=7,disable_sqflow,"
                       "duplicate_connect," SECRETS,
                       0);
        w = everything("fc", "nn-0x1000000000000001:pn-0x2000000000000001",
                       "nn-0x1000000000000002:pn-0x2000000000000002");
        assert_encodes(
                &w, ALL,
                "transport=fc,traddr=nn-0x1000000000000001:pn-0x2000000000000001,"
                "nqn=nqn.sub," HOST ",host_traddr=nn-0x1000000000000002:pn-0x2000000000000002,"
                "keep_alive_tmo=30,queue_size=128,nr_io_queues=4,reconnect_delay=10,"
                "ctrl_loss_tmo=-1,fast_io_fail_tmo=5,disable_sqflow,duplicate_connect," SECRETS,
                0);
        w = everything("loop", "", "192.0.2.9");
        assert_encodes(&w, ALL,
                       "transport=loop,nqn=nqn.sub," HOST
                       ",keep_alive_tmo=30,queue_size=128,nr_io_queues=4,ctrl_loss_tmo=-1,"
                       "fast_io_fail_tmo=5,disable_sqflow,duplicate_connect," SECRETS,
                       0);
}

static void test_what_the_kernel_lacks_is_left_out(void **state)
{
        Wanted w = everything("tcp", "192.0.2.1", "");
        assert_encodes(&w, 0,
                       "transport=tcp,traddr=192.0.2.1,trsvcid=4420,nqn=nqn.sub," HOST
                       ",keep_alive_tmo=30,queue_size=128,nr_io_queues=4,nr_write_queues=5,"
                       "nr_poll_queues=6,reconnect_delay=10,ctrl_loss_tmo=-1,"
                       "fast_io_fail_tmo=5,tos=7,hdr_digest,data_digest,disable_sqflow,"
                       "duplicate_connect",
                       1U << FABRICS_HOST_IFACE | 1U << FABRICS_DHCHAP_SECRET |
                               1U << FABRICS_DHCHAP_CTRL_SECRET);
}

static void test_unique_discovery_nqn(void **state)
{
        Wanted w = wanted(
                &(TidFields) { .transport = "tcp", .traddr = "192.0.2.1", .subsysnqn = "nqn.dc" },
                CONTROLLER_DISCOVERY);
        set(&w.settings, SETTING_NR_IO_QUEUES, 4);
        assert_encodes(&w, ALL, "transport=tcp,traddr=192.0.2.1,trsvcid=8009,nqn=nqn.dc,discovery",
                       0);
        assert_encodes(&w, ALL & ~(1U << FABRICS_DISCOVERY),
                       "transport=tcp,traddr=192.0.2.1,trsvcid=8009,nqn=nqn.dc",
                       1U << FABRICS_DISCOVERY);
        w.kind = CONTROLLER_IO;
        set(&w.settings, SETTING_NR_IO_QUEUES, SETTING_DEFAULT);
        assert_encodes(&w, ALL, "transport=tcp,traddr=192.0.2.1,trsvcid=4420,nqn=nqn.dc", 0);
}

static void test_switched_off(void **state)
{
        Wanted w =
                wanted(&(TidFields) { .transport = "tcp", .traddr = "::1", .subsysnqn = "nqn.s" },
                       CONTROLLER_IO);
        set(&w.settings, SETTING_HDR_DIGEST, 0);
        set(&w.settings, SETTING_KATO, 0);
        assert_encodes(&w, ALL, "transport=tcp,traddr=::1,trsvcid=4420,nqn=nqn.s,keep_alive_tmo=0",
                       0);
}

static void test_link_local_scope(void **state)
{
        static const struct {
                const char *traddr, *host_traddr, *host_iface, *text;
        } table[] = {
                { "fe80::1", "", "eth0", "traddr=fe80::1%eth0,trsvcid=4420,nqn=n,host_iface=eth0" },
                { "fe80::1%eth0", "", "", "traddr=fe80::1%eth0,trsvcid=4420,nqn=n" },
                { "fe80::1%eth1", "", "eth0",
                  "traddr=fe80::1%eth1,trsvcid=4420,nqn=n,host_iface=eth0" },
                { "fe80::1", "", "", "traddr=fe80::1,trsvcid=4420,nqn=n" },
                { "2001:db8::1", "", "eth0",
                  "traddr=2001:db8::1,trsvcid=4420,nqn=n,host_iface=eth0" },
                { "fe80::1%eth0", "fe80::2", "",
                  "traddr=fe80::1%eth0,trsvcid=4420,nqn=n,host_traddr=fe80::2%eth0" },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                char text[256] = "transport=tcp,";
                Wanted w = wanted(&(TidFields) { .transport = "tcp",
                                                 .traddr = table[i].traddr,
                                                 .host_traddr = table[i].host_traddr,
                                                 .host_iface = table[i].host_iface,
                                                 .subsysnqn = "n" },
                                  CONTROLLER_IO);
                assert_encodes(&w, ALL, strcat(text, table[i].text), 0);
        }
}

static void test_no_value_becomes_an_option(void **state)
{
        static const char *const bad[] = { "x,discovery", "x\ny", "x\ty", "x\177", "x\001y" };
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                TidFields good = { .transport = "tcp", .traddr = "t", .subsysnqn = "n" };
                Wanted table[7];
                for (size_t k = 0; k < ELEMENTSOF(table); k++)
                        table[k] = wanted(&good, CONTROLLER_IO);
                table[0].fields.traddr = bad[i];
                table[1].fields.subsysnqn = bad[i];
                table[2].fields.host_nqn = bad[i];
                table[3].fields.host_traddr = bad[i];
                table[4].fields.host_iface = bad[i];
                table[5].host_id = bad[i];
                table[6].secret = bad[i];
                for (size_t k = 0; k < ELEMENTSOF(table); k++) {
                        char *text = NULL;
                        unsigned left_out = 77;
                        assert_int_equal(encode(&table[k], ALL, &text, &left_out), -EILSEQ);
                        assert_null(text);
                        assert_int_equal(left_out, 77);
                }
        }
}

static void test_no_scope_becomes_an_option(void **state)
{
        TidFields fields = {
                .transport = "rdma",
                .traddr = "fe80::1",
                .host_iface = "x,discovery",
                .subsysnqn = "n",
        };
        Wanted w = wanted(&fields, CONTROLLER_IO);
        char *text = NULL;
        unsigned left_out;
        assert_int_equal(encode(&w, ALL, &text, &left_out), -EILSEQ);
        assert_null(text);
}

static void test_no_longer_than_a_page(void **state)
{
        char secret[4096];
        Wanted w = wanted(&(TidFields) { .transport = "tcp", .traddr = "t", .subsysnqn = "n" },
                          CONTROLLER_IO);
        memset(secret, 'x', sizeof(secret));
        secret[sizeof(secret) - 1] = '\0';
        w.secret = secret;

        char *text = NULL;
        unsigned left_out;
        assert_int_equal(encode(&w, ALL, &text, &left_out), -E2BIG);
        assert_null(text);
}

static void test_answer(void **state)
{
        int instance;
        assert_int_equal(fabrics_answer_decode("instance=4,cntlid=3\n", &instance), 0);
        assert_int_equal(instance, 4);
        assert_int_equal(fabrics_answer_decode("x=1,cntlid=65535,y,instance=0", &instance), 0);
        assert_int_equal(instance, 0);
}

static void test_answer_malformed(void **state)
{
        static const char *const table[] = {
                "",
                "\n",
                LISTED,
                "cntlid=4",
                "instance=,cntlid=1",
                "instance=4x,cntlid=1",
                "instance=-1,cntlid=1",
                "instance=2147483648,cntlid=1",
                "instance=000000000000000000004,cntlid=1",
                "\ninstance=4,cntlid=1\n",
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                int instance = 77;
                assert_int_equal(fabrics_answer_decode(table[i], &instance), -EBADMSG);
                assert_int_equal(instance, 77);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_supported),
                cmocka_unit_test(test_by_release),
                cmocka_unit_test(test_names_are_the_kernels),
                cmocka_unit_test(test_minimum),
                cmocka_unit_test(test_everything),
                cmocka_unit_test(test_only_what_the_transport_takes),
                cmocka_unit_test(test_what_the_kernel_lacks_is_left_out),
                cmocka_unit_test(test_unique_discovery_nqn),
                cmocka_unit_test(test_switched_off),
                cmocka_unit_test(test_link_local_scope),
                cmocka_unit_test(test_no_value_becomes_an_option),
                cmocka_unit_test(test_no_scope_becomes_an_option),
                cmocka_unit_test(test_no_longer_than_a_page),
                cmocka_unit_test(test_answer),
                cmocka_unit_test(test_answer_malformed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/last_known.h"

#include <stdio.h>

#include "base/testing.h"
#include "base/text.h"

static Tid *make_tid(const char *traddr, ControllerKind kind)
{
        const TidFields fields = {
                .transport = "tcp",
                .traddr = traddr,
                .subsysnqn = kind == CONTROLLER_IO ? "nqn.a" : NULL,
                .host_traddr = "192.0.2.9",
                .host_iface = "eth0",
                .host_nqn = "nqn.h",
        };
        Tid *t;

        assert_int_equal(tid_new(&fields, kind, &t), 0);
        return t;
}

static void add_device(LastKnown *l, uint64_t inode)
{
        l->devices = calloc(1, sizeof(*l->devices));
        assert_non_null(l->devices);
        l->n_devices = l->n_devices_allocated = 1;
        l->devices[0] = (LastKnownDevice) {
                .instance = 3,
                .inode = inode,
                .tid = make_tid("192.0.2.1", CONTROLLER_IO),
        };
}

static SourceSet *make_set(SourceKind kind)
{
        SourceSet *set;
        SourceEntry *e;

        assert_int_equal(source_set_new("dc x", kind, SOURCE_COMPLETE, &set), 0);
        e = source_set_add(set, make_tid("2001:db8::1", CONTROLLER_DISCOVERY), "nvme0 entry 3");
        assert_non_null(e);
        e->settings.value[SETTING_KATO] = 5;
        e->settings.value[SETTING_CTRL_LOSS_TMO] = -1;
        e->settings.value[SETTING_HDR_DIGEST] = 1;
        assert_int_equal(secret_new("DHHC-1:00:hidden:", &e->dhchap_secret), 0);
        e->dlpe = calloc(1, sizeof(*e->dlpe));
        assert_non_null(e->dlpe);
        *e->dlpe = (DlpEntry) {
                .trtype = 3,
                .adrfam = 2,
                .subtype = DLPE_NVME,
                .portid = 7,
                .cntlid = 0xffff,
                .asqsz = 32,
                .eflags = DLPE_EFLAGS_NCC,
                .trsvcid = "4420",
                .subnqn = strdup("nqn.a"),
                .traddr = strdup("2001:db8::1"),
        };
        e = source_set_add(set, make_tid("192.0.2.2", CONTROLLER_IO), "nvme0 entry 4");
        assert_non_null(e);
        source_set_seal(set);
        return set;
}

static LastKnown make_last_known(SourceKind kind)
{
        LastKnown l = { 0 };

        add_device(&l, UINT64_C(0x100000002));
        l.sets = calloc(1, sizeof(SourceSet *));
        assert_non_null(l.sets);
        l.n_sets = l.n_sets_allocated = 1;
        l.sets[0] = make_set(kind);
        return l;
}

static void test_round_trip(void **state)
{
        _cleanup_last_known_ LastKnown l = make_last_known(SOURCE_DISCOVERY_LOG), back = { 0 };
        _cleanup_free_ char *text = last_known_encode(&l);

        assert_non_null(text);
        assert_int_equal(last_known_decode(text, strlen(text), &back), 0);

        assert_int_equal(back.n_devices, 1);
        assert_int_equal(back.devices[0].instance, 3);
        assert_true(back.devices[0].inode == UINT64_C(0x100000002));
        assert_int_equal(tid_compare(back.devices[0].tid, l.devices[0].tid), 0);

        assert_int_equal(back.n_sets, 1);
        const SourceSet *set = back.sets[0];
        assert_string_equal(set->key, "dc x");
        assert_int_equal(set->kind, SOURCE_DISCOVERY_LOG);
        assert_int_equal(set->n_entries, 2);
        for (size_t i = 0; i < set->n_entries; i++) {
                const SourceEntry *e = &set->entries[i], *old = &l.sets[0]->entries[i];

                assert_int_equal(tid_compare(e->tid, old->tid), 0);
                assert_string_equal(e->where, old->where);
                assert_memory_equal(&e->settings, &old->settings, sizeof(e->settings));
                assert_int_equal(!e->dlpe, !old->dlpe);
                assert_true(!e->dlpe || dlpe_equal(e->dlpe, old->dlpe));
                assert_true(e->restored);
        }
}

static void test_comes_back_unknown_and_restored(void **state)
{
        _cleanup_last_known_ LastKnown l = make_last_known(SOURCE_REFERRAL), back = { 0 };
        _cleanup_free_ char *text = last_known_encode(&l);

        assert_int_equal(last_known_decode(text, strlen(text), &back), 0);
        assert_int_equal(back.sets[0]->state, SOURCE_UNKNOWN);
        assert_true(back.sets[0]->restored);
}

static void test_stalls_are_kept(void **state)
{
        _cleanup_last_known_ LastKnown l = { 0 }, back = { 0 };

        l.stalls = calloc(1, sizeof(*l.stalls));
        assert_non_null(l.stalls);
        l.n_stalls = l.n_stalls_allocated = 1;
        l.stalls[0] = (LastKnownStall) { .tid = make_tid("192.0.2.1", CONTROLLER_IO),
                                         .begun = 1000 * USEC_PER_SEC,
                                         .took = 61 * USEC_PER_SEC,
                                         .until = 1661 * USEC_PER_SEC };
        _cleanup_free_ char *text = last_known_encode(&l);
        assert_non_null(text);
        assert_int_equal(last_known_decode(text, strlen(text), &back), 0);
        assert_int_equal(back.n_stalls, 1);
        assert_int_equal(tid_compare(back.stalls[0].tid, l.stalls[0].tid), 0);
        assert_int_equal(back.stalls[0].begun, l.stalls[0].begun);
        assert_int_equal(back.stalls[0].took, l.stalls[0].took);
        assert_int_equal(back.stalls[0].until, l.stalls[0].until);
}

/* The rest of the file is not affected. */
static void test_damaged_stalls_are_left_out(void **state)
{
        static const char *const stalls[] = {
                "1",
                "[1]",
                "[null]",
                "[{}]",
                "[{\"begun\":1,\"took\":1,\"until\":1}]",
                "[{\"begun\":1,\"took\":-1,\"until\":1,\"tid\":{}}]",
                "[{\"begun\":1,\"took\":1,\"until\":1,\"tid\":{\"transport\":\"x\"}}]",
        };

        for (size_t i = 0; i < ELEMENTSOF(stalls); i++) {
                _cleanup_last_known_ LastKnown back = { 0 };
                char text[256];
                int n = snprintf(text, sizeof(text),
                                 "{\"version\":1,\"devices\":[],\"sources\":[],\"stalls\":%s}",
                                 stalls[i]);
                assert_int_equal(last_known_decode(text, (size_t) n, &back), 0);
                assert_int_equal(back.n_stalls, 0);
                assert_int_equal(back.n_damaged, 1);
        }
}

static void test_secrets_are_not_kept(void **state)
{
        _cleanup_last_known_ LastKnown l = make_last_known(SOURCE_DISCOVERY_LOG);
        _cleanup_free_ char *text = last_known_encode(&l);

        assert_null(strstr(text, "hidden"));
}

static void test_configured_ones_are_not_kept(void **state)
{
        _cleanup_last_known_ LastKnown l = make_last_known(SOURCE_CONFIGURED), back = { 0 };
        _cleanup_free_ char *text = last_known_encode(&l);

        assert_int_equal(last_known_decode(text, strlen(text), &back), 0);
        assert_int_equal(back.n_devices, 1);
        assert_int_equal(back.n_sets, 0);
}

static void test_what_is_remembered_is_a_name_only(void **state)
{
        _cleanup_last_known_ LastKnown l = { 0 }, back = { 0 };

        l.remembered = calloc(1, sizeof(*l.remembered));
        assert_non_null(l.remembered);
        l.n_remembered = l.n_remembered_allocated = 1;
        l.remembered[0] = make_tid("192.0.2.9", CONTROLLER_IO);
        _cleanup_free_ char *text = last_known_encode(&l);
        assert_int_equal(last_known_decode(text, strlen(text), &back), 0);
        assert_int_equal(back.n_remembered, 1);
        assert_int_equal(tid_compare(back.remembered[0], l.remembered[0]), 0);
        assert_int_equal(back.n_sets, 0);
}

static void test_nothing_known(void **state)
{
        const LastKnown l = { 0 };
        _cleanup_free_ char *text = last_known_encode(&l);

        assert_string_equal(text,
                            "{\"version\":1,\"devices\":[],\"sources\":[],\"remembered\":[]}");
}

#define TID "\"tid\":{\"transport\":\"tcp\",\"traddr\":\"::1\",\"subsysnqn\":\"nqn.a\"}"
#define DEVICE(fields) "{\"version\":1,\"devices\":[{" fields "}],\"sources\":[]}"
#define SOURCE(fields) "{\"version\":1,\"devices\":[],\"sources\":[{" fields "}]}"
#define ENTRY(fields) SOURCE("\"key\":\"k\",\"kind\":\"referral\",\"entries\":[{" fields "}]")

#define OTHER_TID "\"tid\":{\"transport\":\"tcp\",\"traddr\":\"::2\",\"subsysnqn\":\"nqn.a\"}"
#define GOOD_ENTRY "{" TID ",\"where\":\"\",\"settings\":{}}"
#define GOOD_DEVICE "{\"instance\":0,\"inode\":1," TID "}"
#define ENTRIES_OF(key, entries)                                                                   \
        "{\"key\":\"" key "\",\"kind\":\"referral\",\"entries\":[" entries "]}"
#define GOOD_SOURCE ENTRIES_OF("good", GOOD_ENTRY)
#define FILE_OF(devices, sources)                                                                  \
        "{\"version\":1,\"devices\":[" devices "],\"sources\":[" sources "]}"
/* An additional one next to a good one. */
#define DEVICES(device) FILE_OF(device "," GOOD_DEVICE, GOOD_SOURCE)
#define SOURCES(source) FILE_OF(GOOD_DEVICE, source "," GOOD_SOURCE)
#define ENTRIES(entry) FILE_OF(GOOD_DEVICE, ENTRIES_OF("k", entry "," GOOD_ENTRY))

static void test_decode(void **state)
{
        static const struct {
                const char *text;
                int r;
        } cases[] = {
                { "{\"version\":1,\"devices\":[],\"sources\":[]}", 0 },
                { " {\"devices\":[],\"sources\":[],\"version\":1,\"new\":{}} \n", 0 },
                { DEVICE("\"instance\":0,\"inode\":1," TID), 0 },
                { ENTRY(TID ",\"where\":\"\",\"settings\":{}"), 0 },
                { "", -EBADMSG },
                { "{", -EBADMSG },
                { "[]", -EBADMSG },
                { "{}", -EBADMSG },
                { "null", -EBADMSG },
                { "{\"version\":2,\"devices\":[],\"sources\":[]}", -EPROTONOSUPPORT },
                { "{\"version\":2}", -EPROTONOSUPPORT },
                { "{\"version\":\"1\",\"devices\":[],\"sources\":[]}", -EBADMSG },
                { "{\"version\":1,\"devices\":[],\"sources\":[]}x", -EBADMSG },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_last_known_ LastKnown l = { 0 };

                assert_int_equal(last_known_decode(cases[i].text, strlen(cases[i].text), &l),
                                 cases[i].r);
                assert_int_equal(l.n_devices + l.n_sets > 0, cases[i].r == 0 && i >= 2);
                assert_int_equal(l.n_damaged, 0);
        }
}

/* The rest of the file is used. */
static void test_a_damaged_part_costs_that_part(void **state)
{
        static const struct {
                const char *text;
                size_t n_devices, n_sets, n_entries, n_remembered, n_damaged;
        } cases[] = {
                { "{\"version\":1}", 0, 0, 0, 0, 2 },
                { "{\"version\":1,\"devices\":[" GOOD_DEVICE "]}", 1, 0, 0, 0, 1 },
                { "{\"version\":1,\"devices\":{},\"sources\":[" GOOD_SOURCE "]}", 0, 1, 1, 0, 1 },
                { "{\"version\":1,\"devices\":[],\"sources\":[],\"remembered\":1}", 0, 0, 0, 0, 1 },
                { "{\"version\":1,\"devices\":[],\"sources\":[],\"remembered\":[1,{" TID "}]}", 0,
                  0, 0, 1, 1 },
                { DEVICES("1"), 1, 1, 1, 0, 1 },
                { DEVICES("{\"instance\":-1,\"inode\":1," TID "}"), 1, 1, 1, 0, 1 },
                { DEVICES("{\"instance\":0,\"inode\":-1," TID "}"), 1, 1, 1, 0, 1 },
                { DEVICES("{\"instance\":0," TID "}"), 1, 1, 1, 0, 1 },
                { DEVICES("{\"instance\":0,\"inode\":1}"), 1, 1, 1, 0, 1 },
                { DEVICES("{\"instance\":0,\"inode\":1,\"tid\":{}}"), 1, 1, 1, 0, 1 },
                { SOURCES("{\"key\":\"k\",\"kind\":\"colour\",\"entries\":[]}"), 1, 1, 1, 0, 1 },
                { SOURCES("{\"key\":\"k\",\"kind\":\"configured\",\"entries\":[]}"), 1, 1, 1, 0,
                  1 },
                { SOURCES("{\"kind\":\"referral\",\"entries\":[]}"), 1, 1, 1, 0, 1 },
                { SOURCES("{\"key\":\"k\",\"kind\":\"referral\"}"), 1, 1, 1, 0, 1 },
                { ENTRIES("1"), 1, 1, 1, 0, 1 },
                { ENTRIES("{\"where\":\"\",\"settings\":{}}"), 1, 1, 1, 0, 1 },
                { ENTRIES("{" OTHER_TID ",\"where\":\"\"}"), 1, 1, 2, 0, 1 },
                { ENTRIES("{" OTHER_TID ",\"settings\":{}}"), 1, 1, 2, 0, 1 },
                { ENTRIES("{" OTHER_TID ",\"where\":\"\",\"settings\":{\"kato\":-5}}"), 1, 1, 2, 0,
                  1 },
                { ENTRIES("{" OTHER_TID ",\"where\":\"\",\"settings\":{\"colour\":1}}"), 1, 1, 2, 0,
                  1 },
                { ENTRIES("{" OTHER_TID ",\"where\":\"\",\"settings\":{},\"log-page-entry\":{}}"),
                  1, 1, 2, 0, 1 },
                { ENTRIES("{" OTHER_TID ",\"where\":\"\",\"settings\":{},\"log-page-entry\":1}"), 1,
                  1, 2, 0, 1 },
                { ENTRIES("{" OTHER_TID ",\"where\":\"\\u0007\",\"settings\":{}}"), 1, 1, 2, 0, 1 },
                { ENTRIES("{" OTHER_TID ",\"where\":\"\xef\xbf\xbe\",\"settings\":{}}"), 1, 1, 2, 0,
                  1 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_last_known_ LastKnown l = { 0 };

                assert_int_equal(last_known_decode(cases[i].text, strlen(cases[i].text), &l), 0);
                assert_int_equal(l.n_devices, cases[i].n_devices);
                assert_int_equal(l.n_sets, cases[i].n_sets);
                assert_int_equal(l.n_sets > 0 ? l.sets[0]->n_entries : 0, cases[i].n_entries);
                assert_int_equal(l.n_remembered, cases[i].n_remembered);
                assert_int_equal(l.n_damaged, cases[i].n_damaged);
        }
}

static void test_names_of_any_script_come_back(void **state)
{
        static const char *const names[] = { "B\xc3\xbcro", "\xe2\x82\xac", "\xf0\x9d\x84\x9e" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_free_ char *nqn = NULL;
                assert_true(asprintf(&nqn, "nqn.2024-01.lab:%s", names[i]) > 0);
                const TidFields fields = { "tcp", "192.0.2.1", NULL, nqn, NULL, NULL, NULL };
                _cleanup_last_known_ LastKnown l = { 0 }, back = { 0 };

                l.remembered = calloc(1, sizeof(*l.remembered));
                assert_non_null(l.remembered);
                assert_int_equal(tid_new(&fields, CONTROLLER_IO, &l.remembered[0]), 0);
                l.n_remembered = l.n_remembered_allocated = 1;
                _cleanup_free_ char *text = last_known_encode(&l);
                assert_int_equal(last_known_decode(text, strlen(text), &back), 0);
                assert_int_equal(back.n_damaged, 0);
                assert_int_equal(back.n_remembered, 1);
                assert_string_equal(back.remembered[0]->subsysnqn, nqn);
        }
}

static void test_what_is_passive_stays_so(void **state)
{
        _cleanup_last_known_ LastKnown l = make_last_known(SOURCE_DISCOVERY_LOG), back = { 0 };

        l.sets[0]->entries[0].passive = true;
        _cleanup_free_ char *text = last_known_encode(&l);
        assert_int_equal(last_known_decode(text, strlen(text), &back), 0);
        assert_true(back.sets[0]->entries[0].passive);
        assert_false(back.sets[0]->entries[1].passive);
}

/* Sources are found by their key, which contains the address of the discovery controller. */
static void test_keys_of_before_are_canonical(void **state)
{
        static const struct {
                const char *key, *canonical;
        } cases[] = {
                { "dc (tcp, 2001:0DB8::1, 8009, nqn.x, ::ffff:192.0.2.9, eth0) as nqn.h",
                  "dc (tcp, 2001:db8::1, 8009, nqn.x, 192.0.2.9, eth0) as nqn.h" },
                { "referrals of (rdma, FE80::1%eth0, 4420, nqn.x)",
                  "referrals of (rdma, fe80::1%eth0, 4420, nqn.x)" },
                { "dc (fc, nn-0x1:pn-0x2, nqn.x (1))", "dc (fc, nn-0x1:pn-0x2, nqn.x (1))" },
                { "mdns", "mdns" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_last_known_ LastKnown l = { 0 };
                _cleanup_free_ char *text = NULL;

                assert_true(asprintf(&text, FILE_OF("", ENTRIES_OF("%s", "")), cases[i].key) > 0);
                assert_int_equal(last_known_decode(text, strlen(text), &l), 0);
                assert_string_equal(l.sets[0]->key, cases[i].canonical);
        }
}

/* A truncated file is rejected, and no part of it is used. */
static void test_every_truncation_is_refused(void **state)
{
        _cleanup_last_known_ LastKnown l = make_last_known(SOURCE_DISCOVERY_LOG), back = { 0 };
        _cleanup_free_ char *text = last_known_encode(&l);

        for (size_t n = 0; n < strlen(text); n++)
                assert_int_equal(last_known_decode(text, n, &back), -EBADMSG);
        assert_int_equal(back.n_devices, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_round_trip),
                cmocka_unit_test(test_comes_back_unknown_and_restored),
                cmocka_unit_test(test_stalls_are_kept),
                cmocka_unit_test(test_damaged_stalls_are_left_out),
                cmocka_unit_test(test_secrets_are_not_kept),
                cmocka_unit_test(test_configured_ones_are_not_kept),
                cmocka_unit_test(test_what_is_remembered_is_a_name_only),
                cmocka_unit_test(test_nothing_known),
                cmocka_unit_test(test_decode),
                cmocka_unit_test(test_a_damaged_part_costs_that_part),
                cmocka_unit_test(test_names_of_any_script_come_back),
                cmocka_unit_test(test_what_is_passive_stays_so),
                cmocka_unit_test(test_keys_of_before_are_canonical),
                cmocka_unit_test(test_every_truncation_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "source/stafd_answers.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"

/* A message belongs to a connection; nothing is sent on this one. */
typedef struct World {
        int fds[2];
        sd_bus *bus;
        sd_bus_message *m;
        StafdList list;
        StafdLog log;
        SourceSet *set;
} World;

static int setup(void **state)
{
        World *w = calloc(1, sizeof(*w));

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, w->fds), 0);
        assert_true(sd_bus_new(&w->bus) >= 0);
        assert_true(sd_bus_set_fd(w->bus, w->fds[0], w->fds[0]) >= 0);
        assert_true(sd_bus_start(w->bus) >= 0);
        assert_true(sd_bus_message_new_signal(w->bus, &w->m, "/a", "a.b", "c") >= 0);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        World *w = *state;

        stafd_list_done(&w->list);
        stafd_log_done(&w->log);
        (void) source_set_free(w->set);
        sd_bus_message_unref(w->m);
        sd_bus_close_unref(w->bus);
        (void) close(w->fds[1]);
        free(w);
        return 0;
}

static sd_bus_message *sealed(World *w)
{
        assert_true(sd_bus_message_seal(w->m, 1, 0) >= 0);
        assert_true(sd_bus_message_rewind(w->m, true) >= 0);
        return w->m;
}

/* ---- list_sources() ---- */

static void append_source(World *w, const char *traddr, const char *device, const char *state)
{
        assert_true(sd_bus_message_append(w->m, "(ssssssssst)", "tcp", traddr, "", "", "", "", "",
                                          device, state, UINT64_C(3)) >= 0);
}

static void open_sources(World *w)
{
        assert_true(sd_bus_message_append(w->m, "b", true) >= 0);
        assert_true(sd_bus_message_open_container(w->m, 'a', "(ssssssssst)") >= 0);
}

static void close_list(World *w)
{
        assert_true(sd_bus_message_close_container(w->m) >= 0);
}

static void test_list(void **state)
{
        World *w = *state;

        open_sources(w);
        append_source(w, "192.0.2.1", "nvme3", "partial");
        close_list(w);
        assert_int_equal(stafd_list_decode(sealed(w), &w->list), 0);
        assert_true(w->list.complete);
        assert_int_equal(w->list.n_items, 1);
        assert_string_equal(w->list.items[0].tid->traddr, "192.0.2.1");
        assert_string_equal(w->list.items[0].tid->trsvcid, "8009");
        assert_string_equal(w->list.items[0].device, "nvme3");
        assert_int_equal(w->list.items[0].state, SOURCE_PARTIAL);
        assert_int_equal(w->list.items[0].generation, 3);
}

static void test_list_with_a_hole_is_not_complete(void **state)
{
        static const char long_device[] = "0123456789012345678901234567890123456789"
                                          "0123456789012345678901234567890123456789";
        static const struct {
                const char *traddr, *device, *state;
        } holes[] = {
                { "", "nvme1", "complete" },
                { "192.0.2.1", "nvme1", "quite sure" },
                { "192.0.2.1", long_device, "complete" },
        };

        for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
                World *w;
                assert_int_equal(setup((void **) &w), 0);
                open_sources(w);
                append_source(w, holes[i].traddr, holes[i].device, holes[i].state);
                append_source(w, "192.0.2.2", "", "complete");
                close_list(w);
                assert_int_equal(stafd_list_decode(sealed(w), &w->list), 0);
                assert_false(w->list.complete);
                assert_int_equal(w->list.n_items, 1);
                assert_string_equal(w->list.items[0].tid->traddr, "192.0.2.2");
                assert_int_equal(teardown((void **) &w), 0);
        }
}

static void test_list_is_bounded(void **state)
{
        World *w = *state;
        char traddr[32];

        open_sources(w);
        for (int i = 0; i <= STAFD_CONTROLLERS_MAX; i++) {
                (void) snprintf(traddr, sizeof(traddr), "10.0.%d.%d", i / 256, i % 256);
                append_source(w, traddr, "", "complete");
        }
        close_list(w);
        assert_int_equal(stafd_list_decode(sealed(w), &w->list), 0);
        assert_int_equal(w->list.n_items, STAFD_CONTROLLERS_MAX);
        assert_false(w->list.complete);
}

static void test_another_type_of_answer(void **state)
{
        LogChanges changes;
        World *w = *state;

        assert_true(sd_bus_message_append(w->m, "s", "hello") >= 0);
        (void) sealed(w);
        assert_int_equal(stafd_list_decode(w->m, &w->list), -EBADMSG);
        assert_int_equal(stafd_list_decode_controllers(w->m, &w->list), -EBADMSG);
        assert_int_equal(stafd_log_decode(w->m, &w->log), -EBADMSG);
        assert_int_equal(stafd_log_decode_pages(w->m, &w->log), -EBADMSG);
        assert_int_equal(stafd_changes_decode(w->m, &changes), -EBADMSG);
}

static void test_controllers_of_python(void **state)
{
        World *w = *state;

        assert_true(sd_bus_message_append(w->m, "aa{ss}", 2, 4, "traddr", "192.0.2.1", "transport",
                                          "tcp", "device", "nvme1", "later key", "x", 1, "traddr",
                                          "192.0.2.2") >= 0);
        assert_int_equal(stafd_list_decode_controllers(sealed(w), &w->list), 0);
        assert_false(w->list.complete);
        assert_int_equal(w->list.n_items, 1);
        assert_string_equal(w->list.items[0].tid->subsysnqn, NQN_DISCOVERY);
        assert_string_equal(w->list.items[0].device, "nvme1");
        assert_int_equal(w->list.items[0].state, SOURCE_PARTIAL);
}

/* ---- read_log_pages() ---- */

static void append_entry(World *w, const char *subtype, const char *subnqn, const char *traddr)
{
        assert_true(sd_bus_message_append(w->m, "a{ss}", 11, "trtype", "tcp", "adrfam", "ipv4",
                                          "traddr", traddr, "trsvcid", "4420", "subnqn", subnqn,
                                          "subtype", subtype, "treq", "disable sqflow", "portid",
                                          "1", "cntlid", "65535", "asqsz", "32", "eflags",
                                          "4") >= 0);
}

static void open_log(World *w, const char *state)
{
        assert_true(sd_bus_message_append(w->m, "st", state, UINT64_C(8)) >= 0);
        assert_true(sd_bus_message_open_container(w->m, 'a', "a{ss}") >= 0);
}

static void make_set_of(World *w, SourceState state, const TidFields *fields, bool ignore_iface)
{
        _cleanup_tid_ Tid *dc = NULL;

        assert_int_equal(tid_new(fields, CONTROLLER_DISCOVERY, &dc), 0);
        StafdOrigin origin = { .key = "dc test",
                               .device = "",
                               .dc = dc,
                               .host = { "nqn.default", ignore_iface, false } };
        assert_int_equal(stafd_log_to_set(&w->log, state, &origin, &w->set), 0);
}

static void make_set(World *w, SourceState state, const char *host_nqn, bool ignore_iface)
{
        const TidFields dc = { .transport = "tcp",
                               .traddr = "192.0.2.1",
                               .host_traddr = "192.0.2.9",
                               .host_iface = "eth0",
                               .host_nqn = host_nqn };

        make_set_of(w, state, &dc, ignore_iface);
}

static void test_log(void **state)
{
        World *w = *state;

        open_log(w, "complete");
        append_entry(w, "discovery", NQN_DISCOVERY, "192.0.2.1");
        append_entry(w, "nvme", "nqn.a", "192.0.2.5");
        append_entry(w, "referral", NQN_DISCOVERY, "192.0.2.2");
        append_entry(w, "nvme", "nqn.a", "192.0.2.5");
        append_entry(w, "nvme", "nqn.b", "0.0.0.0");
        close_list(w);
        assert_int_equal(stafd_log_decode(sealed(w), &w->log), 0);
        assert_int_equal(w->log.state, SOURCE_COMPLETE);
        assert_int_equal(w->log.generation, 8);
        assert_false(w->log.damaged);

        make_set(w, SOURCE_COMPLETE, "nqn.host", false);
        assert_string_equal(w->set->key, "dc test");
        assert_int_equal(w->set->state, SOURCE_COMPLETE);
        assert_int_equal(w->set->n_entries, 1);
        const SourceEntry *e = &w->set->entries[0];
        assert_string_equal(e->tid->subsysnqn, "nqn.a");
        assert_string_equal(e->tid->host_traddr, "192.0.2.9");
        assert_string_equal(e->tid->host_iface, "eth0");
        assert_string_equal(e->tid->host_nqn, "nqn.host");
        assert_string_equal(e->where,
                            "(tcp, 192.0.2.1, 8009, " NQN_DISCOVERY ", 192.0.2.9, eth0) entry 1");
        assert_int_equal(e->dlpe->eflags, DLPE_EFLAGS_NCC);
        assert_string_equal(e->dlpe->traddr, "192.0.2.5");
}

/* A host name is used once it has been answered. Until it is settled, nothing is removed then. */
static void test_a_host_name(void **state)
{
        World *w = *state;
        LoggedName name = { "storage.example", (char *) "nvme0 entry 0" };
        _cleanup_(host_names_done) HostNames names = { 0 };
        const TidFields fields = { .transport = "tcp", .traddr = "192.0.2.1" };
        _cleanup_tid_ Tid *dc = NULL;

        open_log(w, "complete");
        append_entry(w, "nvme", "nqn.a", "storage.example");
        close_list(w);
        assert_int_equal(stafd_log_decode(sealed(w), &w->log), 0);
        assert_int_equal(tid_new(&fields, CONTROLLER_DISCOVERY, &dc), 0);
        assert_int_equal(host_names_set_logged(&names, &name, 1, 1), 0);
        const StafdOrigin origin = { .key = "dc test",
                                     .device = "",
                                     .dc = dc,
                                     .host = { "", false, false },
                                     .names = &names };
        for (HostNameState s = HOST_NAME_UNKNOWN; s <= HOST_NAME_SETTLED; s++) {
                bool is_known = s != HOST_NAME_UNKNOWN, is_settled = s == HOST_NAME_SETTLED;
                const HostName *h;

                assert_int_equal(stafd_log_to_set(&w->log, SOURCE_COMPLETE, &origin, &w->set), 0);
                assert_int_equal(w->set->n_entries, 1);
                const SourceEntry *e = &w->set->entries[0];
                assert_string_equal(e->tid->traddr, is_known ? "192.0.2.5" : "storage.example");
                assert_string_equal(e->dlpe->traddr, "storage.example");
                assert_non_null(
                        strstr(e->where, is_known ? "entry 0 (storage.example)" : "entry 0"));
                assert_int_equal(e->passive, !is_known);
                assert_true(e->problem == (is_known ? NULL : dlpe_unresolved));
                assert_int_equal(e->tentative, !is_settled);
                assert_int_equal(w->set->state,
                                 s == HOST_NAME_ANSWERED ? SOURCE_PARTIAL : SOURCE_COMPLETE);
                w->set = source_set_free(w->set);

                usec_t now = host_names_next_at(&names);
                h = host_names_begin(&names, now);
                assert_non_null(h);
                (void) host_names_end(&names, h->op_id, 0, "192.0.2.5", now, &h);
        }
}

static void test_host_nqn_and_interface(void **state)
{
        World *w = *state;

        open_log(w, "complete");
        append_entry(w, "nvme", "nqn.a", "192.0.2.5");
        close_list(w);
        assert_int_equal(stafd_log_decode(sealed(w), &w->log), 0);
        make_set(w, SOURCE_UNKNOWN, "", true);
        assert_int_equal(w->set->state, SOURCE_UNKNOWN);
        assert_string_equal(w->set->entries[0].tid->host_nqn, "nqn.default");
        assert_string_equal(w->set->entries[0].tid->host_iface, "");
        assert_string_equal(w->set->entries[0].tid->host_traddr, "192.0.2.9");
}

/* Both forms identify the same discovery controller, and must give the same entries. */
static void test_link_local_entries_keep_the_interface(void **state)
{
        static const struct {
                TidFields dc;
                bool ignore_iface;
                const char *link_local, *global;
        } table[] = {
                { { .traddr = "fe80::1%eth0" }, false, "eth0", "eth0" },
                { { .traddr = "fe80::1", .host_iface = "eth0" }, false, "eth0", "eth0" },
                { { .traddr = "fe80::1%eth0" }, true, "eth0", "" },
                { { .traddr = "2001:db8::1" }, false, "", "" },
        };
        World *w = *state;

        open_log(w, "complete");
        append_entry(w, "nvme", "nqn.a", "fe80::5");
        append_entry(w, "nvme", "nqn.b", "2001:db8::5");
        close_list(w);
        assert_int_equal(stafd_log_decode(sealed(w), &w->log), 0);
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                TidFields dc = table[i].dc;
                dc.transport = "tcp";
                make_set_of(w, SOURCE_COMPLETE, &dc, table[i].ignore_iface);
                for (size_t j = 0; j < w->set->n_entries; j++) {
                        const Tid *tid = w->set->entries[j].tid;
                        assert_string_equal(tid_interface(tid), streq(tid->subsysnqn, "nqn.a")
                                                                        ? table[i].link_local
                                                                        : table[i].global);
                }
                assert_int_equal(w->set->n_entries, 2);
                w->set = source_set_free(w->set);
        }
}

/* The kernel would fail to bind to it. */
static void test_the_host_address_is_of_the_entry_s_family(void **state)
{
        World *w = *state;

        open_log(w, "complete");
        append_entry(w, "nvme", "nqn.a", "2001:db8::5");
        append_entry(w, "nvme", "nqn.b", "192.0.2.5");
        close_list(w);
        assert_int_equal(stafd_log_decode(sealed(w), &w->log), 0);
        make_set(w, SOURCE_COMPLETE, "", false);
        assert_int_equal(w->set->n_entries, 2);
        for (size_t i = 0; i < 2; i++) {
                const Tid *tid = w->set->entries[i].tid;
                bool is_other = tid->address.family == ADDRESS_IPV6;
                assert_string_equal(tid->host_traddr, is_other ? "" : "192.0.2.9");
        }
}

/* They cause no connection and no removal. */
static void test_entries_that_are_not_usable_are_passive(void **state)
{
        World *w = *state;

        open_log(w, "complete");
        append_entry(w, "nvme", "nqn.a", "192.0.2.05");
        append_entry(w, "nvme", "nqn.b", "storage.example");
        append_entry(w, "nvme", "nqn.c,tls", "192.0.2.5");
        close_list(w);
        assert_int_equal(stafd_log_decode(sealed(w), &w->log), 0);
        make_set(w, SOURCE_COMPLETE, "", false);
        assert_int_equal(w->set->state, SOURCE_COMPLETE);
        assert_int_equal(w->set->n_entries, 3);
        for (size_t i = 0; i < 3; i++) {
                const SourceEntry *e = &w->set->entries[i];
                bool good = streq(e->tid->subsysnqn, "nqn.a");
                assert_int_equal(e->passive, !good);
                assert_int_equal(e->problem == NULL, good);
                if (good)
                        assert_string_equal(e->tid->traddr, "192.0.2.5");
        }
}

/* Nothing that could be connected, and yet not forgotten. */
static void test_entries_that_name_no_controller_are_skipped(void **state)
{
        World *w = *state;

        open_log(w, "complete");
        append_entry(w, "nvme", "nqn.a", "0.0.0.0");
        assert_true(sd_bus_message_append(w->m, "a{ss}", 12, "trtype", "tcp", "adrfam", "ipv4",
                                          "traddr", "192.0.2.5", "trsvcid", "4420", "subnqn",
                                          "nqn.b", "subtype", "nvme", "treq", "not specified",
                                          "portid", "1", "cntlid", "65535", "asqsz", "32", "eflags",
                                          "0", "sectype", "tls1.3") >= 0);
        append_entry(w, "nvme", "", "192.0.2.5");
        append_entry(w, "discovery", "nqn.dc", "0.0.0.0");
        close_list(w);
        assert_int_equal(stafd_log_decode(sealed(w), &w->log), 0);
        make_set(w, SOURCE_COMPLETE, "", false);
        assert_int_equal(w->set->state, SOURCE_COMPLETE);
        assert_int_equal(w->set->n_entries, 1);
        assert_true(w->set->entries[0].demands_tls);
        assert_int_equal(w->set->n_skipped, 2);
        assert_int_equal(source_set_count_unusable(w->set), 2);
        assert_string_equal(w->set->skipped[0].problem, "its address is unspecified");
        assert_non_null(strstr(w->set->skipped[0].where, "entry 0"));
        assert_string_equal(w->set->skipped[1].problem, "it has no NQN");
        assert_non_null(strstr(w->set->skipped[1].where, "entry 2"));
}

static void test_damaged_log_is_at_most_partial(void **state)
{
        World *w = *state;
        char text[4096];

        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        open_log(w, "complete");
        append_entry(w, "nvme", text, "192.0.2.5");
        append_entry(w, "nvme", "nqn.b", "192.0.2.5");
        assert_true(sd_bus_message_append(w->m, "a{ss}", 1, "trtype", "tcp") >= 0);
        close_list(w);
        assert_int_equal(stafd_log_decode(sealed(w), &w->log), 0);
        assert_true(w->log.damaged);
        make_set(w, SOURCE_COMPLETE, "", false);
        assert_int_equal(w->set->state, SOURCE_PARTIAL);
        assert_int_equal(w->set->n_entries, 1);
        assert_non_null(strstr(w->set->entries[0].where, "entry 1"));
}

static void test_log_is_bounded(void **state)
{
        World *w = *state;
        char subnqn[32];

        open_log(w, "complete");
        for (int i = 0; i <= STAFD_ENTRIES_MAX; i++) {
                (void) snprintf(subnqn, sizeof(subnqn), "nqn.%d", i);
                append_entry(w, "nvme", subnqn, "192.0.2.5");
        }
        close_list(w);
        assert_int_equal(stafd_log_decode(sealed(w), &w->log), 0);
        assert_int_equal(w->log.n_entries, STAFD_ENTRIES_MAX);
        make_set(w, SOURCE_COMPLETE, "", false);
        assert_int_equal(w->set->state, SOURCE_PARTIAL);
        assert_int_equal(w->set->n_entries, STAFD_ENTRIES_MAX);
}

static void test_log_of_no_known_state(void **state)
{
        World *w = *state;

        open_log(w, "quite sure");
        close_list(w);
        assert_int_equal(stafd_log_decode(sealed(w), &w->log), -EBADMSG);
}

/* ---- list_changes() ---- */

#define LOG_TYPE "((sssssss)sstuba(tyyyyqqqqyssss)at)"

static void open_changes(World *w)
{
        assert_true(sd_bus_message_append(w->m, "tttbbb", UINT64_C(1), UINT64_C(2), UINT64_C(3),
                                          true, false, true) >= 0);
        assert_true(sd_bus_message_open_container(w->m, 'a', LOG_TYPE) >= 0);
}

static void append_changed_log(World *w, const char *traddr, const char *state, uint8_t subtype,
                               const char *subnqn, const char *problem)
{
        assert_true(sd_bus_message_append(w->m, LOG_TYPE, "tcp", traddr, "", "", "", "", "",
                                          "nvme1", state, UINT64_C(8), 3, true, 1, UINT64_C(5), 3,
                                          1, subtype, 0, 7, 8, 9, 4, 2, "192.0.2.5", "4420", subnqn,
                                          problem, 2, UINT64_C(6), UINT64_C(7)) >= 0);
}

static int decode_changes(World *w, LogChanges *ret)
{
        close_list(w);
        assert_true(sd_bus_message_append(w->m, "a(sssssss)", 1, "tcp", "192.0.2.9", "", "", "", "",
                                          "") >= 0);
        return stafd_changes_decode(sealed(w), ret);
}

static void test_changes(void **state)
{
        _cleanup_log_changes_ LogChanges c = { 0 };
        World *w = *state;

        open_changes(w);
        append_changed_log(w, "192.0.2.1", "partial", DLPE_NVME, "nqn.a", "");
        assert_int_equal(decode_changes(w, &c), 0);
        assert_int_equal(c.next.epoch, 1);
        assert_int_equal(c.next.generation, 2);
        assert_int_equal(c.next.start, 3);
        assert_true(c.whole && !c.more && c.complete && !c.has_hole);
        assert_int_equal(c.n_gone, 1);
        assert_string_equal(c.gone[0]->traddr, "192.0.2.9");
        assert_int_equal(c.n_logs, 1);
        const ChangedLog *l = &c.logs[0];
        assert_string_equal(l->dc->traddr, "192.0.2.1");
        assert_string_equal(l->device, "nvme1");
        assert_int_equal(l->state, SOURCE_PARTIAL);
        assert_int_equal(l->generation, 8);
        assert_int_equal(l->n_entries, 3);
        assert_true(l->finished);
        assert_int_equal(l->n_changed, 1);
        assert_int_equal(l->entries[0].position, 5);
        assert_string_equal(l->entries[0].dlpe.subnqn, "nqn.a");
        assert_string_equal(l->entries[0].dlpe.traddr, "192.0.2.5");
        assert_int_equal(l->entries[0].dlpe.eflags, DLPE_EFLAGS_NCC);
        assert_int_equal(l->entries[0].dlpe.sectype, 2);
        assert_true(dlpe_demands_tls(&l->entries[0].dlpe));
        assert_false(l->entries[0].dlpe.bad_nqn);
        assert_int_equal(l->n_gone, 2);
        assert_int_equal(l->gone[1], 7);
}

static void test_changes_that_are_not_understood(void **state)
{
        static const struct {
                const char *traddr, *state, *subnqn, *problem;
                uint8_t subtype;
                int error;
                bool has_hole, damaged, bad_nqn;
        } cases[] = {
                { "192.0.2.1", "partial", "nqn.a", "its NQN", DLPE_NVME, .bad_nqn = true },
                { "192.0.2.1", "partial", "nqn.\x01", "", DLPE_NVME, .bad_nqn = true },
                { "192.0.2.1", "partial", "nqn.a", "", .subtype = DLPE_REFERRAL },
                { "", "partial", "nqn.a", "", DLPE_NVME, .has_hole = true },
                { "192.0.2.1", "quite sure", "nqn.a", "", DLPE_NVME, .error = -EBADMSG },
                { "192.0.2.1", "partial", NULL, "", DLPE_NVME, .damaged = true },
        };
        char long_nqn[DLPE_SUBNQN_SIZE + 2];

        memset(long_nqn, 'x', sizeof(long_nqn) - 1);
        long_nqn[sizeof(long_nqn) - 1] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_log_changes_ LogChanges c = { 0 };
                World *w;
                assert_int_equal(setup((void **) &w), 0);
                open_changes(w);
                append_changed_log(w, cases[i].traddr, cases[i].state, cases[i].subtype,
                                   text_or(cases[i].subnqn, long_nqn), cases[i].problem);
                assert_int_equal(decode_changes(w, &c), cases[i].error);
                assert_int_equal(c.has_hole, cases[i].has_hole);
                assert_int_equal(c.n_logs, !cases[i].error && !cases[i].has_hole);
                if (c.n_logs > 0) {
                        const LogEntry *e = &c.logs[0].entries[0];
                        assert_int_equal(e->damaged, cases[i].damaged);
                        assert_int_equal(e->dlpe.bad_nqn, cases[i].bad_nqn);
                        assert_int_equal(e->dlpe.subtype == DLPE_NVME,
                                         cases[i].subtype == DLPE_NVME && !cases[i].damaged);
                }
                assert_int_equal(teardown((void **) &w), 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
                TEST(test_list),
                cmocka_unit_test(test_list_with_a_hole_is_not_complete),
                TEST(test_list_is_bounded),
                TEST(test_another_type_of_answer),
                TEST(test_controllers_of_python),
                TEST(test_log),
                TEST(test_a_host_name),
                TEST(test_host_nqn_and_interface),
                TEST(test_link_local_entries_keep_the_interface),
                TEST(test_the_host_address_is_of_the_entry_s_family),
                TEST(test_entries_that_are_not_usable_are_passive),
                TEST(test_entries_that_name_no_controller_are_skipped),
                TEST(test_damaged_log_is_at_most_partial),
                TEST(test_log_is_bounded),
                TEST(test_log_of_no_known_state),
                TEST(test_changes),
                TEST(test_changes_that_are_not_understood),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

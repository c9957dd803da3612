/* SPDX-License-Identifier: Apache-2.0 */

#include "source/mdns_services.h"

#include <stdio.h>

#include "base/testing.h"
#include "base/text.h"

#define NOW (1000 * USEC_PER_SEC)

typedef struct Given {
        const char *name, *address, *nqn;
        int interface; /* 1: eth1 */
        uint16_t port; /* 0: 8009 */
        Transport transport;
} Given;

static MdnsService make_service(const Given *g)
{
        MdnsService m = {
                .key.interface = g->interface ? g->interface : 1,
                .port = g->port ? g->port : 8009,
        };

        txt_record_init(&m.txt);
        m.txt.transport = g->transport;
        (void) snprintf(m.key.name, sizeof(m.key.name), "%s", text_or(g->name, "a"));
        (void) snprintf(m.interface, sizeof(m.interface), "eth%d", m.key.interface);
        (void) snprintf(m.address, sizeof(m.address), "%s", text_or(g->address, "192.0.2.1"));
        (void) snprintf(m.txt.nqn, sizeof(m.txt.nqn), "%s", text_or(g->nqn, ""));
        return m;
}

static MdnsServices make_services(void)
{
        MdnsServices s = { .state = SOURCE_PARTIAL };

        assert_int_equal(mdns_services_set_host(&s, "nqn.host", true, false), 0);
        return s;
}

static int find(MdnsServices *s, const Given *g)
{
        MdnsService m = make_service(g);
        const MdnsRow *row = NULL;

        int r = mdns_services_found(s, &m, NOW, &row);
        assert_int_equal(r == 0, row != NULL);
        return r;
}
#define FIND(s, ...) find((s), &(Given) { __VA_ARGS__ })

static void lose(MdnsServices *s, const Given *g, usec_t now)
{
        MdnsService m = make_service(g);

        mdns_services_lost(s, &m.key, now);
}
#define LOSE(s, now, ...) lose((s), &(Given) { __VA_ARGS__ }, (now))

/* "complete: (tcp, …) from WHERE; …" */
static void expect_set_of(const MdnsServices *s, const ExcludeList *excludes, const char *expected)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        SourceSet *set;

        assert_int_equal(mdns_services_to_set(s, excludes, &set), 0);
        assert_string_equal(set->key, "mdns");
        assert_int_equal(set->kind, SOURCE_DISCOVERED);
        text_buffer_printf(&b, "%s", source_state_to_string(set->state));
        for (size_t i = 0; i < set->n_entries; i++) {
                const Tid *t = set->entries[i].tid;
                text_buffer_printf(&b, "\n%s%s %s %s %s %s from %s",
                                   set->entries[i].restored ? "remembered " : "",
                                   transport_to_string(t->transport), t->traddr, t->trsvcid,
                                   streq(t->subsysnqn, NQN_DISCOVERY) ? "-" : t->subsysnqn,
                                   *t->host_iface ? t->host_iface : "-", set->entries[i].where);
                assert_string_equal(t->host_nqn, "nqn.host");
        }
        (void) source_set_free(set);
        assert_string_equal(b.data, expected);
}

static void expect_set(const MdnsServices *s, const char *expected)
{
        expect_set_of(s, &(ExcludeList) { 0 }, expected);
}

static bool never(const Tid *tid, void *userdata)
{
        return false;
}

static bool always(const Tid *tid, void *userdata)
{
        return true;
}

static void test_what_is_announced_is_wanted(void **state)
{
        MdnsServices s = make_services();

        assert_int_equal(FIND(&s, .name = "Array 7", .nqn = "nqn.dc"), 0);
        assert_int_equal(FIND(&s, .name = "b", .address = "2001:db8::1", .port = 4420,
                              .transport = TRANSPORT_RDMA),
                         0);
        expect_set(&s, "partial\n"
                       "tcp 192.0.2.1 8009 nqn.dc eth1 from mDNS \"Array 7\" on eth1\n"
                       "rdma 2001:db8::1 4420 - - from mDNS \"b\" on eth1");
        mdns_services_done(&s);
}

/* Meaningless without its interface, for any transport, even if interfaces are ignored. */
static void test_link_local(void **state)
{
        MdnsServices s = make_services();

        assert_int_equal(mdns_services_set_host(&s, "nqn.host", true, true), 0);
        assert_int_equal(FIND(&s, .address = "fe80::1"), 0);
        assert_int_equal(FIND(&s, .address = "fe80::1", .interface = 2), 0);
        assert_int_equal(FIND(&s, .name = "b", .address = "fe80::1", .transport = TRANSPORT_RDMA),
                         0);
        expect_set(&s, "partial\n"
                       "tcp fe80::1%eth1 8009 - - from mDNS \"a\" on eth1\n"
                       "tcp fe80::1%eth2 8009 - - from mDNS \"a\" on eth2\n"
                       "rdma fe80::1%eth1 8009 - - from mDNS \"b\" on eth1");
        mdns_services_done(&s);
}

static void test_a_kernel_without_tp8013_takes_the_well_known_nqn(void **state)
{
        MdnsServices s = make_services();

        assert_int_equal(FIND(&s, .nqn = "nqn.dc"), 0);
        assert_int_equal(mdns_services_set_host(&s, "nqn.host", false, true), 0);
        expect_set(&s, "partial\ntcp 192.0.2.1 8009 - - from mDNS \"a\" on eth1");
        mdns_services_done(&s);
}

static void test_what_makes_no_sense_is_refused(void **state)
{
        static const char *const addresses[] = { "", "::", "0.0.0.0", "name", "fe80::1%eth9" };
        MdnsServices s = make_services();

        for (size_t i = 0; i < ELEMENTSOF(addresses); i++)
                assert_int_equal(FIND(&s, .address = addresses[i]), -EINVAL);
        assert_int_equal(FIND(&s, .transport = _TRANSPORT_INVALID), -ENOPROTOOPT);
        MdnsService m = make_service(&(Given) { 0 });
        const MdnsRow *row;
        m.port = 0;
        assert_int_equal(mdns_services_found(&s, &m, NOW, &row), -EINVAL);
        m = make_service(&(Given) { 0 });
        m.interface[0] = '\0';
        assert_int_equal(mdns_services_found(&s, &m, NOW, &row), -EINVAL);
        expect_set(&s, "partial");
        mdns_services_done(&s);
}

/* A name has different contents now: the previous announcement is lost. */
static void test_a_bad_nqn_is_not_connected(void **state)
{
        MdnsServices s = make_services();
        MdnsService m = make_service(&(Given) { 0 });
        const MdnsRow *row;

        m.txt.bad_nqn = true;
        assert_int_equal(mdns_services_found(&s, &m, NOW, &row), -EILSEQ);
        expect_set(&s, "partial");

        /* A controller announced before, which may be connected, is kept. */
        assert_int_equal(FIND(&s, .name = "a"), 0);
        assert_int_equal(mdns_services_found(&s, &m, NOW, &row), -EILSEQ);
        mdns_services_complete(&s, NOW);
        assert_int_equal(mdns_services_expire(&s, 0, always, NULL, NOW + 3600 * USEC_PER_SEC),
                         NOW + 3601 * USEC_PER_SEC);
        expect_set(
                &s,
                "complete\ntcp 192.0.2.1 8009 - eth1 from mDNS \"a\" on eth1, no longer announced");
        mdns_services_done(&s);
}

static void test_a_name_moves(void **state)
{
        MdnsServices s = make_services();

        assert_int_equal(FIND(&s), 0);
        assert_int_equal(FIND(&s, .address = "192.0.2.2"), 0);
        expect_set(&s, "partial\n"
                       "tcp 192.0.2.1 8009 - eth1 from mDNS \"a\" on eth1, no longer announced\n"
                       "tcp 192.0.2.2 8009 - eth1 from mDNS \"a\" on eth1");
        assert_int_equal(FIND(&s), 0);
        assert_int_equal(FIND(&s, .transport = _TRANSPORT_INVALID), -ENOPROTOOPT);
        expect_set(&s, "partial\n"
                       "tcp 192.0.2.1 8009 - eth1 from mDNS \"a\" on eth1, no longer announced\n"
                       "tcp 192.0.2.2 8009 - eth1 from mDNS \"a\" on eth1, no longer announced");
        mdns_services_done(&s);
}

static void test_two_names_announce_one(void **state)
{
        MdnsServices s = make_services();

        assert_int_equal(FIND(&s), 0);
        assert_int_equal(FIND(&s, .name = "b"), 0);
        LOSE(&s, NOW, .name = "a");
        expect_set(&s, "partial\ntcp 192.0.2.1 8009 - eth1 from mDNS \"b\" on eth1");
        LOSE(&s, NOW, .name = "b");
        LOSE(&s, NOW, .name = "b");
        expect_set(&s, "partial\n"
                       "tcp 192.0.2.1 8009 - eth1 from mDNS \"b\" on eth1, no longer announced");
        assert_int_equal(FIND(&s), 0);
        expect_set(&s, "partial\ntcp 192.0.2.1 8009 - eth1 from mDNS \"a\" on eth1");
        assert_int_equal(s.n_rows, 1);
        mdns_services_done(&s);
}

static void test_what_is_lost_stays_while_it_is_connected(void **state)
{
        MdnsServices s = make_services();
        usec_t minute = 60 * USEC_PER_SEC, now = NOW;

        assert_int_equal(FIND(&s), 0);
        mdns_services_complete(&s, now);
        assert_int_equal(mdns_services_expire(&s, minute, never, NULL, now), USEC_INFINITY);
        LOSE(&s, now, 0);
        now += 2 * minute;
        usec_t next = mdns_services_expire(&s, minute, always, NULL, now);
        assert_true(next > now && next < now + minute);
        assert_int_equal(s.n_rows, 1);

        assert_int_equal(mdns_services_expire(&s, minute, never, NULL, now + minute - 1),
                         now + minute - 1 + USEC_PER_SEC);
        assert_int_equal(s.n_rows, 1);
        assert_int_equal(mdns_services_expire(&s, minute, never, NULL, now + minute),
                         USEC_INFINITY);
        assert_int_equal(s.n_rows, 0);
        mdns_services_done(&s);
}

static void test_persistence_at_once_and_for_ever(void **state)
{
        MdnsServices s = make_services();

        assert_int_equal(FIND(&s), 0);
        mdns_services_complete(&s, NOW);
        LOSE(&s, NOW, 0);
        (void) mdns_services_expire(&s, USEC_INFINITY, never, NULL, USEC_INFINITY - 1);
        assert_int_equal(s.n_rows, 1);
        (void) mdns_services_expire(&s, 0, always, NULL, NOW);
        assert_int_equal(s.n_rows, 1);
        (void) mdns_services_expire(&s, 0, never, NULL, NOW);
        assert_int_equal(s.n_rows, 0);
        mdns_services_done(&s);
}

/* After a restart of Avahi, only what it does not find again is lost, and only then. */
static void test_avahi_comes_back(void **state)
{
        MdnsServices s = make_services();

        assert_int_equal(FIND(&s), 0);
        assert_int_equal(FIND(&s, .name = "b", .address = "192.0.2.2"), 0);
        mdns_services_complete(&s, NOW);
        LOSE(&s, NOW, .name = "b");
        mdns_services_doubt(&s, SOURCE_UNKNOWN);
        (void) mdns_services_expire(&s, 0, never, NULL, NOW);
        expect_set(&s, "unknown\n"
                       "tcp 192.0.2.1 8009 - eth1 from mDNS \"a\" on eth1\n"
                       "tcp 192.0.2.2 8009 - eth1 from mDNS \"b\" on eth1, no longer announced");
        assert_int_equal(FIND(&s, .name = "b", .address = "192.0.2.2"), 0);
        mdns_services_doubt(&s, SOURCE_PARTIAL);
        assert_int_equal(FIND(&s), 0);
        mdns_services_complete(&s, NOW);
        expect_set(&s, "complete\n"
                       "tcp 192.0.2.1 8009 - eth1 from mDNS \"a\" on eth1\n"
                       "tcp 192.0.2.2 8009 - eth1 from mDNS \"b\" on eth1, no longer announced");
        mdns_services_done(&s);
}

static void test_what_is_remembered(void **state)
{
        static const TidFields dc = { .transport = "tcp",
                                      .traddr = "192.0.2.1",
                                      .host_iface = "eth1",
                                      .host_nqn = "nqn.host" };
        MdnsServices s = make_services();
        Tid *tid;

        assert_int_equal(tid_new(&dc, CONTROLLER_DISCOVERY, &tid), 0);
        assert_int_equal(mdns_services_remember(&s, tid), 0);
        (void) tid_free(tid);
        assert_int_equal(mdns_services_set_host(&s, "nqn.host", true, false), 0);
        expect_set(&s, "partial\nremembered tcp 192.0.2.1 8009 - eth1 from mDNS on eth1");
        mdns_services_complete(&s, NOW);
        expect_set(&s, "complete\n"
                       "tcp 192.0.2.1 8009 - eth1 from mDNS on eth1, no longer announced");
        assert_int_equal(FIND(&s), 0);
        expect_set(&s, "complete\ntcp 192.0.2.1 8009 - eth1 from mDNS \"a\" on eth1");
        mdns_services_done(&s);
}

static const char *tell_twice(MdnsServices *s, const Given *g)
{
        MdnsService m = make_service(g);
        const MdnsRow *row;

        assert_int_equal(mdns_services_found(s, &m, NOW, &row), 0);
        return mdns_services_tell_twice(s, row);
}

static void test_one_address_on_two_interfaces_is_told_once(void **state)
{
        MdnsServices s = make_services();

        assert_null(tell_twice(&s, &(Given) { 0 }));
        assert_null(tell_twice(&s, &(Given) { .name = "b" }));
        assert_string_equal(tell_twice(&s, &(Given) { .interface = 2 }), "eth1");
        assert_null(tell_twice(&s, &(Given) { .interface = 2 }));
        assert_null(tell_twice(&s, &(Given) { .interface = 3 }));
        assert_null(tell_twice(&s, &(Given) { 0 }));
        assert_null(tell_twice(&s, &(Given) { .address = "fe80::1" }));
        assert_null(tell_twice(&s, &(Given) { .address = "fe80::1", .interface = 2 }));
        mdns_services_done(&s);
}

static void test_an_excluded_interface_that_is_ignored(void **state)
{
        static const TidFields rule = { .host_iface = "eth2" };
        MdnsServices s = make_services();
        ExcludeList excludes = { 0 };

        assert_int_equal(exclude_list_add(&excludes, &rule, "stafd.conf:1"), 0);
        assert_int_equal(mdns_services_set_host(&s, "nqn.host", true, true), 0);
        assert_int_equal(FIND(&s), 0);
        assert_int_equal(FIND(&s, .address = "192.0.2.2", .interface = 2), 0);
        expect_set_of(&s, &excludes, "partial\ntcp 192.0.2.1 8009 - - from mDNS \"a\" on eth1");
        exclude_list_done(&excludes);
        mdns_services_done(&s);
}

static bool was_connected(const Tid *tid, void *userdata)
{
        return streq(tid->traddr, userdata);
}

/* One per address. */
static void fill(MdnsServices *s, int interface, int n)
{
        char name[32], address[32];

        for (int i = 0; i < n; i++) {
                (void) snprintf(name, sizeof(name), "n%d", i);
                (void) snprintf(address, sizeof(address), "10.%d.%d.%d", interface, i / 250,
                                i % 250 + 1);
                assert_int_equal(FIND(s, .name = name, .address = address, .interface = interface),
                                 0);
        }
}

static const MdnsRow *row_at(const MdnsServices *s, const char *traddr)
{
        for (size_t i = 0; i < s->n_rows; i++)
                if (streq(s->rows[i].tid->traddr, traddr))
                        return &s->rows[i];
        return NULL;
}

static void test_the_longest_lost_gives_way_and_none_that_was_connected(void **state)
{
        static char connected[] = "10.1.0.2";
        MdnsServices s = make_services();

        s.was_connected = was_connected;
        s.userdata = connected;
        fill(&s, 1, MDNS_PER_INTERFACE_MAX);
        assert_int_equal(FIND(&s, .name = "more"), -EDQUOT);
        LOSE(&s, NOW, .name = "n1");
        LOSE(&s, NOW + 1, .name = "n2");
        LOSE(&s, NOW + 2, .name = "n3");
        assert_int_equal(FIND(&s, .name = "more"), 0);
        assert_non_null(row_at(&s, connected));
        assert_null(row_at(&s, "10.1.0.3"));
        assert_non_null(row_at(&s, "10.1.0.4"));
        assert_int_equal(FIND(&s, .name = "other", .address = "192.0.2.2"), 0);
        assert_int_equal(FIND(&s, .name = "third", .address = "192.0.2.3"), -EDQUOT);
        assert_non_null(row_at(&s, connected));
        assert_int_equal(s.n_rows, MDNS_PER_INTERFACE_MAX);
        mdns_services_done(&s);
}

static void test_no_interface_takes_the_place_of_others(void **state)
{
        MdnsServices s = make_services();

        fill(&s, 1, MDNS_PER_INTERFACE_MAX);
        assert_int_equal(FIND(&s, .name = "more"), -EDQUOT);
        LOSE(&s, NOW, .name = "n0", .interface = 1);
        fill(&s, 2, MDNS_SERVICES_MAX - MDNS_PER_INTERFACE_MAX);
        assert_int_equal(s.n_rows, MDNS_SERVICES_MAX);
        /* No room at all: one on another interface may be evicted. */
        assert_int_equal(FIND(&s, .interface = 3), 0);
        assert_int_equal(FIND(&s, .name = "b", .address = "192.0.2.2", .interface = 3), -E2BIG);
        mdns_services_done(&s);
}

static void test_no_address_takes_the_place_of_others(void **state)
{
        MdnsServices s = make_services();
        char name[32];

        for (int i = 0; i < MDNS_PER_ADDRESS_MAX; i++) {
                (void) snprintf(name, sizeof(name), "n%d", i);
                assert_int_equal(FIND(&s, .name = name, .port = (uint16_t) (1000 + i)), 0);
        }
        assert_int_equal(FIND(&s, .name = "more", .port = 999), -EDQUOT);
        assert_int_equal(FIND(&s, .name = "n0", .port = 1000), 0); /* it has a row already */
        assert_int_equal(FIND(&s, .name = "other", .address = "192.0.2.2"), 0);
        mdns_services_done(&s);
}

/* A controller known from before the restart may be connected: no limit applies to it. */
static void test_what_is_remembered_is_never_refused(void **state)
{
        static const TidFields dc = { .transport = "tcp",
                                      .traddr = "192.0.2.1",
                                      .host_iface = "eth1",
                                      .host_nqn = "nqn.host" };
        MdnsServices s = make_services();
        Tid *tid;

        fill(&s, 1, MDNS_PER_INTERFACE_MAX);
        assert_int_equal(tid_new(&dc, CONTROLLER_DISCOVERY, &tid), 0);
        assert_int_equal(mdns_services_remember(&s, tid), 0);
        (void) tid_free(tid);
        assert_int_equal(FIND(&s), 0);
        assert_int_equal(s.n_rows, MDNS_PER_INTERFACE_MAX + 1);
        mdns_services_done(&s);
}

static void test_names_are_shown_as_text(void **state)
{
        MdnsServices s = make_services();

        assert_int_equal(FIND(&s, .name = "a\x1b[31m\n"), 0);
        expect_set(&s, "partial\ntcp 192.0.2.1 8009 - eth1 from mDNS \"a?[31m?\" on eth1");
        mdns_services_done(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_announced_is_wanted),
                cmocka_unit_test(test_link_local),
                cmocka_unit_test(test_a_kernel_without_tp8013_takes_the_well_known_nqn),
                cmocka_unit_test(test_what_makes_no_sense_is_refused),
                cmocka_unit_test(test_a_bad_nqn_is_not_connected),
                cmocka_unit_test(test_a_name_moves),
                cmocka_unit_test(test_two_names_announce_one),
                cmocka_unit_test(test_what_is_lost_stays_while_it_is_connected),
                cmocka_unit_test(test_persistence_at_once_and_for_ever),
                cmocka_unit_test(test_avahi_comes_back),
                cmocka_unit_test(test_what_is_remembered),
                cmocka_unit_test(test_one_address_on_two_interfaces_is_told_once),
                cmocka_unit_test(test_an_excluded_interface_that_is_ignored),
                cmocka_unit_test(test_the_longest_lost_gives_way_and_none_that_was_connected),
                cmocka_unit_test(test_no_interface_takes_the_place_of_others),
                cmocka_unit_test(test_no_address_takes_the_place_of_others),
                cmocka_unit_test(test_what_is_remembered_is_never_refused),
                cmocka_unit_test(test_names_are_shown_as_text),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Discovery controllers 1 to 15 at 192.0.2.N, whose logs name others, and an engine that follows
 * these referrals. */

#include <stdio.h>

#include "base/text.h"
#include "plan/test-story.h"

enum {
        N_DCS = 16,
        N_REFERRALS = 1000,
};

typedef struct Fabric {
        Story s;
        bool dead[N_DCS];
        int referrals[N_DCS][N_REFERRALS]; /* terminated by 0 */
        int instance_of[N_DCS];            /* instance + 1; 0: not connected */
        int last_instance;
        unsigned n_log_reads;
        size_t n_ignored;
} Fabric;

static Tid *dc(int n, const char *host_iface)
{
        char traddr[32];
        Tid *tid;

        (void) snprintf(traddr, sizeof(traddr), "192.0.%d.%d", 2 + n / 256, n % 256);
        TidFields f = { .transport = "tcp",
                        .traddr = traddr,
                        .host_iface = host_iface,
                        .host_traddr = "192.0.2.200",
                        .host_nqn = "nqn.host" };
        assert_int_equal(tid_new(&f, CONTROLLER_DISCOVERY, &tid), 0);
        return tid;
}

static int number_of(const Tid *t)
{
        int n = (t->address.bytes[2] - 2) * 256 + t->address.bytes[3];

        return n;
}

static void refer(Fabric *f, int from, int to)
{
        int *r = f->referrals[from];

        while (*r)
                r++;
        *r = to;
}

static Device *make_device(Fabric *f, int instance)
{
        Device *d = NULL;

        for (int n = 0; n < N_DCS; n++)
                if (f->instance_of[n] == instance + 1) {
                        d = story_device(&f->s, instance, (uint64_t) instance + 1, "dc");
                        (void) tid_free(d->tid);
                        d->tid = dc(n, "eth0");
                }
        return d;
}

static DiscoveryLog *make_referrals(const int *referrals)
{
        DiscoveryLog *log = story_log(1);
        char traddr[32];

        for (size_t i = 0; referrals[i]; i++) {
                log->entries = realloc(log->entries, (i + 2) * sizeof(*log->entries));
                assert_non_null(log->entries);
                (void) snprintf(traddr, sizeof(traddr), "192.0.%d.%d", 2 + referrals[i] / 256,
                                referrals[i] % 256);
                log->entries[log->n_entries++] = (DlpEntry) {
                        .trtype = 3, /* tcp */
                        .subtype = DLPE_REFERRAL,
                        .trsvcid = "8009",
                        .subnqn = strdup(NQN_DISCOVERY),
                        .traddr = strdup(traddr),
                };
        }
        return log;
}

static void connect_dc(Fabric *f, const Action *a)
{
        int n = number_of(a->row->tid), instance = f->last_instance;
        uint64_t op_id = a->op_id;

        if (n >= N_DCS || f->dead[n]) {
                assert_int_equal(end_connect(f->s.engine, op_id, -ETIMEDOUT, -1, 0, f->s.now), 0);
                return;
        }
        assert_int_equal(f->instance_of[n], 0); /* only one connection each */
        f->last_instance++;
        f->instance_of[n] = instance + 1;
        story_uevent(&f->s, KERNEL_ADDED, instance);
        assert_int_equal(
                end_connect(f->s.engine, op_id, 0, instance, (uint64_t) instance + 1, f->s.now), 0);
}

static void read_log(Fabric *f, const Action *a)
{
        int n = number_of(a->row->tid);
        DiscoveryLog *log = f->dead[n] ? NULL : make_referrals(f->referrals[n]);

        f->n_log_reads++;
        end_read_log(f->s.engine, a->op_id, log ? 0 : -EIO, 0, log, f->s.now);
}

static void disconnect_dc(Fabric *f, const Action *a)
{
        uint64_t op_id = a->op_id;
        int instance = a->instance;

        for (int n = 0; n < N_DCS; n++)
                if (f->instance_of[n] == instance + 1)
                        f->instance_of[n] = 0;
        story_uevent(&f->s, KERNEL_REMOVED, instance);
        end_disconnect(f->s.engine, op_id, 0, NULL, f->s.now);
}

static void carry_out(Fabric *f, const Action *a)
{
        if (a->operation == OPERATION_CONNECT)
                connect_dc(f, a);
        else if (a->operation == OPERATION_DISCONNECT)
                disconnect_dc(f, a);
        else if (a->operation == OPERATION_READ_LOG)
                read_log(f, a);
        else if (a->operation == OPERATION_READ_DEVICE)
                story_read_device(&f->s, a->op_id, a->instance, make_device(f, a->instance));
        else
                fail(); /* probes are answered by the fixture */
}

/* Executes plans until no operations are left. */
static void settle(Fabric *f)
{
        for (;;) {
                const Plan *p = story_plan(&f->s);
                f->n_ignored += story_count_notes(&f->s, NOTE_REFERRALS_IGNORED);
                if (p->n_actions == 0)
                        return;
                Action actions[64];
                size_t n = p->n_actions;
                assert_true(n <= 64);
                memcpy(actions, p->actions, n * sizeof(*actions));
                for (size_t i = 0; i < n; i++)
                        carry_out(f, &actions[i]);
        }
}

static void settle_removals(Fabric *f)
{
        settle(f);
        story_wait_for(&f->s, PLAN_QUIET_USEC);
        settle(f);
}

/* A change notification, some time after the log was read. */
static void aen(Fabric *f, int n)
{
        assert_true(f->instance_of[n] > 0);
        story_wait_for(&f->s, PLAN_LOG_PACE_USEC);
        story_uevent(&f->s, KERNEL_LOG_CHANGED, f->instance_of[n] - 1);
}

/* The connection is lost. */
static void lose(Fabric *f, int n)
{
        int instance = f->instance_of[n] - 1;

        f->dead[n] = true;
        f->instance_of[n] = 0;
        story_uevent(&f->s, KERNEL_REMOVED, instance);
}

static void say_dcs(Fabric *f, const char *key, SourceKind kind, SourceState state, bool restored,
                    const int *numbers)
{
        SourceSet *set;

        assert_int_equal(source_set_new(key, kind, state, &set), 0);
        for (; *numbers; numbers++)
                assert_non_null(source_set_add(set, dc(*numbers, "eth0"), key));
        source_set_seal(set);
        set->restored = restored;
        assert_int_equal(engine_set_source(f->s.engine, set, f->s.now), 0);
}

#define CONFIGURE(f, ...)                                                                          \
        say_dcs((f), "config", SOURCE_CONFIGURED, SOURCE_COMPLETE, false,                          \
                (const int[]) { __VA_ARGS__ __VA_OPT__(, ) 0 })

#define ANNOUNCE(f, ...)                                                                           \
        say_dcs((f), "mdns", SOURCE_DISCOVERED, SOURCE_COMPLETE, false,                            \
                (const int[]) { __VA_ARGS__ __VA_OPT__(, ) 0 })

/* "1 2 3": exactly these are connected. */
static void expect_connected(const Fabric *f, const char *expected)
{
        char got[128] = "";
        size_t n = 0;

        for (int i = 0; i < N_DCS; i++)
                if (f->instance_of[i])
                        n += (size_t) snprintf(got + n, sizeof(got) - n, "%s%d", n ? " " : "", i);
        assert_string_equal(got, expected);
}

static const Row *row(const Fabric *f, int n)
{
        _cleanup_tid_ Tid *tid = dc(n, "eth0");

        return engine_find_row(f->s.engine, tid);
}

#define FABRIC                                                                                     \
        _cleanup_(fabric_end) Fabric f = { 0 };                                                    \
        story_begin(&f.s, CONTROLLER_DISCOVERY);                                                   \
        story_scan(&f.s, NULL, NULL)

static void fabric_end(Fabric *f)
{
        story_end(&f->s);
}

static void test_it_is_followed_and_says_who_named_it(void **state)
{
        FABRIC;

        refer(&f, 1, 2);
        CONFIGURE(&f, 1);
        settle(&f);
        expect_connected(&f, "1 2");
        const Claim *origin = row_origin(row(&f, 2));
        assert_int_equal(origin->set->kind, SOURCE_REFERRAL);
        assert_string_equal(origin->entry->where, "nvme0 (tcp, 192.0.2.1, 8009, " NQN_DISCOVERY
                                                  ", 192.0.2.200, eth0) entry 1");
        assert_string_equal(row(&f, 2)->tid->host_nqn, "nqn.host");
}

static void test_it_is_given_up_when_no_log_names_it(void **state)
{
        FABRIC;

        refer(&f, 1, 2);
        refer(&f, 2, 3);
        CONFIGURE(&f, 1);
        settle(&f);
        expect_connected(&f, "1 2 3");

        f.referrals[1][0] = 0;
        aen(&f, 1);
        settle(&f);
        expect_connected(&f, "1 2 3"); /* quiet time */
        story_wait_for(&f.s, PLAN_QUIET_USEC);
        settle(&f);
        expect_connected(&f, "1");
        assert_null(row(&f, 2));
        assert_null(row(&f, 3));
}

static void test_an_event_of_a_child_has_it_read_again(void **state)
{
        FABRIC;

        refer(&f, 1, 2);
        CONFIGURE(&f, 1);
        settle(&f);
        unsigned n = f.n_log_reads;
        refer(&f, 2, 3);
        aen(&f, 2);
        settle(&f);
        expect_connected(&f, "1 2 3");
        assert_int_equal(f.n_log_reads, n + 2);
}

static void test_a_ring_ends_and_does_not_keep_itself(void **state)
{
        FABRIC;

        refer(&f, 1, 2);
        refer(&f, 2, 3);
        refer(&f, 3, 4);
        refer(&f, 4, 2);
        refer(&f, 4, 1);
        CONFIGURE(&f, 1);
        settle(&f);
        expect_connected(&f, "1 2 3 4");
        assert_int_equal(row_origin(row(&f, 1))->set->kind, SOURCE_CONFIGURED);

        CONFIGURE(&f, 9);
        settle_removals(&f);
        expect_connected(&f, "9");
        assert_null(row(&f, 1));
        assert_int_equal(f.n_ignored, 0);
}

static void test_eight_deep(void **state)
{
        FABRIC;

        for (int i = 1; i < 12; i++)
                refer(&f, i, i + 1);
        CONFIGURE(&f, 1);
        settle(&f);
        expect_connected(&f, "1 2 3 4 5 6 7 8 9"); /* the root and eight more */
        assert_int_equal(f.n_ignored, 1);

        refer(&f, 1, 4); /* a shorter path */
        aen(&f, 1);
        settle(&f);
        expect_connected(&f, "1 2 3 4 5 6 7 8 9 10 11");

        f.referrals[1][1] = 0;
        aen(&f, 1);
        settle_removals(&f);
        expect_connected(&f, "1 2 3 4 5 6 7 8 9");
}

static void test_of_two_parents_either_keeps_it(void **state)
{
        FABRIC;

        refer(&f, 1, 3);
        refer(&f, 2, 3);
        CONFIGURE(&f, 1, 2);
        settle(&f);
        expect_connected(&f, "1 2 3");
        assert_int_equal(row(&f, 3)->wanted.n_claims, 2);

        f.referrals[1][0] = 0;
        aen(&f, 1);
        settle_removals(&f);
        expect_connected(&f, "1 2 3");
        CONFIGURE(&f, 1);
        settle_removals(&f);
        expect_connected(&f, "1");
}

static void test_a_parent_that_is_away_keeps_it(void **state)
{
        FABRIC;

        refer(&f, 1, 2);
        CONFIGURE(&f, 1);
        settle(&f);
        lose(&f, 1);
        settle_removals(&f);
        expect_connected(&f, "2");
        assert_int_equal(row_origin(row(&f, 2))->set->state, SOURCE_UNKNOWN);

        f.dead[1] = false;
        f.referrals[1][0] = 0;
        story_wait_for(&f.s, 60 * USEC_PER_SEC);
        settle_removals(&f);
        expect_connected(&f, "1"); /* its log was read, and has no referrals */
}

static void test_a_parent_that_may_not_be_is_not_followed(void **state)
{
        FABRIC;

        refer(&f, 1, 2);
        CONFIGURE(&f, 1);
        settle(&f);
        Policy *p = story_policy(&f.s);
        p->ip_families = IP_FAMILY_IPV6;
        engine_set_policy(f.s.engine, p, f.s.now);
        settle_removals(&f);
        expect_connected(&f, "");
        assert_null(row(&f, 2));
}

static void test_an_excluded_one_leads_nowhere(void **state)
{
        const TidFields second = { .traddr = "192.0.2.2" };
        FABRIC;

        refer(&f, 1, 2);
        refer(&f, 2, 3);
        CONFIGURE(&f, 1);
        settle(&f);
        expect_connected(&f, "1 2 3");
        Policy *p = story_policy(&f.s);
        assert_int_equal(exclude_list_add(&p->excludes, &second, "here"), 0);
        engine_set_policy(f.s.engine, p, f.s.now);
        settle_removals(&f);
        expect_connected(&f, "1");
        assert_null(row(&f, 3));
}

/* The entries of its last log are requested on the new path, and no longer on the old one. */
static void test_a_parent_that_is_away_is_read_anew(void **state)
{
        FABRIC;

        refer(&f, 1, 2);
        CONFIGURE(&f, 1);
        settle(&f);
        lose(&f, 1);
        settle(&f);
        Policy *p = story_policy(&f.s);
        p->ignore_iface = true;
        engine_set_policy(f.s.engine, p, f.s.now);
        settle(&f);
        assert_null(row(&f, 2));
        expect_connected(&f, "2"); /* it matches both paths */
}

static void test_itself_is_no_referral(void **state)
{
        FABRIC;

        refer(&f, 1, 1);
        CONFIGURE(&f, 1);
        settle(&f);
        assert_int_equal(row(&f, 1)->wanted.n_claims, 1);
        /* Nor with another NQN: a ring within one portal. */
        DiscoveryLog *log = make_referrals(f.referrals[1]);
        free(log->entries[1].subnqn);
        log->entries[1].subnqn = strdup("nqn.2024-01.lab:unique");
        aen(&f, 1);
        end_read_log(f.s.engine, story_take(&f.s, OPERATION_READ_LOG), 0, 0, log, f.s.now);
        story_expect_nothing(&f.s);
        assert_ptr_equal(engine_next_row(f.s.engine, row(&f, 1)), NULL);
}

/* It is not connected; an existing connection is kept. */
static void test_one_that_is_not_usable_is_only_kept(void **state)
{
        FABRIC;

        refer(&f, 1, 2);
        CONFIGURE(&f, 1);
        settle(&f);
        expect_connected(&f, "1 2");

        DiscoveryLog *log = make_referrals(f.referrals[1]);
        log->entries[1].bad_nqn = true;
        log->entries[1].treq = DLPE_SECURE_CHANNEL_REQUIRED;
        aen(&f, 1);
        end_read_log(f.s.engine, story_take(&f.s, OPERATION_READ_LOG), 0, 0, log, f.s.now);
        (void) story_plan(&f.s);
        assert_int_equal(story_count_notes(&f.s, NOTE_SKIPPED), 1);
        story_wait_for(&f.s, 60 * USEC_PER_SEC);
        expect_connected(&f, "1 2");
        assert_true(row(&f, 2)->wanted.claims[0].entry->passive);
        assert_true(row_demands_tls(row(&f, 2)));
}

/* It leads nowhere, which is noted once. */
static void test_one_without_an_address_is_skipped(void **state)
{
        static const int referrals[] = { 2, 0 };
        FABRIC;

        CONFIGURE(&f, 1);
        settle(&f);
        for (size_t i = 0; i < 2; i++) {
                DiscoveryLog *log = make_referrals(referrals);
                assert_int_equal(text_replace(&log->entries[1].traddr, "0.0.0.0"), 0);
                aen(&f, 1);
                end_read_log(f.s.engine, story_take(&f.s, OPERATION_READ_LOG), 0, 0, log, f.s.now);
                (void) story_plan(&f.s);
                assert_int_equal(story_count_notes(&f.s, NOTE_SKIPPED), i == 0);
                story_wait_for(&f.s, 60 * USEC_PER_SEC);
                expect_connected(&f, "1");
        }
}

static size_t n_rows(const Fabric *f)
{
        size_t n = 0;

        for (const Row *row = engine_next_row(f->s.engine, NULL); row;
             row = engine_next_row(f->s.engine, row))
                n++;
        return n;
}

static void test_they_are_bounded(void **state)
{
        FABRIC;

        for (int i = 2; i < N_REFERRALS; i++)
                refer(&f, 1, i);
        CONFIGURE(&f, 1);
        settle(&f);
        assert_int_equal(n_rows(&f), 1 + 128);
        assert_int_equal(f.n_ignored, 1);
        expect_connected(&f, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15");
}

/* At most a few dozen portals are probed at a time. */
static void settle_hundreds(Fabric *f)
{
        for (unsigned i = 0; i < 20; i++)
                settle_removals(f);
}

/* Addresses that do not answer, different ones for each root. */
static void refer_to_many(Fabric *f, int from, int n)
{
        for (int i = 0; i < n; i++)
                refer(f, from, from * 1000 + i);
}

static SourceState state_of_referrals(const Fabric *f, int n)
{
        _cleanup_free_ char *key = NULL;

        assert_true(asprintf(&key,
                             "referrals of (tcp, 192.0.2.%d, 8009, " NQN_DISCOVERY
                             ", 192.0.2.200, eth0) as nqn.host",
                             n) > 0);
        for (const SourceSet *s = engine_next_source(f->s.engine, NULL); s;
             s = engine_next_source(f->s.engine, s))
                if (streq(s->key, key))
                        return s->state;
        return _SOURCE_STATE_INVALID;
}

static void test_what_others_refer_to_takes_nothing_away(void **state)
{
        FABRIC;

        refer(&f, 6, 7);
        CONFIGURE(&f, 6);
        settle_hundreds(&f);
        expect_connected(&f, "6 7");

        for (int i = 1; i <= 5; i++)
                refer_to_many(&f, i, 128);
        ANNOUNCE(&f, 1, 2, 3, 4, 5);
        settle_hundreds(&f);
        expect_connected(&f, "1 2 3 4 5 6 7");
        assert_int_equal(state_of_referrals(&f, 6), SOURCE_COMPLETE);
}

static void test_configured_ones_do_not_wait_for_announced_ones(void **state)
{
        FABRIC;

        for (int i = 1; i <= 5; i++)
                refer_to_many(&f, i, 128);
        ANNOUNCE(&f, 1, 2, 3, 4, 5);
        settle_hundreds(&f);
        refer(&f, 6, 7);
        CONFIGURE(&f, 6);
        settle_hundreds(&f);
        expect_connected(&f, "1 2 3 4 5 6 7");
        assert_int_equal(state_of_referrals(&f, 6), SOURCE_COMPLETE);
}

static void test_each_root_has_a_share(void **state)
{
        FABRIC;

        for (int i = 1; i <= 5; i++)
                refer_to_many(&f, i, 128);
        refer(&f, 6, 7);
        ANNOUNCE(&f, 1, 2, 3, 4, 5, 6);
        settle_hundreds(&f);
        expect_connected(&f, "1 2 3 4 5 6 7");
        assert_int_equal(n_rows(&f), 6 + 512);
        /* The room left by the last root was given to the first ones. */
        assert_int_equal(state_of_referrals(&f, 1), SOURCE_COMPLETE);
        assert_int_equal(state_of_referrals(&f, 5), SOURCE_PARTIAL);
        assert_int_equal(state_of_referrals(&f, 6), SOURCE_COMPLETE);
        assert_int_equal(f.n_ignored, 5);
}

/* A later root finds no room until earlier ones are removed; these lose nothing. */
static void test_who_comes_late_waits_for_room(void **state)
{
        FABRIC;

        for (int i = 1; i <= 4; i++)
                refer_to_many(&f, i, 128);
        refer(&f, 6, 7);
        ANNOUNCE(&f, 1, 2, 3, 4);
        settle_hundreds(&f);
        assert_int_equal(n_rows(&f), 4 + 512);
        ANNOUNCE(&f, 1, 2, 3, 4, 6);
        settle_hundreds(&f);
        expect_connected(&f, "1 2 3 4 6");
        assert_int_equal(n_rows(&f), 5 + 512);
        assert_int_equal(state_of_referrals(&f, 1), SOURCE_COMPLETE);
        assert_int_equal(state_of_referrals(&f, 6), SOURCE_PARTIAL);
        assert_int_equal(f.n_ignored, 1);

        ANNOUNCE(&f, 1, 2, 3, 6);
        settle_hundreds(&f);
        expect_connected(&f, "1 2 3 6 7");
        assert_int_equal(state_of_referrals(&f, 6), SOURCE_COMPLETE);
}

static void test_what_a_long_log_has_named_before_stays(void **state)
{
        FABRIC;

        refer(&f, 1, 500);
        refer(&f, 1, 15);
        CONFIGURE(&f, 1);
        settle_hundreds(&f);
        expect_connected(&f, "1 15");

        for (int i = 16; i < 200; i++)
                refer(&f, 1, i);
        aen(&f, 1);
        settle_hundreds(&f);
        expect_connected(&f, "1 15");
        assert_non_null(row(&f, 500));
        assert_int_equal(n_rows(&f), 1 + 128);
        assert_int_equal(state_of_referrals(&f, 1), SOURCE_PARTIAL);
        assert_int_equal(f.n_ignored, 1);

        f.referrals[1][1] = 200; /* the whole log was read, and no longer names 15 */
        aen(&f, 1);
        settle_hundreds(&f);
        expect_connected(&f, "1");
        assert_int_equal(n_rows(&f), 1 + 128);
}

#define REFERRALS_OF(n)                                                                            \
        "referrals of (tcp, 192.0.2." n ", 8009, " NQN_DISCOVERY ", 192.0.2.200, eth0) as "        \
        "nqn.host"

static void test_what_is_remembered_stays_till_the_parent_was_read(void **state)
{
        FABRIC;

        f.dead[1] = true;
        CONFIGURE(&f, 1);
        say_dcs(&f, REFERRALS_OF("1"), SOURCE_REFERRAL, SOURCE_UNKNOWN, true, (int[]) { 2, 0 });
        settle_removals(&f);
        assert_true(row_is_wanted(row(&f, 2)));
        expect_connected(&f, ""); /* and is not connected */

        f.dead[1] = false;
        refer(&f, 1, 3);
        story_wait_for(&f.s, 60 * USEC_PER_SEC);
        settle(&f);
        expect_connected(&f, "1 3");
        assert_null(row(&f, 2));
}

/* The root of the chain belongs to a source that is not complete yet. */
static void test_what_is_remembered_stays_till_the_roots_are_known(void **state)
{
        static const int two[] = { 2, 0 }, three[] = { 3, 0 }, nobody[] = { 0 };
        FABRIC;

        say_dcs(&f, "mdns", SOURCE_DISCOVERED, SOURCE_PARTIAL, false, nobody);
        say_dcs(&f, REFERRALS_OF("1"), SOURCE_REFERRAL, SOURCE_UNKNOWN, true, two);
        say_dcs(&f, REFERRALS_OF("2"), SOURCE_REFERRAL, SOURCE_UNKNOWN, true, three);
        settle_removals(&f);
        assert_true(row_is_wanted(row(&f, 2)));
        assert_true(row_is_wanted(row(&f, 3)));

        say_dcs(&f, "mdns", SOURCE_DISCOVERED, SOURCE_COMPLETE, false, nobody);
        settle(&f);
        assert_null(row(&f, 2));
        assert_null(row(&f, 3));
}

/* mDNS is not available: its source will never be complete. */
static void test_nobody_waits_for_roots_that_cannot_come(void **state)
{
        static const int two[] = { 2, 0 }, nobody[] = { 0 };
        FABRIC;

        say_dcs(&f, "mdns", SOURCE_DISCOVERED, SOURCE_UNKNOWN, false, nobody);
        say_dcs(&f, REFERRALS_OF("1"), SOURCE_REFERRAL, SOURCE_UNKNOWN, true, two);
        settle(&f);
        assert_null(row(&f, 2));
}

/* While one source is not complete, the state of the others still applies. */
static void test_a_ring_does_not_keep_itself_while_a_source_is_silent(void **state)
{
        FABRIC;

        say_dcs(&f, "mdns", SOURCE_DISCOVERED, SOURCE_PARTIAL, false, (int[]) { 0 });
        refer(&f, 1, 2);
        refer(&f, 2, 3);
        refer(&f, 3, 2);
        CONFIGURE(&f, 1);
        settle(&f);
        expect_connected(&f, "1 2 3");
        CONFIGURE(&f);
        settle_removals(&f);
        expect_connected(&f, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_it_is_followed_and_says_who_named_it),
                cmocka_unit_test(test_it_is_given_up_when_no_log_names_it),
                cmocka_unit_test(test_an_event_of_a_child_has_it_read_again),
                cmocka_unit_test(test_a_ring_ends_and_does_not_keep_itself),
                cmocka_unit_test(test_eight_deep),
                cmocka_unit_test(test_of_two_parents_either_keeps_it),
                cmocka_unit_test(test_a_parent_that_is_away_keeps_it),
                cmocka_unit_test(test_a_parent_that_may_not_be_is_not_followed),
                cmocka_unit_test(test_an_excluded_one_leads_nowhere),
                cmocka_unit_test(test_a_parent_that_is_away_is_read_anew),
                cmocka_unit_test(test_itself_is_no_referral),
                cmocka_unit_test(test_one_that_is_not_usable_is_only_kept),
                cmocka_unit_test(test_one_without_an_address_is_skipped),
                cmocka_unit_test(test_they_are_bounded),
                cmocka_unit_test(test_what_others_refer_to_takes_nothing_away),
                cmocka_unit_test(test_configured_ones_do_not_wait_for_announced_ones),
                cmocka_unit_test(test_each_root_has_a_share),
                cmocka_unit_test(test_who_comes_late_waits_for_room),
                cmocka_unit_test(test_what_a_long_log_has_named_before_stays),
                cmocka_unit_test(test_what_is_remembered_stays_till_the_parent_was_read),
                cmocka_unit_test(test_what_is_remembered_stays_till_the_roots_are_known),
                cmocka_unit_test(test_nobody_waits_for_roots_that_cannot_come),
                cmocka_unit_test(test_a_ring_does_not_keep_itself_while_a_source_is_silent),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

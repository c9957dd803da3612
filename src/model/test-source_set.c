/* SPDX-License-Identifier: Apache-2.0 */

#include "model/source_set.h"

#include <stdio.h>
#include <string.h>

#include "base/testing.h"

static Tid *make_tid(const char *traddr, const char *nqn)
{
        const TidFields f = { .transport = "tcp", .traddr = traddr, .subsysnqn = nqn };
        Tid *t;
        assert_int_equal(tid_new(&f, CONTROLLER_IO, &t), 0);
        return t;
}

static void test_names_both_ways(void **state)
{
        static const char *const kinds[_SOURCE_KIND_MAX] = { "configured", "nbft", "referral",
                                                             "discovered", "discovery log" };
        static const char *const states[_SOURCE_STATE_MAX] = { "unknown", "partial", "complete" };

        for (SourceKind k = 0; k < _SOURCE_KIND_MAX; k++) {
                assert_string_equal(source_kind_to_string(k), kinds[k]);
                assert_int_equal(source_kind_from_string(kinds[k]), k);
        }
        for (SourceState s = 0; s < _SOURCE_STATE_MAX; s++) {
                assert_string_equal(source_state_to_string(s), states[s]);
                assert_int_equal(source_state_from_string(states[s]), s);
        }
        assert_int_equal(source_kind_from_string("mdns"), _SOURCE_KIND_INVALID);
        assert_int_equal(source_state_from_string("Complete"), _SOURCE_STATE_INVALID);
        assert_int_equal(source_state_from_string(NULL), _SOURCE_STATE_INVALID);
}

static void test_origins_from_strong_to_weak(void **state)
{
        assert_true(SOURCE_CONFIGURED < SOURCE_NBFT);
        assert_true(SOURCE_NBFT < SOURCE_REFERRAL);
        assert_true(SOURCE_REFERRAL < SOURCE_DISCOVERED);
}

static void test_seal_sorts_and_keeps_the_first_of_equals(void **state)
{
        static const struct {
                const char *traddr, *where;
        } added[] = {
                { "192.0.2.9", "nine" },          { "2001:db8::1", "six" },
                { "192.0.2.1", "one" },           { "::ffff:192.0.2.9", "nine again" },
                { "2001:DB8:0::1", "six again" }, { "192.0.2.9", "nine once more" },
        };
        static const char *const sealed[] = { "one", "nine", "six" };
        _cleanup_(source_set_freep) SourceSet *s = NULL;

        assert_int_equal(source_set_new("config", SOURCE_CONFIGURED, SOURCE_COMPLETE, &s), 0);
        for (size_t i = 0; i < ELEMENTSOF(added); i++)
                assert_non_null(
                        source_set_add(s, make_tid(added[i].traddr, "nqn.a"), added[i].where));
        source_set_seal(s);
        assert_int_equal(s->n_entries, ELEMENTSOF(sealed));
        for (size_t i = 0; i < ELEMENTSOF(sealed); i++)
                assert_string_equal(s->entries[i].where, sealed[i]);

        source_set_seal(s);
        assert_int_equal(s->n_entries, ELEMENTSOF(sealed));
}

static void test_the_first_stays_in_a_large_set(void **state)
{
        enum {
                N = 300,
                N_COPIES = 7
        };
        _cleanup_(source_set_freep) SourceSet *s = NULL;

        assert_int_equal(source_set_new("config", SOURCE_CONFIGURED, SOURCE_COMPLETE, &s), 0);
        for (unsigned copy = 0; copy < N_COPIES; copy++)
                for (unsigned i = 0; i < N; i++) {
                        char traddr[16], where[16];
                        unsigned shuffled = (i * 113 + copy * 29) % N;
                        (void) snprintf(traddr, sizeof(traddr), "192.0.%u.%u", shuffled / 100,
                                        shuffled % 100 + 1);
                        (void) snprintf(where, sizeof(where), "%u", copy);
                        assert_non_null(source_set_add(s, make_tid(traddr, "nqn.a"), where));
                }
        source_set_seal(s);
        assert_int_equal(s->n_entries, N);
        for (size_t i = 0; i < N; i++) {
                assert_string_equal(s->entries[i].where, "0");
                assert_true(i == 0 || tid_compare(s->entries[i - 1].tid, s->entries[i].tid) < 0);
                assert_ptr_equal(source_set_find(s, s->entries[i].tid), &s->entries[i]);
        }
}

static void test_find(void **state)
{
        _cleanup_(source_set_freep) SourceSet *s = NULL;
        _cleanup_tid_ Tid *there = make_tid("::ffff:192.0.2.2", "nqn.a");
        _cleanup_tid_ Tid *absent = make_tid("192.0.2.2", "nqn.b");

        assert_int_equal(source_set_new("config", SOURCE_CONFIGURED, SOURCE_COMPLETE, &s), 0);
        source_set_seal(s);
        assert_null(source_set_find(s, there));
        assert_non_null(source_set_add(s, make_tid("192.0.2.2", "nqn.a"), "two"));
        assert_non_null(source_set_add(s, make_tid("192.0.2.1", "nqn.a"), "one"));
        source_set_seal(s);
        assert_string_equal(source_set_find(s, there)->where, "two");
        assert_null(source_set_find(s, absent));
}

static void test_a_new_entry_is_blank(void **state)
{
        _cleanup_(source_set_freep) SourceSet *s = NULL;

        assert_int_equal(source_set_new("config", SOURCE_CONFIGURED, SOURCE_PARTIAL, &s), 0);
        assert_string_equal(s->key, "config");
        assert_int_equal(s->state, SOURCE_PARTIAL);
        assert_false(s->restored);
        const SourceEntry *e = source_set_add(s, make_tid("192.0.2.1", "nqn.a"), "here");
        assert_null(e->dhchap_secret);
        assert_null(e->dhchap_ctrl_secret);
        assert_null(e->dlpe);
        assert_false(e->restored);
        for (Setting i = 0; i < _SETTING_MAX; i++)
                assert_int_equal(e->settings.value[i], SETTING_DEFAULT);
}

static SourceEntry *add_full(SourceSet *s)
{
        static const DlpEntry dlpe = { .trtype = 3,
                                       .subnqn = (char *) "nqn.a",
                                       .traddr = (char *) "192.0.2.1" };
        SourceEntry *e = source_set_add(s, make_tid("192.0.2.1", "nqn.a"), "here");
        e->settings.value[SETTING_KATO] = 5;
        assert_int_equal(secret_new("a", &e->dhchap_secret), 0);
        assert_int_equal(secret_new("b", &e->dhchap_ctrl_secret), 0);
        e->dlpe = malloc(sizeof(*e->dlpe));
        assert_int_equal(dlpe_copy(&dlpe, e->dlpe), 0);
        return e;
}

static void test_equality_looks_at_every_field(void **state)
{
        enum {
                N_FIELDS = 9
        };
        for (size_t i = 0; i <= N_FIELDS; i++) {
                _cleanup_(source_set_freep) SourceSet *s = NULL, *t = NULL;
                assert_int_equal(source_set_new("x", SOURCE_CONFIGURED, SOURCE_COMPLETE, &s), 0);
                assert_int_equal(source_set_new("x", SOURCE_CONFIGURED, SOURCE_COMPLETE, &t), 0);
                const SourceEntry *a = add_full(s);
                SourceEntry *b = add_full(t);

                switch (i) {
                case 0:
                        (void) tid_free(b->tid);
                        b->tid = make_tid("192.0.2.2", "nqn.a");
                        break;
                case 1:
                        b->where[0] = '?';
                        break;
                case 2:
                        b->settings.value[SETTING_HDR_DIGEST] = 1;
                        break;
                case 3:
                        b->dhchap_secret = secret_free(b->dhchap_secret);
                        break;
                case 4:
                        b->dhchap_ctrl_secret = secret_free(b->dhchap_ctrl_secret);
                        break;
                case 5:
                        b->dlpe->eflags = DLPE_EFLAGS_NCC;
                        break;
                case 6:
                        dlpe_done(b->dlpe);
                        free(TAKE_PTR(b->dlpe));
                        break;
                case 7:
                        b->restored = true;
                        break;
                case 8:
                        b->order = 42; /* the order is not compared */
                        break;
                }
                assert_int_equal(source_entry_equal(a, b), i >= 8);
                assert_int_equal(source_entry_equal(b, a), i >= 8);
        }
}

static void test_some_are_kept(void **state)
{
        static const bool kept[] = { false, true, false, true };
        _cleanup_(source_set_freep) SourceSet *s = NULL;
        char traddr[] = "192.0.2.1";

        assert_int_equal(source_set_new("config", SOURCE_CONFIGURED, SOURCE_COMPLETE, &s), 0);
        for (; traddr[8] <= '4'; traddr[8]++)
                assert_non_null(source_set_add(s, make_tid(traddr, "nqn.a"), traddr));
        source_set_seal(s);
        source_set_keep(s, kept);
        assert_int_equal(s->n_entries, 2);
        assert_string_equal(s->entries[0].where, "192.0.2.2");
        assert_string_equal(s->entries[1].where, "192.0.2.4");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names_both_ways),
                cmocka_unit_test(test_origins_from_strong_to_weak),
                cmocka_unit_test(test_seal_sorts_and_keeps_the_first_of_equals),
                cmocka_unit_test(test_the_first_stays_in_a_large_set),
                cmocka_unit_test(test_some_are_kept),
                cmocka_unit_test(test_find),
                cmocka_unit_test(test_a_new_entry_is_blank),
                cmocka_unit_test(test_equality_looks_at_every_field),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

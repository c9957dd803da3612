/* SPDX-License-Identifier: Apache-2.0 */

/* How many discovery controllers of stafd's there is a place for. */

#include "source/dc_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/text.h"

static void take(SourceSet *set, const char *key, void *userdata)
{
        SourceState *list = userdata;

        if (set && streq(key, STAFD_SOURCE_KEY))
                *list = set->state;
        (void) source_set_free(set);
}

/* 10.x.0.1 and on. */
static StafdList make_list(unsigned x)
{
        StafdList l = { .complete = true };
        char traddr[32];

        l.items = calloc(STAFD_CONTROLLERS_MAX, sizeof(*l.items));
        assert_non_null(l.items);
        for (size_t i = 0; i < STAFD_CONTROLLERS_MAX; i++) {
                StafdListed *item = &l.items[l.n_items++];
                (void) snprintf(traddr, sizeof(traddr), "10.%u.%zu.%zu", x, i / 250, i % 250 + 1);
                const TidFields f = { .transport = "tcp", .traddr = traddr };
                assert_int_equal(tid_new(&f, CONTROLLER_DISCOVERY, &item->tid), 0);
                item->device = strdup("");
                item->state = SOURCE_COMPLETE;
        }
        return l;
}

/* Those of before stay until the new ones were read: they take nobody's place meanwhile. */
static void test_all_are_others_now(void **state)
{
        DcTable t;
        SourceState told = _SOURCE_STATE_INVALID;

        dc_table_init(&t, take, &told);
        assert_int_equal(dc_table_set_host(&t, "nqn.host", false), 0);
        for (unsigned x = 0; x < 2; x++) {
                StafdList l = make_list(x);
                assert_int_equal(dc_table_apply(&t, &l, false, 1), 0);
                stafd_list_done(&l);
                assert_int_equal(told, SOURCE_COMPLETE);
        }
        size_t n_listed = 0;
        for (size_t i = 0; i < t.n_dcs; i++)
                n_listed += t.dcs[i]->is_listed;
        assert_int_equal(n_listed, STAFD_CONTROLLERS_MAX);
        dc_table_done(&t);
}

typedef struct Told {
        SourceState states[8]; /* by the last part of the discovery controller's address */
        size_t n_entries[8];
} Told;

static void take_log(SourceSet *set, const char *key, void *userdata)
{
        Told *told = userdata;
        const char *address = text_after(key, "dc (tcp, 192.0.2.");

        if (set && address) {
                told->states[*address - '0'] = set->state;
                told->n_entries[*address - '0'] = set->n_entries;
        }
        (void) source_set_free(set);
}

static void answer(DcTable *t, size_t i, size_t n)
{
        StafdLog log = { .state = SOURCE_COMPLETE, .generation = 1 };

        log.entries = calloc(n, sizeof(*log.entries));
        assert_non_null(log.entries);
        for (; log.n_entries < n; log.n_entries++) {
                char nqn[32];
                (void) snprintf(nqn, sizeof(nqn), "nqn.a:%zu", log.n_entries);
                log.entries[log.n_entries] = (DlpEntry) {
                        .trtype = 3,
                        .subtype = DLPE_NVME,
                        .trsvcid = "4420",
                        .subnqn = strdup(nqn),
                        .traddr = strdup("192.0.2.9"),
                };
        }
        t->dcs[i]->is_asked = true;
        assert_int_equal(dc_table_end_read(t, t->dcs[i]->tid, &log, 1), 0);
}

static void list_five(DcTable *t)
{
        StafdList l = { .complete = true };
        char traddr[32];

        l.items = calloc(5, sizeof(*l.items));
        assert_non_null(l.items);
        for (; l.n_items < 5; l.n_items++) {
                (void) snprintf(traddr, sizeof(traddr), "192.0.2.%zu", l.n_items + 1);
                const TidFields f = { .transport = "tcp", .traddr = traddr };
                assert_int_equal(tid_new(&f, CONTROLLER_DISCOVERY, &l.items[l.n_items].tid), 0);
                l.items[l.n_items].device = strdup("");
                l.items[l.n_items].state = SOURCE_COMPLETE;
                l.items[l.n_items].generation = 1;
        }
        assert_int_equal(dc_table_apply(t, &l, false, 1), 0);
        stafd_list_done(&l);
}

static void test_all_logs_together_are_bounded(void **state)
{
        DcTable t;
        Told told = { 0 };

        dc_table_init(&t, take_log, &told);
        assert_int_equal(dc_table_set_host(&t, "nqn.host", false), 0);
        list_five(&t);
        for (size_t i = 0; i < 4; i++)
                answer(&t, i, 16000);
        assert_false(dc_table_is_full(&t));
        answer(&t, 4, 16000);
        assert_true(dc_table_is_full(&t));
        assert_int_equal(told.n_entries[5], STAFD_ALL_ENTRIES_MAX - 4 * 16000);
        assert_int_equal(told.states[5], SOURCE_PARTIAL);
        assert_int_equal(told.states[4], SOURCE_COMPLETE);

        /* It is asked for again when there is room, not before. */
        t.dcs[4]->is_due = false;
        list_five(&t);
        assert_false(t.dcs[4]->is_due);
        answer(&t, 0, 100);
        list_five(&t);
        assert_true(t.dcs[4]->is_due);
        answer(&t, 4, 16000);
        assert_int_equal(told.n_entries[5], 16000);
        assert_int_equal(told.states[5], SOURCE_COMPLETE);
        assert_false(dc_table_is_full(&t));
        dc_table_done(&t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_all_are_others_now),
                cmocka_unit_test(test_all_logs_together_are_bounded),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

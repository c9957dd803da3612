/* SPDX-License-Identifier: Apache-2.0 */

/* Limits on the discovery controllers of stafd. */

#include "source/dc_table.h"

#include <stdio.h>

#include "base/testing.h"
#include "base/text.h"

static void take(SourceSet *set, const char *key, void *userdata)
{
        SourceState *list = userdata;

        if (set && streq(key, STAFD_SOURCE_KEY))
                *list = set->state;
        (void) source_set_free(set);
}

/* 10.x.0.1 and following. */
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

/* The old ones are kept until the new ones were read, without taking up their room. */
static void test_all_are_others_now(void **state)
{
        DcTable t;
        SourceState told = _SOURCE_STATE_INVALID;

        dc_table_init(&t, take, &told);
        assert_int_equal(dc_table_set_host(&t, (DlpeHost) { "nqn.host", false, false }), 0);
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
                log.entries[log.n_entries].dlpe = (DlpEntry) {
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
        assert_int_equal(dc_table_set_host(&t, (DlpeHost) { "nqn.host", false, false }), 0);
        list_five(&t);
        for (size_t i = 0; i < 4; i++)
                answer(&t, i, 16000);
        assert_false(dc_table_is_full(&t));
        answer(&t, 4, 16000);
        assert_true(dc_table_is_full(&t));
        assert_int_equal(told.n_entries[5], STAFD_ALL_ENTRIES_MAX - 4 * 16000);
        assert_int_equal(told.states[5], SOURCE_PARTIAL);
        assert_int_equal(told.states[4], SOURCE_COMPLETE);

        /* It is requested again once there is room, not before. */
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

/* ---- host names ---- */

/* A log of n + 1 names, one of which it contains twice. */
static void answer_names(DcTable *t, size_t i, size_t n)
{
        StafdLog log = { .state = SOURCE_COMPLETE, .generation = 2, .n_entries = n + 2 };

        log.entries = calloc(log.n_entries, sizeof(*log.entries));
        assert_non_null(log.entries);
        for (size_t k = 0; k < log.n_entries; k++) {
                char *name;
                if (k < 2)
                        name = strdup(k == 0 ? "Same.example" : "same.example");
                else if (asprintf(&name, "dc%zu-%zu.example", i, k) < 0)
                        name = NULL;
                assert_non_null(name);
                log.entries[k].dlpe = (DlpEntry) { .trtype = DLPE_TRTYPE_TCP,
                                                   .subtype = DLPE_NVME,
                                                   .subnqn = strdup("nqn.a"),
                                                   .traddr = name };
        }
        t->dcs[i]->is_asked = true;
        assert_int_equal(dc_table_end_read(t, t->dcs[i]->tid, &log, 1), 0);
}

static void test_names_of_a_log_are_bounded(void **state)
{
        DcTable t;
        Told told = { 0 };
        LoggedNames few = { 0 }, many = { 0 };

        dc_table_init(&t, take_log, &told);
        assert_int_equal(dc_table_set_host(&t, (DlpeHost) { "nqn.host", false, false }), 0);
        list_five(&t);
        answer(&t, 0, 10);
        answer_names(&t, 1, 2);
        assert_int_equal(dc_table_list_names(&t, &few), 0);
        assert_int_equal(few.n_items, 3);
        assert_string_equal(few.items[1].name, "dc1-2.example");
        assert_non_null(strstr(few.items[1].where, "192.0.2.2, 8009"));
        assert_non_null(strstr(few.items[1].where, " entry 2"));

        answer_names(&t, 2, 1000);
        assert_int_equal(dc_table_list_names(&t, &many), 1);
        assert_int_equal(many.n_items, 3 + HOST_NAMES_PER_LOG_MAX);

        told = (Told) { 0 };
        assert_int_equal(dc_table_resolved(&t), 0);
        assert_int_equal(told.n_entries[1], 0); /* has no names: not reported again */
        assert_int_equal(told.n_entries[2], 3);
        logged_names_done(&few);
        logged_names_done(&many);
        dc_table_done(&t);
}

/* ---- changes ---- */

typedef struct Words { /* states of 192.0.2.1 and of the list */
        SourceState log, list;
        size_t n_entries, n_words;
        bool gone;
} Words;

static void take_word(SourceSet *set, const char *key, void *userdata)
{
        Words *w = userdata;

        if (streq(key, STAFD_SOURCE_KEY))
                w->list = set->state;
        else if (set) {
                w->log = set->state;
                w->n_entries = set->n_entries;
                w->n_words++;
        }
        w->gone = w->gone || !set;
        (void) source_set_free(set);
}

/* A page with the log of a discovery controller: entries 1..n_told out of n_entries. */
static LogChanges make_page_of(const char *traddr, size_t n_told, size_t n_entries, bool finished)
{
        const TidFields id = { .transport = "tcp", .traddr = traddr };
        LogChanges page = { .complete = true };
        ChangedLog *l = log_changes_add(&page);

        assert_int_equal(tid_new(&id, CONTROLLER_DISCOVERY, &l->dc), 0);
        l->device = strdup("nvme0");
        l->state = SOURCE_COMPLETE;
        l->n_entries = n_entries;
        l->finished = finished;
        for (size_t i = 0; i < n_told; i++) {
                char nqn[32];
                (void) snprintf(nqn, sizeof(nqn), "nqn.a:%zu", i);
                LogEntry *e = changed_log_add(l);
                *e = (LogEntry) {
                        .position = i + 1,
                        .dlpe = { .trtype = 3,
                                  .subtype = DLPE_NVME,
                                  .subnqn = strdup(nqn),
                                  .traddr = strdup("192.0.2.9") },
                };
        }
        return page;
}

static LogChanges make_page(size_t n_told, size_t n_entries, bool finished)
{
        return make_page_of("192.0.2.1", n_told, n_entries, finished);
}

static int take_page(DcTable *t, LogChanges page)
{
        int r = dc_table_take(t, &page, 1);

        log_changes_done(&page);
        return r;
}

static void begin_words(DcTable *t, Words *w)
{
        LogChanges page = make_page(3, 3, true);

        *w = (Words) { 0 };
        page.whole = true;
        dc_table_init(t, take_word, w);
        assert_int_equal(dc_table_set_host(t, (DlpeHost) { "nqn.host", false, false }), 0);
        assert_int_equal(take_page(t, page), 0);
        assert_int_equal(w->log, SOURCE_COMPLETE);
        assert_int_equal(w->n_entries, 3);
        assert_int_equal(w->list, SOURCE_COMPLETE);
        w->n_words = 0;
}

static void test_a_log_counts_once_it_is_finished(void **state)
{
        DcTable t;
        Words w;

        begin_words(&t, &w);
        LogChanges page = make_page(1, 1, false);
        page.whole = page.more = true;
        page.complete = false;
        assert_int_equal(take_page(&t, page), 0);
        assert_int_equal(w.n_words, 0);
        assert_int_equal(take_page(&t, make_page(2, 2, true)), 0);
        assert_int_equal(w.n_words, 1);
        assert_int_equal(w.n_entries, 2);
        assert_false(w.gone);
        dc_table_done(&t);
}

/* A moved entry is removed by one page, and added by the next. */
static void test_half_a_log_takes_nothing_away(void **state)
{
        DcTable t;
        Words w;

        begin_words(&t, &w);
        LogChanges page = make_page(0, 3, false);
        page.more = true;
        assert_int_equal(changed_log_add_gone(&page.logs[0], 1), 0);
        assert_int_equal(take_page(&t, page), 0);
        assert_int_equal(w.n_words, 0);
        assert_int_equal(dc_table_set_host(&t, (DlpeHost) { "nqn.other", false, false }), 0);
        assert_int_equal(w.log, SOURCE_PARTIAL);
        assert_int_equal(dc_table_doubt(&t), 0);
        assert_int_equal(w.log, SOURCE_UNKNOWN);
        dc_table_done(&t);
}

static void test_what_is_doubted_and_not_told_anew_is_certain_again(void **state)
{
        DcTable t;
        Words w;

        begin_words(&t, &w);
        assert_int_equal(dc_table_doubt(&t), 0);
        assert_int_equal(w.log, SOURCE_UNKNOWN);
        assert_int_equal(w.list, SOURCE_UNKNOWN);
        assert_int_equal(take_page(&t, (LogChanges) { .complete = true }), 0);
        assert_int_equal(w.log, SOURCE_COMPLETE);
        assert_int_equal(w.n_entries, 3);
        assert_int_equal(w.list, SOURCE_COMPLETE);
        dc_table_done(&t);
}

/* Its entries differ from stafd's, or the last page is not the last. */
static void test_what_does_not_fit_is_refused(void **state)
{
        DcTable t;
        Words w;

        begin_words(&t, &w);
        assert_int_equal(take_page(&t, make_page(1, 4, true)), -EBADMSG);
        assert_int_equal(w.n_words, 0);
        dc_table_done(&t);
        begin_words(&t, &w);
        assert_int_equal(take_page(&t, make_page(3, 3, false)), -EBADMSG);
        assert_int_equal(w.n_words, 0);
        assert_false(w.gone);
        dc_table_done(&t);
}

static void test_an_entry_that_is_not_understood_makes_its_log_partial(void **state)
{
        DcTable t;
        Words w;

        begin_words(&t, &w);
        LogChanges page = make_page(1, 3, true);
        dlpe_done(&page.logs[0].entries[0].dlpe);
        page.logs[0].entries[0].damaged = true;
        assert_int_equal(take_page(&t, page), 0);
        assert_int_equal(w.log, SOURCE_PARTIAL);
        assert_int_equal(w.n_entries, 2);
        assert_int_equal(take_page(&t, make_page(1, 3, true)), 0);
        assert_int_equal(w.log, SOURCE_COMPLETE);
        assert_int_equal(w.n_entries, 3);
        dc_table_done(&t);
}

static void test_a_hole_is_there_until_all_is_told_anew(void **state)
{
        DcTable t;
        Words w;

        begin_words(&t, &w);
        assert_int_equal(take_page(&t, (LogChanges) { .complete = true, .has_hole = true }), 0);
        assert_int_equal(w.list, SOURCE_PARTIAL);
        assert_int_equal(take_page(&t, (LogChanges) { .complete = true }), 0);
        assert_int_equal(w.list, SOURCE_PARTIAL);
        LogChanges page = make_page(3, 3, true);
        page.whole = true;
        assert_int_equal(take_page(&t, page), 0);
        assert_int_equal(w.list, SOURCE_COMPLETE);
        dc_table_done(&t);
}

/* Entries without room are not removed, and are requested once there is room. */
static void test_a_log_that_is_too_long_is_partial(void **state)
{
        const size_t n = STAFD_ENTRIES_MAX + 1;
        DcTable t;
        Words w;

        begin_words(&t, &w);
        assert_int_equal(take_page(&t, make_page(n, n, true)), 0);
        assert_int_equal(w.log, SOURCE_PARTIAL);
        assert_int_equal(w.n_entries, STAFD_ENTRIES_MAX);
        assert_true(dc_table_is_full(&t));
        assert_false(dc_table_wants_all(&t));
        /* Its changes are ignored until then. */
        assert_int_equal(take_page(&t, make_page(1, n - 1, true)), 0);
        assert_int_equal(w.log, SOURCE_PARTIAL);
        dc_table_done(&t);
}

static void test_all_is_asked_for_when_there_is_room(void **state)
{
        static const char *const traddrs[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4",
                                               "192.0.2.5" };
        LogChanges page = { .complete = true };
        DcTable t;
        Tid *gone;
        Words w;

        begin_words(&t, &w);
        for (size_t i = 0; i < ELEMENTSOF(traddrs); i++) {
                page = make_page_of(traddrs[i], 16000, 16000, true);
                page.complete = false;
                page.more = true;
                assert_int_equal(take_page(&t, page), 0);
        }
        assert_int_equal(w.log, SOURCE_PARTIAL);
        assert_int_equal(w.n_entries, STAFD_ALL_ENTRIES_MAX - 4 * 16000);
        assert_false(dc_table_wants_all(&t));
        assert_int_equal(tid_dup(t.dcs[0]->tid, &gone), 0);
        page = (LogChanges) { .complete = true };
        assert_int_equal(log_changes_add_gone(&page, gone), 0);
        assert_int_equal(take_page(&t, page), 0);
        assert_true(dc_table_wants_all(&t));
        dc_table_done(&t);
}

static void test_what_is_not_told_of_the_whole_is_gone(void **state)
{
        DcTable t;
        Words w;

        begin_words(&t, &w);
        assert_int_equal(take_page(&t, (LogChanges) { .whole = true, .more = true }), 0);
        assert_false(w.gone);
        assert_int_equal(take_page(&t, (LogChanges) { .complete = false }), 0);
        assert_false(w.gone);
        assert_int_equal(w.log, SOURCE_UNKNOWN);
        assert_int_equal(w.n_entries, 3);
        assert_int_equal(take_page(&t, (LogChanges) { .complete = true }), 0);
        assert_true(w.gone);
        dc_table_done(&t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_all_are_others_now),
                cmocka_unit_test(test_all_logs_together_are_bounded),
                cmocka_unit_test(test_names_of_a_log_are_bounded),
                cmocka_unit_test(test_a_log_counts_once_it_is_finished),
                cmocka_unit_test(test_half_a_log_takes_nothing_away),
                cmocka_unit_test(test_what_is_doubted_and_not_told_anew_is_certain_again),
                cmocka_unit_test(test_what_does_not_fit_is_refused),
                cmocka_unit_test(test_an_entry_that_is_not_understood_makes_its_log_partial),
                cmocka_unit_test(test_a_hole_is_there_until_all_is_told_anew),
                cmocka_unit_test(test_a_log_that_is_too_long_is_partial),
                cmocka_unit_test(test_all_is_asked_for_when_there_is_room),
                cmocka_unit_test(test_what_is_not_told_of_the_whole_is_gone),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/publication.h"

#include <stdio.h>
#include <string.h>

#include "base/testing.h"
#include "base/text.h"

enum {
        N_DCS = 3,
        N_NAMES = 64,
        N_ENTRIES = 20000
};

/* A client: what it has received for each discovery controller 192.0.2.N, and whether that log is
 * complete. */
typedef struct Follower {
        LogCursor at;
        struct {
                bool is_there, is_finished;
                size_t n_entries; /* as received */
                LogEntry *entries;
                size_t n;
        } logs[N_DCS];
        size_t n_told, n_gone, n_pages, n_wholes;
} Follower;

static Tid *dc_tid(size_t dc)
{
        char traddr[32];
        const TidFields f = { .transport = "tcp", .traddr = traddr };
        Tid *tid;

        (void) snprintf(traddr, sizeof(traddr), "192.0.2.%zu", dc);
        assert_int_equal(tid_new(&f, CONTROLLER_DISCOVERY, &tid), 0);
        return tid;
}

static size_t dc_of(const Tid *tid)
{
        return (size_t) strtoul(text_after(tid->traddr, "192.0.2."), NULL, 10);
}

static void put_log(Publication *p, size_t dc, uint64_t generation, const DiscoveryLog *log)
{
        Tid *tid = dc_tid(dc);

        assert_int_equal(publication_put(p, tid, "nvme0", SOURCE_COMPLETE, generation, log), 0);
        (void) tid_free(tid);
}

/* Each character is the name of an entry. */
static void put(Publication *p, size_t dc, uint64_t generation, const char *names)
{
        DlpEntry entries[N_NAMES] = { 0 };
        char texts[N_NAMES][2] = { 0 };
        DiscoveryLog log = { .entries = entries };

        for (; names[log.n_entries]; log.n_entries++) {
                texts[log.n_entries][0] = names[log.n_entries];
                entries[log.n_entries] = (DlpEntry) { .subtype = DLPE_NVME,
                                                      .subnqn = texts[log.n_entries],
                                                      .traddr = (char *) "192.0.2.50" };
        }
        put_log(p, dc, generation, &log);
}

static void put_many(Publication *p, size_t dc, uint64_t generation, size_t n)
{
        static DlpEntry entries[N_ENTRIES];
        static char texts[N_ENTRIES][8];
        const DiscoveryLog log = { .entries = entries, .n_entries = n };

        for (size_t i = 0; i < n; i++) {
                (void) snprintf(texts[i], sizeof(texts[i]), "%zu", i);
                entries[i] = (DlpEntry) { .subnqn = texts[i], .traddr = texts[i] };
        }
        put_log(p, dc, generation, &log);
}

static void forget(Follower *f, size_t dc)
{
        log_entries_free(f->logs[dc].entries, f->logs[dc].n);
        f->logs[dc].entries = NULL;
        f->logs[dc].n = 0;
        f->logs[dc].is_there = f->logs[dc].is_finished = false;
}

static void forget_all(Follower *f)
{
        for (size_t i = 0; i < N_DCS; i++)
                forget(f, i);
}

static void drop(Follower *f, size_t dc, uint64_t position)
{
        LogEntry *entries = f->logs[dc].entries;

        for (size_t i = 0; i < f->logs[dc].n; i++)
                if (entries[i].position == position) {
                        dlpe_done(&entries[i].dlpe);
                        entries[i] = entries[--f->logs[dc].n];
                        return;
                }
}

static int compare_positions(const void *a, const void *b)
{
        const LogEntry *x = a, *y = b;

        return x->position < y->position ? -1 : x->position > y->position;
}

static void take_log(Follower *f, ChangedLog *l)
{
        size_t dc = dc_of(l->dc);

        for (size_t i = 0; i < l->n_gone; i++)
                drop(f, dc, l->gone[i]);
        size_t n = f->logs[dc].n + l->n_changed;
        f->logs[dc].entries = realloc(f->logs[dc].entries, (n + 1) * sizeof(LogEntry));
        assert_non_null(f->logs[dc].entries);
        for (size_t i = 0; i < l->n_changed; i++) {
                drop(f, dc, l->entries[i].position);
                f->logs[dc].entries[f->logs[dc].n++] = l->entries[i];
                l->entries[i] = (LogEntry) { 0 };
        }
        f->n_told += l->n_changed;
        f->n_gone += l->n_gone;
        f->logs[dc].is_there = true;
        f->logs[dc].is_finished = l->finished;
        if (l->finished)
                assert_int_equal(f->logs[dc].n, l->n_entries);
}

/* Returns true if more pages follow. */
static bool take_page(Follower *f, Publication *p)
{
        _cleanup_log_changes_ LogChanges page = { 0 };

        assert_int_equal(publication_page(p, f->at, &page), 0);
        f->at = page.next;
        f->n_pages++;
        f->n_wholes += page.whole;
        if (page.whole)
                forget_all(f);
        for (size_t i = 0; i < page.n_gone; i++)
                forget(f, dc_of(page.gone[i]));
        for (size_t i = 0; i < page.n_logs; i++)
                take_log(f, &page.logs[i]);
        assert_false(page.more && page.complete);
        return page.more;
}

static void assert_log(Follower *f, size_t dc, const char *names)
{
        char known[N_NAMES] = "";

        qsort(f->logs[dc].entries, f->logs[dc].n, sizeof(LogEntry), compare_positions);
        for (size_t i = 0; i < f->logs[dc].n; i++)
                known[i] = f->logs[dc].entries[i].dlpe.subnqn[0];
        assert_true(f->logs[dc].is_finished);
        assert_string_equal(known, names);
}

/* Discovery controller 0 has this log; fetches all changes and expects this many changed and
 * removed entries. */
static void expect(Follower *f, Publication *p, const char *names, size_t n_told, size_t n_gone)
{
        static uint64_t generation;

        f->n_told = f->n_gone = 0;
        publication_begin(p);
        put(p, 0, ++generation, names);
        assert_int_equal(publication_end(p, true), 0);
        while (take_page(f, p))
                ;
        assert_log(f, 0, names);
        assert_int_equal(f->n_told, n_told);
        assert_int_equal(f->n_gone, n_gone);
}

static Publication *make(size_t page_max)
{
        Publication *p;

        assert_int_equal(publication_new(7, page_max, &p), 0);
        return p;
}

static void test_only_what_changed_is_told(void **state)
{
        Publication *p = make(100);
        Follower f = { 0 };

        expect(&f, p, "abcdef", 6, 0);
        expect(&f, p, "abcdef", 0, 0);
        expect(&f, p, "abxcdef", 1, 0);
        expect(&f, p, "yabxcdefz", 2, 0);
        expect(&f, p, "yabcdefz", 0, 1);
        expect(&f, p, "fyabcdez", 1, 1);
        expect(&f, p, "yabcdezf", 1, 1);
        expect(&f, p, "", 0, 8);
        expect(&f, p, "aaab", 4, 0);
        expect(&f, p, "aab", 0, 1);
        assert_int_equal(f.n_wholes, 1);
        forget_all(&f);
        (void) publication_free(p);
}

/* Its identity and its position stay. */
static void test_an_entry_that_is_not_as_before_is_told(void **state)
{
        DlpEntry entry = { .subtype = DLPE_NVME, .subnqn = (char *) "a", .traddr = (char *) "b" };
        const DiscoveryLog log = { .entries = &entry, .n_entries = 1 };
        Publication *p = make(100);
        Follower f = { 0 };
        uint64_t position = 0;

        for (uint64_t generation = 1; generation <= 2; generation++) {
                publication_begin(p);
                put_log(p, 0, generation, &log);
                assert_int_equal(publication_end(p, true), 0);
                assert_false(take_page(&f, p));
                assert_int_equal(f.n_told, generation);
                assert_int_equal(f.logs[0].entries[0].dlpe.eflags, entry.eflags);
                assert_int_equal(f.logs[0].entries[0].dlpe.sectype, entry.sectype);
                assert_true(position == 0 || position == f.logs[0].entries[0].position);
                position = f.logs[0].entries[0].position;
                entry.eflags = DLPE_EFLAGS_NCC;
                entry.sectype = 2;
        }
        forget_all(&f);
        (void) publication_free(p);
}

/* Each is put before the previous one, which halves the gap. */
static void test_what_finds_no_place_between_gets_all_new_ones(void **state)
{
        Publication *p = make(100);
        Follower f = { 0 };
        size_t n_anew = 0;

        for (uint64_t i = 1; i <= 300; i++) {
                const char names[] = { 'a', (char) ('A' + i % 26), (char) ('A' + (i - 1) % 26), 'z',
                                       '\0' };
                publication_begin(p);
                put(p, 0, i, names);
                assert_int_equal(publication_end(p, true), 0);
                f.n_told = 0;
                assert_false(take_page(&f, p));
                assert_log(&f, 0, names);
                assert_true(f.n_told == 1 || f.n_told == 4);
                n_anew += f.n_told == 4;
        }
        assert_in_range(n_anew, 2, 10);
        assert_int_equal(f.n_wholes, 1);
        forget_all(&f);
        (void) publication_free(p);
}

static void test_another_run_and_the_future_are_told_the_whole(void **state)
{
        Publication *p = make(100);
        Follower f = { 0 };

        expect(&f, p, "ab", 2, 0);
        f.at.epoch++;
        expect(&f, p, "ab", 2, 0);
        f.at.generation += 100;
        expect(&f, p, "ab", 2, 0);
        assert_int_equal(f.n_wholes, 3);
        forget_all(&f);
        (void) publication_free(p);
}

/* No page is larger than the maximum, and a client that queries during many removals terminates. */
static void test_pages(void **state)
{
        Publication *p = make(LOG_CHANGES_MAX);
        Follower f = { 0 }, late = { 0 };

        for (uint64_t generation = 1; generation <= 6; generation++) {
                publication_begin(p);
                put_many(p, 0, generation, generation % 2 ? 16384 : 0);
                put(p, 1, 1, "ab");
                assert_int_equal(publication_end(p, true), 0);
                while (take_page(&f, p)) {
                        assert_true(f.n_told <= LOG_CHANGES_MAX);
                        f.n_told = 0;
                        publication_begin(p);
                        put_many(p, 0, generation, generation % 2 ? 16384 : 0);
                        put(p, 1, 1, "ab");
                        assert_int_equal(publication_end(p, true), 0);
                }
                assert_int_equal(f.logs[0].n, generation % 2 ? 16384 : 0);
                assert_true(f.logs[0].is_finished && f.logs[1].is_finished);
        }
        assert_int_equal(f.n_wholes, 1);
        while (take_page(&late, p))
                ;
        assert_int_equal(late.n_wholes, 1);
        assert_int_equal(late.logs[0].n, 0);
        assert_log(&late, 1, "ab");
        forget_all(&f);
        forget_all(&late);
        (void) publication_free(p);
}

/* More has been removed than is remembered: an older client gets the complete state. */
static void test_who_is_too_late_is_told_the_whole(void **state)
{
        Publication *p = make(LOG_CHANGES_MAX);
        Follower f = { 0 };

        for (uint64_t generation = 1; generation <= 4; generation++) {
                publication_begin(p);
                put_many(p, 0, generation, generation % 2 ? 10000 : 0);
                assert_int_equal(publication_end(p, true), 0);
                while (generation == 1 && take_page(&f, p))
                        ;
        }
        while (take_page(&f, p))
                ;
        assert_int_equal(f.n_wholes, 2);
        assert_int_equal(f.logs[0].n, 0);
        forget_all(&f);
        (void) publication_free(p);
}

static void test_what_is_not_put_is_gone(void **state)
{
        Publication *p = make(100);
        Follower f = { 0 };

        publication_begin(p);
        put(p, 0, 1, "ab");
        put(p, 1, 1, "cd");
        assert_int_equal(publication_end(p, true), 0);
        assert_false(take_page(&f, p));
        publication_begin(p);
        put(p, 1, 1, "cd");
        assert_int_equal(publication_end(p, true), 0);
        assert_false(take_page(&f, p));
        assert_false(f.logs[0].is_there);
        assert_log(&f, 1, "cd");
        publication_begin(p);
        put(p, 0, 1, "e");
        assert_int_equal(publication_end(p, true), 0);
        assert_false(take_page(&f, p));
        assert_log(&f, 0, "e");
        assert_false(f.logs[1].is_there);
        forget_all(&f);
        (void) publication_free(p);
}

/* The controller was forgotten and came back before any query: its generation may be the same. */
static void test_generations_that_begin_anew_are_not_believed(void **state)
{
        Publication *p = make(100);
        Follower f = { 0 };
        Tid *dc = dc_tid(0);

        for (int i = 0; i < 2; i++) {
                publication_begin(p);
                put(p, 0, 1, i == 0 ? "ab" : "ac");
                assert_int_equal(publication_end(p, true), 0);
                assert_false(take_page(&f, p));
                publication_renew(p, dc);
        }
        assert_log(&f, 0, "ac");
        assert_int_equal(f.n_told, 3);
        (void) tid_free(dc);
        forget_all(&f);
        (void) publication_free(p);
}

/* ---- random changes ---- */

static unsigned next_random(uint64_t *seed)
{
        *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        return (unsigned) (*seed >> 33);
}

static void edit(char *names, uint64_t *seed)
{
        size_t n = strlen(names), at = next_random(seed) % (n + 1);

        switch (next_random(seed) % 5) {
        case 0:
                if (n < 20) {
                        memmove(names + at + 1, names + at, n - at + 1);
                        names[at] = (char) ('a' + next_random(seed) % 26);
                }
                break;
        case 1:
                if (at < n)
                        memmove(names + at, names + at + 1, n - at);
                break;
        case 2: /* reverse */
                for (size_t i = at, j = n; i + 1 < j; i++) {
                        char c = names[--j];
                        names[j] = names[i];
                        names[i] = c;
                }
                break;
        case 3: /* move one to the front */
                if (at < n) {
                        char c = names[at];
                        memmove(names + 1, names, at);
                        names[0] = c;
                }
                break;
        default:
                if (next_random(seed) % 10 == 0)
                        names[at] = '\0';
        }
}

static void test_whatever_happens_all_is_known_in_the_end(void **state)
{
        char names[N_DCS][N_NAMES] = { "" };
        uint64_t generations[N_DCS] = { 0 }, seed = 1;
        bool is_there[N_DCS] = { false };
        Publication *p = make(3);
        Follower f = { 0 };

        for (size_t step = 0; step < 20000; step++) {
                size_t dc = next_random(&seed) % N_DCS;
                if (next_random(&seed) % 2) {
                        edit(names[dc], &seed);
                        generations[dc]++;
                }
                if (next_random(&seed) % 20 == 0)
                        is_there[dc] = !is_there[dc];
                if (next_random(&seed) % 100 == 0)
                        f.at = (LogCursor) { 0 };
                for (size_t i = 0; i < 8; i++) {
                        publication_begin(p);
                        for (size_t j = 0; j < N_DCS; j++)
                                if (is_there[j])
                                        put(p, j, generations[j], names[j]);
                        assert_int_equal(publication_end(p, true), 0);
                        bool more = take_page(&f, p);
                        for (size_t j = 0; !more && j < N_DCS; j++) {
                                assert_int_equal(f.logs[j].is_there, is_there[j]);
                                if (is_there[j])
                                        assert_log(&f, j, names[j]);
                        }
                        if (!more || next_random(&seed) % 4 == 0)
                                break;
                }
        }
        forget_all(&f);
        (void) publication_free(p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_only_what_changed_is_told),
                cmocka_unit_test(test_an_entry_that_is_not_as_before_is_told),
                cmocka_unit_test(test_what_finds_no_place_between_gets_all_new_ones),
                cmocka_unit_test(test_another_run_and_the_future_are_told_the_whole),
                cmocka_unit_test(test_pages),
                cmocka_unit_test(test_who_is_too_late_is_told_the_whole),
                cmocka_unit_test(test_what_is_not_put_is_gone),
                cmocka_unit_test(test_generations_that_begin_anew_are_not_believed),
                cmocka_unit_test(test_whatever_happens_all_is_known_in_the_end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

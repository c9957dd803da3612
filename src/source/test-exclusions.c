/* SPDX-License-Identifier: Apache-2.0 */

/* The host-wide exclusion list and its watch, with files of the test's own. */

#include "source/exclusions.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"
#include "codec/testing.h"
#include "source/exclusions_watch.h"

/* A directory that stands for /etc; "nvme" in it need not exist. */
typedef struct Etc {
        char path[64], conf[128];
        sd_event *event;
        ExclusionsWatch *watch;
        unsigned n_calls;
        ExcludeList list; /* as read by the last call */
} Etc;

static int set_up(void **state)
{
        Etc *e = calloc(1, sizeof(*e));

        assert_non_null(e);
        strcpy(e->path, "/tmp/test-exclusions-XXXXXX");
        assert_non_null(mkdtemp(e->path));
        (void) snprintf(e->conf, sizeof(e->conf), "%s/nvme/exclusions.conf", e->path);
        assert_true(sd_event_new(&e->event) >= 0);
        *state = e;
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        return remove(path);
}

static int tear_down(void **state)
{
        Etc *e = *state;

        (void) exclusions_watch_free(e->watch);
        (void) sd_event_unref(e->event);
        exclude_list_done(&e->list);
        assert_int_equal(nftw(e->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
        free(e);
        return 0;
}

static const char *path_in(const Etc *e, const char *name)
{
        static char paths[2][256];
        static unsigned turn;
        char *path = paths[turn++ % 2];

        (void) snprintf(path, sizeof(paths[0]), "%s/%s", e->path, name);
        return path;
}

static void make_folder(const Etc *e, const char *name)
{
        assert_int_equal(mkdir(path_in(e, name), 0755), 0);
}

static void write_text(const Etc *e, const char *name, const char *text)
{
        FILE *f = fopen(path_in(e, name), "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static void exclude(const Etc *e, const char *name, const char *nqn)
{
        char text[256];

        (void) snprintf(text, sizeof(text), "[exclusions]\nexclusion = nqn=%s\n", nqn);
        write_text(e, name, text);
}

static void rename_in(const Etc *e, const char *from, const char *to)
{
        assert_int_equal(rename(path_in(e, from), path_in(e, to)), 0);
}

/* "nqn.a nqn.b" */
static char *nqns_of(const ExcludeList *l)
{
        TextBuffer b = { 0 };

        for (size_t i = 0; i < l->n_rules; i++)
                text_buffer_printf(&b, "%s%s", i > 0 ? " " : "",
                                   text_or(l->rules[i].subsysnqn, "?"));
        return text_buffer_take(&b);
}

static void test_nothing_there_is_an_empty_list(void **state)
{
        Etc *e = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };

        assert_int_equal(exclusions_load(e->conf, NULL, NULL, &e->list, &d), 0);
        assert_int_equal(e->list.n_rules, 0);
        assert_int_equal(d.n_items, 0);
}

static void test_the_file_then_drop_ins_sorted(void **state)
{
        Etc *e = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };

        make_folder(e, "nvme");
        make_folder(e, "nvme/exclusions.conf.d");
        exclude(e, "nvme/exclusions.conf.d/lab.conf", "nqn.c");
        exclude(e, "nvme/exclusions.conf.d/a.conf", "nqn.b");
        exclude(e, "nvme/exclusions.conf", "nqn.a");
        exclude(e, "nvme/exclusions.conf.d/a.conf~", "nqn.x");
        exclude(e, "nvme/exclusions.conf.d/.hidden.conf", "nqn.0"); /* libnvme reads it */
        exclude(e, "nvme/exclusions.conf.d/.conf", "nqn.y");

        assert_int_equal(exclusions_load(e->conf, NULL, NULL, &e->list, &d), 0);
        _cleanup_free_ char *nqns = nqns_of(&e->list);
        assert_string_equal(nqns, "nqn.a nqn.0 nqn.b nqn.c");
        assert_string_equal(e->list.rules[3].where + strlen(e->path),
                            "/nvme/exclusions.conf.d/lab.conf:2");
        assert_int_equal(d.n_items, 0);
}

static void test_what_cannot_be_read_is_a_warning(void **state)
{
        Etc *e = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };

        make_folder(e, "nvme");
        make_folder(e, "nvme/exclusions.conf");
        make_folder(e, "nvme/exclusions.conf.d");
        exclude(e, "nvme/exclusions.conf.d/a.conf", "nqn.a");

        assert_int_equal(exclusions_load(e->conf, NULL, NULL, &e->list, &d), 0);
        _cleanup_free_ char *nqns = nqns_of(&e->list);
        assert_string_equal(nqns, "nqn.a");
        assert_int_equal(d.n_items, 1);
        assert_false(diagnostics_has_errors(&d));
        assert_string_equal(d.items[0].reason, "cannot be read: Is a directory");
}

static void test_what_cannot_be_read_now_remains_in_force(void **state)
{
        Etc *e = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(exclude_list_done) ExcludeList last = { 0 };

        make_folder(e, "nvme");
        make_folder(e, "nvme/exclusions.conf.d");
        exclude(e, "nvme/exclusions.conf", "nqn.a");
        exclude(e, "nvme/exclusions.conf.d/a.conf", "nqn.b");
        exclude(e, "nvme/exclusions.conf.d/b.conf", "nqn.c");
        assert_int_equal(exclusions_load(e->conf, NULL, NULL, &last, &d), 0);

        rename_in(e, "nvme/exclusions.conf", "nvme/old");
        make_folder(e, "nvme/exclusions.conf");
        assert_int_equal(unlink(path_in(e, "nvme/exclusions.conf.d/a.conf")), 0);
        assert_int_equal(exclusions_load(e->conf, NULL, &last, &e->list, &d), 0);
        _cleanup_free_ char *nqns = nqns_of(&e->list);
        assert_string_equal(nqns, "nqn.c nqn.a"); /* a.conf was deleted */
        assert_int_equal(d.n_items, 1);
}

static void test_the_hosts_id_decides(void **state)
{
        Etc *e = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };

        make_folder(e, "nvme");
        write_text(
                e, "nvme/exclusions.conf",
                "[exclusions]\nexclusion = nqn=nqn.a;hostid=1\nexclusion = nqn=nqn.b;hostid=2\n");
        assert_int_equal(exclusions_load(e->conf, "2", NULL, &e->list, &d), 0);
        _cleanup_free_ char *nqns = nqns_of(&e->list);
        assert_string_equal(nqns, "nqn.b");
}

static void on_change(int error, void *userdata)
{
        Etc *e = userdata;
        _cleanup_diagnostics_ Diagnostics d = { 0 };

        assert_int_equal(error, 0);
        exclude_list_done(&e->list);
        assert_int_equal(exclusions_load(e->conf, NULL, NULL, &e->list, &d), 0);
        e->n_calls++;
}

static usec_t clock_of(const Etc *e)
{
        uint64_t now;

        assert_true(sd_event_now(e->event, CLOCK_MONOTONIC, &now) >= 0);
        return now;
}

static void run_until_called(Etc *e)
{
        unsigned n = e->n_calls;
        usec_t end = clock_of(e) + 60 * USEC_PER_SEC;

        while (e->n_calls == n) {
                assert_true(sd_event_run(e->event, 1 * USEC_PER_SEC) >= 0);
                assert_true(clock_of(e) < end);
        }
}

/* Checks that no unneeded call is made. */
static void expect_no_call(Etc *e)
{
        unsigned n = e->n_calls;

        for (unsigned i = 0; i < 4; i++)
                assert_true(sd_event_run(e->event, EXCLUSIONS_QUIET_USEC) >= 0);
        assert_int_equal(e->n_calls, n);
}

static void watch(Etc *e)
{
        assert_int_equal(exclusions_watch_new(e->event, e->conf, on_change, e, &e->watch), 0);
        run_until_called(e);
}

static void expect_list(Etc *e, const char *expected)
{
        run_until_called(e);
        _cleanup_free_ char *nqns = nqns_of(&e->list);
        assert_string_equal(nqns, expected);
}

static void test_a_file_comes_changes_and_goes(void **state)
{
        Etc *e = *state;

        make_folder(e, "nvme");
        watch(e);
        expect_no_call(e);
        exclude(e, "nvme/exclusions.conf", "nqn.a");
        expect_list(e, "nqn.a");
        exclude(e, "nvme/exclusions.conf", "nqn.b");
        expect_list(e, "nqn.b");
        assert_int_equal(unlink(path_in(e, "nvme/exclusions.conf")), 0);
        expect_list(e, "");
}

static void test_a_file_is_replaced(void **state)
{
        Etc *e = *state;

        make_folder(e, "nvme");
        exclude(e, "nvme/exclusions.conf", "nqn.a");
        watch(e);
        for (unsigned i = 0; i < 3; i++) {
                char nqn[16];

                (void) snprintf(nqn, sizeof(nqn), "nqn.%u", i);
                exclude(e, "new", nqn);
                rename_in(e, "new", "nvme/exclusions.conf");
                expect_list(e, nqn);
        }
}

static void test_drop_ins_come_and_go(void **state)
{
        Etc *e = *state;

        make_folder(e, "nvme");
        exclude(e, "nvme/exclusions.conf", "nqn.a");
        watch(e);
        make_folder(e, "nvme/exclusions.conf.d");
        exclude(e, "nvme/exclusions.conf.d/x.conf", "nqn.b");
        expect_list(e, "nqn.a nqn.b");
        exclude(e, "nvme/exclusions.conf.d/x.conf", "nqn.c");
        expect_list(e, "nqn.a nqn.c");

        make_folder(e, "d");
        exclude(e, "d/y.conf", "nqn.d");
        rename_in(e, "nvme/exclusions.conf.d", "old");
        rename_in(e, "d", "nvme/exclusions.conf.d");
        expect_list(e, "nqn.a nqn.d");
        exclude(e, "nvme/exclusions.conf.d/y.conf", "nqn.e");
        expect_list(e, "nqn.a nqn.e");
        exclude(e, "old/x.conf", "nqn.f");
        expect_no_call(e);
}

static void test_the_folder_comes_later(void **state)
{
        Etc *e = *state;

        watch(e);
        make_folder(e, "other"); /* unrelated */
        exclude(e, "other/exclusions.conf", "nqn.x");
        expect_no_call(e);

        make_folder(e, "nvme");
        run_until_called(e);
        exclude(e, "nvme/exclusions.conf", "nqn.a");
        expect_list(e, "nqn.a");

        rename_in(e, "nvme", "gone");
        expect_list(e, "");
        rename_in(e, "other", "nvme");
        expect_list(e, "nqn.x");
        exclude(e, "nvme/exclusions.conf", "nqn.y");
        expect_list(e, "nqn.y");
}

static void test_an_unreadable_file_made_readable(void **state)
{
        Etc *e = *state;

        make_folder(e, "nvme");
        exclude(e, "nvme/exclusions.conf", "nqn.a");
        watch(e);
        assert_int_equal(chmod(path_in(e, "nvme/exclusions.conf"), 0600), 0);
        expect_list(e, "nqn.a");
}

/* A connect must wait for it. */
static void test_a_change_is_pending_until_it_is_read(void **state)
{
        Etc *e = *state;

        assert_false(exclusions_watch_is_pending(NULL));
        make_folder(e, "nvme");
        watch(e);
        assert_false(exclusions_watch_is_pending(e->watch));
        exclude(e, "nvme/exclusions.conf", "nqn.a");
        assert_true(sd_event_run(e->event, 0) > 0);
        assert_true(exclusions_watch_is_pending(e->watch));
        expect_list(e, "nqn.a");
        assert_false(exclusions_watch_is_pending(e->watch));
}

static void test_the_first_call_keeps_nobody_waiting(void **state)
{
        Etc *e = *state;

        make_folder(e, "nvme");
        assert_int_equal(exclusions_watch_new(e->event, e->conf, on_change, e, &e->watch), 0);
        assert_true(exclusions_watch_is_pending(e->watch));
        assert_true(sd_event_run(e->event, EXCLUSIONS_QUIET_USEC / 2) > 0);
        assert_int_equal(e->n_calls, 1);
}

static void test_other_files_are_not_its_business(void **state)
{
        Etc *e = *state;

        make_folder(e, "nvme");
        watch(e);
        exclude(e, "nvme/hostnqn", "nqn.a");
        exclude(e, "nvme/exclusions.conf.new", "nqn.a");
        expect_no_call(e);
}

static void test_a_burst_is_one_call(void **state)
{
        Etc *e = *state;

        make_folder(e, "nvme");
        watch(e);
        for (unsigned i = 0; i < 200; i++) {
                char nqn[16];

                (void) snprintf(nqn, sizeof(nqn), "nqn.%u", i);
                exclude(e, "nvme/exclusions.conf", nqn);
        }
        unsigned n = e->n_calls;
        expect_list(e, "nqn.199");
        expect_no_call(e);
        assert_int_equal(e->n_calls, n + 1);
}

/* A writer cannot delay a call indefinitely. */
static void test_an_endless_burst_has_calls(void **state)
{
        Etc *e = *state;
        unsigned n;

        make_folder(e, "nvme");
        watch(e);
        n = e->n_calls;
        for (usec_t end = clock_of(e) + 5 * EXCLUSIONS_LATEST_USEC;
             e->n_calls == n && clock_of(e) < end;) {
                exclude(e, "nvme/exclusions.conf", "nqn.a");
                assert_true(sd_event_run(e->event, EXCLUSIONS_QUIET_USEC / 10) >= 0);
        }
        assert_int_equal(e->n_calls, n + 1);
}

static void test_what_is_being_written_is_not_read(void **state)
{
        Etc *e = *state;
        FILE *f;

        make_folder(e, "nvme");
        exclude(e, "nvme/exclusions.conf", "nqn.a");
        watch(e);
        f = fopen(path_in(e, "nvme/exclusions.conf"), "we"); /* it is empty now */
        assert_non_null(f);
        expect_no_call(e);
        assert_true(fputs("[exclusions]\nexclusion = nqn=nqn.b\n", f) >= 0);
        assert_int_equal(fflush(f), 0);
        expect_no_call(e);
        assert_int_equal(fclose(f), 0);
        expect_list(e, "nqn.b");
}

static void test_paths_that_cannot_be_watched(void **state)
{
        Etc *e = *state;
        ExclusionsWatch *w = NULL;

        assert_int_equal(exclusions_watch_new(e->event, "exclusions.conf", on_change, e, &w),
                         -EINVAL);
        assert_int_equal(
                exclusions_watch_new(e->event, path_in(e, "no/nvme/x.conf"), on_change, e, &w),
                -ENOENT);
        assert_null(w);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_nothing_there_is_an_empty_list),
                TEST(test_the_file_then_drop_ins_sorted),
                TEST(test_what_cannot_be_read_is_a_warning),
                TEST(test_what_cannot_be_read_now_remains_in_force),
                TEST(test_the_hosts_id_decides),
                TEST(test_a_file_comes_changes_and_goes),
                TEST(test_a_file_is_replaced),
                TEST(test_drop_ins_come_and_go),
                TEST(test_the_folder_comes_later),
                TEST(test_an_unreadable_file_made_readable),
                TEST(test_a_change_is_pending_until_it_is_read),
                TEST(test_the_first_call_keeps_nobody_waiting),
                TEST(test_other_files_are_not_its_business),
                TEST(test_a_burst_is_one_call),
                TEST(test_an_endless_burst_has_calls),
                TEST(test_what_is_being_written_is_not_read),
                TEST(test_paths_that_cannot_be_watched),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

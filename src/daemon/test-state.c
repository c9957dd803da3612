/* SPDX-License-Identifier: Apache-2.0 */

/* The state file is written off the loop; a connect waits for it, but not for a write that
 * hangs. */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/daemon.h"
#include "exec/clock.h"
#include "plan/test-story.h"
#include "source/last_known_file.h"

#define DEADLINE (60 * USEC_PER_SEC)

typedef struct Fixture {
        Daemon d;
        DaemonType type;
        char folder[64], file[96];
        Operation ended[32]; /* in order of completion */
        size_t n_ended;
} Fixture;

/* Replaces the C library's function, which the worker calls last. */
static int hold[2] = { -1, -1 }; /* each byte lets one call proceed */
static int rename_error;

int rename(const char *from, const char *to)
{
        char c;

        while (hold[0] >= 0 && read(hold[0], &c, 1) < 0 && errno == EINTR)
                ;
        if (rename_error != 0) {
                errno = rename_error;
                rename_error = 0;
                return -1;
        }
        return (int) syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static void begin_hold(void)
{
        assert_int_equal(pipe2(hold, O_CLOEXEC), 0);
}

static void release(void)
{
        assert_int_equal(write(hold[1], "a", 1), 1);
}

static void on_completion(Completion c, void *userdata)
{
        Fixture *f = userdata;

        assert_true(f->n_ended < ELEMENTSOF(f->ended));
        f->ended[f->n_ended++] = c.operation;
        if (c.operation == OPERATION_SAVE)
                state_saved(&f->d, c.error);
        else
                assert_int_equal(engine_complete(f->d.engine, c, daemon_now(&f->d)), 0);
        dispatch_waiting(&f->d);
}

static void fixture_begin(Fixture *f, Story *s)
{
        *f = (Fixture) { .type = { .name = "stacd", .role = CONTROLLER_IO } };
        (void) snprintf(f->folder, sizeof(f->folder), "/tmp/test-state-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        (void) snprintf(f->file, sizeof(f->file), "%s/state", f->folder);
        f->type.state_file = f->file;
        f->d = (Daemon) { .type = &f->type, .engine = s->engine };
        f->d.kernel.options_known = true;
        f->d.inputs.host = calloc(1, sizeof(*f->d.inputs.host));
        assert_non_null(f->d.inputs.host);
        f->d.inputs.host->nqn = strdup("nqn.host");
        f->d.inputs.host->id = strdup("01234567-89ab-cdef-0123-456789abcdef");
        const ExecutorConfig config = { .daemon = "stacd",
                                        .sysfs_root = f->folder,
                                        .dev_root = f->folder,
                                        .registry_root = f->folder };
        assert_int_equal(sd_event_new(&f->d.loop.event), 0);
        assert_true(sd_event_run(f->d.loop.event, 0) >= 0); /* the clock is constant within an
                                                             * iteration */
        assert_int_equal(
                executor_new(f->d.loop.event, &config, on_completion, f, &f->d.kernel.executor), 0);
}

static void fixture_end(Fixture *f)
{
        char path[128];

        (void) executor_free(f->d.kernel.executor);
        (void) tid_free(f->d.kernel.waiting_tid);
        inputs_done(&f->d.inputs);
        (void) sd_event_unref(f->d.loop.event);
        for (size_t i = 0; i < ELEMENTSOF(hold); i++)
                if (hold[i] >= 0)
                        assert_int_equal(close(hold[i]), 0);
        hold[0] = hold[1] = -1;
        (void) unlink(f->file);
        (void) snprintf(path, sizeof(path), "%s.new", f->file);
        (void) unlink(path);
        assert_int_equal(rmdir(f->folder), 0);
}

static void wait_ended(Fixture *f, size_t n)
{
        for (usec_t until = now_monotonic() + DEADLINE; f->n_ended < n;) {
                assert_true(sd_event_run(f->d.loop.event, 100 * USEC_PER_MSEC) >= 0);
                assert_true(now_monotonic() < until);
        }
}

/* A discovery log lists them. */
static void name(Story *s, Fixture *f, const char *names)
{
        SourceSet *set = story_set(s, "dc", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, names);

        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
        state_take_word(&f->d);
}

/* "a b" in the file, from source sets only. */
static void expect_file(const Fixture *f, const char *expected)
{
        _cleanup_last_known_ LastKnown l = { 0 };
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        assert_int_equal(last_known_file_peek(f->file, &l), 0);
        for (size_t i = 0; i < l.n_sets; i++)
                for (size_t k = 0; k < l.sets[i]->n_entries; k++)
                        text_buffer_printf(&b, "%s%s", b.length > 0 ? " " : "",
                                           strchr(l.sets[i]->entries[k].tid->subsysnqn, ':') + 1);
        assert_string_equal(text_or(b.data, ""), expected);
}

static bool has_words(Fixture *f)
{
        return state_has_words(&f->d, state_words(&f->d), daemon_now(&f->d));
}

static void test_what_is_wanted_is_in_the_file_before_a_connect(void **state)
{
        STORY(CONTROLLER_IO);
        Fixture f;

        fixture_begin(&f, &s);
        begin_hold();
        name(&s, &f, "a b");
        dispatch_plan(&f.d, story_plan(&s));
        assert_int_not_equal(f.d.kernel.waiting_op, 0);
        assert_true(dispatch_waits_until(&f.d) <= daemon_now(&f.d) + STATE_WAIT_USEC);
        dispatch_waiting(&f.d);
        assert_int_not_equal(f.d.kernel.waiting_op, 0);
        release();
        wait_ended(&f, 2);
        assert_int_equal(f.ended[0], OPERATION_SAVE);
        assert_int_equal(f.ended[1], OPERATION_CONNECT);
        assert_int_equal(f.d.kernel.waiting_op, 0);
        expect_file(&f, "a b");
        assert_true(has_words(&f));
        fixture_end(&f);
}

static void test_what_is_unwanted_meanwhile_is_not_connected(void **state)
{
        STORY(CONTROLLER_IO);
        Fixture f;

        fixture_begin(&f, &s);
        begin_hold();
        name(&s, &f, "a");
        dispatch_plan(&f.d, story_plan(&s));
        assert_int_equal(story_find(&s, "a")->op.operation, OPERATION_CONNECT);
        name(&s, &f, "");
        release();
        wait_ended(&f, 2);
        assert_int_equal(f.ended[1], OPERATION_CONNECT);
        assert_int_equal(f.d.kernel.waiting_op, 0);
        assert_int_equal(story_find(&s, "a")->op.operation, OPERATION_NONE);
        assert_int_equal(story_find(&s, "a")->attempts.last_error, -ECANCELED);
        assert_int_equal(executor_wait_for_files(f.d.kernel.executor, DEADLINE), 0);
        assert_int_equal(f.n_ended, 2);
        fixture_end(&f);
}

/* Changes while a file is being written go into the next one. */
static void test_news_are_in_the_next_file(void **state)
{
        STORY(CONTROLLER_IO);
        Fixture f;

        fixture_begin(&f, &s);
        begin_hold();
        name(&s, &f, "a");
        state_save(&f.d);
        name(&s, &f, "a b");
        assert_false(has_words(&f));
        release();
        wait_ended(&f, 1);
        expect_file(&f, "a");
        assert_false(has_words(&f));
        release();
        wait_ended(&f, 2);
        expect_file(&f, "a b");
        assert_true(has_words(&f));
        fixture_end(&f);
}

static void test_a_file_that_hangs_holds_no_connect_for_long(void **state)
{
        STORY(CONTROLLER_IO);
        Fixture f;

        fixture_begin(&f, &s);
        begin_hold();
        name(&s, &f, "a");
        dispatch_plan(&f.d, story_plan(&s));
        f.d.kernel.waiting_since -= STATE_WAIT_USEC;
        dispatch_waiting(&f.d);
        wait_ended(&f, 1);
        assert_int_equal(f.ended[0], OPERATION_CONNECT);

        /* While it hangs, the next connect does not wait at all. */
        f.d.loop.state.saving_since -= STATE_WAIT_USEC;
        name(&s, &f, "a b");
        assert_true(has_words(&f));
        release();
        release();
        wait_ended(&f, 3);
        expect_file(&f, "a b");
        fixture_end(&f);
}

static void test_a_file_that_cannot_be_written_holds_no_connect(void **state)
{
        STORY(CONTROLLER_IO);
        Fixture f;

        fixture_begin(&f, &s);
        name(&s, &f, "a");
        rename_error = EROFS;
        assert_false(has_words(&f));
        wait_ended(&f, 1);
        assert_true(has_words(&f)); /* and the write is retried */
        wait_ended(&f, 2);
        expect_file(&f, "a");
        fixture_end(&f);
}

static void test_the_end_waits_for_the_file_but_not_for_long(void **state)
{
        STORY(CONTROLLER_IO);
        Fixture f;

        fixture_begin(&f, &s);
        name(&s, &f, "a");
        state_save_last(&f.d);
        expect_file(&f, "a");

        begin_hold();
        name(&s, &f, "a b");
        state_save_last(&f.d);
        expect_file(&f, "a");
        assert_int_equal(f.d.loop.state.error, -ETIMEDOUT);
        release();
        assert_int_equal(executor_wait_for_files(f.d.kernel.executor, DEADLINE), 0);
        expect_file(&f, "a b");
        fixture_end(&f);
}

static void name_many(Story *s, Fixture *f, size_t n)
{
        SourceSet *set = story_set(s, "dc", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, "a");
        char text[32];

        for (size_t i = 1; i < n; i++) {
                (void) snprintf(text, sizeof(text), "x@10.0.%zu.%zu", i / 250, i % 250 + 1);
                assert_non_null(source_set_add(set, story_tid(s, text), "dc"));
        }
        source_set_seal(set);
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
        state_take_word(&f->d);
}

static size_t count_in_file(const Fixture *f)
{
        _cleanup_last_known_ LastKnown l = { 0 };

        assert_int_equal(last_known_file_peek(f->file, &l), 0);
        return l.n_sets > 0 ? l.sets[0]->n_entries : 0;
}

static void test_of_very_many_what_is_connected_is_written(void **state)
{
        STORY(CONTROLLER_IO);
        Fixture f;

        fixture_begin(&f, &s);
        name(&s, &f, "a");
        story_connect_as(&s, 3, 7, "a");
        name_many(&s, &f, 4096);
        assert_false(has_words(&f));
        wait_ended(&f, 1);
        assert_int_equal(count_in_file(&f), 4096);
        assert_true(has_words(&f));

        name_many(&s, &f, 4097);
        assert_false(has_words(&f));
        wait_ended(&f, 2);
        expect_file(&f, "a");
        /* Each connect therefore has a file of its own, which remembers it. */
        assert_false(has_words(&f));
        wait_ended(&f, 3);
        fixture_end(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_wanted_is_in_the_file_before_a_connect),
                cmocka_unit_test(test_what_is_unwanted_meanwhile_is_not_connected),
                cmocka_unit_test(test_news_are_in_the_next_file),
                cmocka_unit_test(test_a_file_that_hangs_holds_no_connect_for_long),
                cmocka_unit_test(test_a_file_that_cannot_be_written_holds_no_connect),
                cmocka_unit_test(test_the_end_waits_for_the_file_but_not_for_long),
                cmocka_unit_test(test_of_very_many_what_is_connected_is_written),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

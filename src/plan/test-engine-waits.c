/* SPDX-License-Identifier: Apache-2.0 */

/* Waits before a connect: events that begin one, end it or do not affect it. Covers each line of
 * the tables in docs/ARCHITECTURE.md. */

#include <stdio.h>

#include "base/text.h"
#include "plan/engine-stalls.h"
#include "plan/test-story.h"

#define TIMEOUT_USEC (61 * USEC_PER_SEC)

static const char *arg_document;

/* ---- events ---- */

static void fail_connect(Story *s, const char *name, usec_t took, int error)
{
        uint64_t op_id = story_take(s, OPERATION_CONNECT);

        assert_int_equal(story_find(s, name)->op.operation, OPERATION_CONNECT);
        story_wait_for(s, took);
        assert_int_equal(end_connect(s->engine, op_id, error, -1, 0, s->now), 0);
        (void) story_plan(s);
}

static void stall(Story *s, const char *name)
{
        fail_connect(s, name, TIMEOUT_USEC, -ETIME);
}

static void fail_probe(Story *s)
{
        s->by_hand = true;
        end_probe(s->engine, story_take(s, OPERATION_PROBE), -ETIMEDOUT, s->now);
        (void) story_plan(s);
}

static void lose(Story *s, int instance, usec_t after)
{
        story_wait_for(s, after);
        story_uevent(s, KERNEL_REMOVED, instance);
        (void) story_plan(s);
}

/* An existing connection made by another program. */
static void appear(Story *s, int instance, const char *name)
{
        story_uevent(s, KERNEL_ADDED, instance);
        story_read_device(s, story_take(s, OPERATION_READ_DEVICE), instance,
                          story_device(s, instance, (uint64_t) instance + 100, name));
        (void) story_plan(s);
}

static void exclude(Story *s, const char *name)
{
        _cleanup_tid_ Tid *tid = story_tid(s, name);
        Policy *p = story_policy(s);
        TidFields fields;

        tid_fields(tid, &fields);
        p->disconnect_scope = DISCONNECT_NONE;
        assert_int_equal(exclude_list_add(&p->excludes, &fields, "rule"), 0);
        engine_set_policy(s->engine, p, s->now);
        (void) story_plan(s);
}

static void lift(Story *s)
{
        engine_set_policy(s->engine, story_policy(s), s->now);
        (void) story_plan(s);
}

static void hear_news(Story *s, const char *interface, const char *prefix, const char *own)
{
        Reachability reachability = { .n_bits = 24 };

        memcpy(reachability.interface, interface, strlen(interface) + 1);
        reachability.prefix = address_parse(TRANSPORT_TCP, prefix);
        reachability.own = address_parse(TRANSPORT_TCP, own);
        engine_reachability_changed(s->engine, &reachability);
}

/* ---- events that begin a wait ---- */

static void refuse(Story *s)
{
        fail_connect(s, "a", 0, -EIO);
}

static void refuse_late(Story *s)
{
        fail_connect(s, "a", 20 * USEC_PER_SEC, -EKEYREJECTED);
}

static void stall_once(Story *s)
{
        stall(s, "a");
}

static void stall_twice(Story *s)
{
        story_say(s, "more", SOURCE_COMPLETE, "c");
        stall(s, "a");
        stall(s, "b");
        story_connect_as(s, 2, 3, "d@192.0.2.9");
}

static void lose_early(Story *s)
{
        story_connect_as(s, 0, 1, "a");
        lose(s, 0, 5 * USEC_PER_SEC);
}

static void lose_late(Story *s)
{
        story_connect_as(s, 0, 1, "a");
        lose(s, 0, 60 * USEC_PER_SEC);
}

static void lose_excluded(Story *s)
{
        story_connect_as(s, 0, 1, "a");
        exclude(s, "a");
        lose(s, 0, USEC_PER_SEC);
        lift(s);
}

static void lose_after_exclusion(Story *s)
{
        story_connect_as(s, 0, 1, "a");
        story_wait_for(s, 1);
        exclude(s, "a");
        lift(s);
        lose(s, 0, USEC_PER_SEC);
}

static void lose_adopted(Story *s)
{
        appear(s, 0, "a");
        lose(s, 0, USEC_PER_SEC);
}

static const struct {
        const char *what;
        void (*happen)(Story *s);
        const char *row, *others; /* waits of the row, and of others behind the portal */
} beginnings[] = {
        { "its connect is refused", refuse, "backoff", "" },
        { "its connect is refused after 20 s", refuse_late, "backoff", "" },
        { "its connect is not answered", stall_once, "stall", "" },
        { "the same of a second row, and none is live since", stall_twice, "stall", "ledger" },
        { "its portal does not answer a probe", fail_probe, "silence", "silence" },
        { "a connection of ours is gone within ten seconds", lose_early, "backoff", "" },
        { "it is gone later", lose_late, "", "" },
        { "it is gone while an exclusion list names it", lose_excluded, "", "" },
        { "it is gone, and was on the list for a while", lose_after_exclusion, "", "" },
        { "a connection of others is gone", lose_adopted, "", "" },
};

static const char *wait_of(const Story *s, const char *name)
{
        static const char *const names[_REASON_MAX] = {
                [REASON_BACKOFF] = "backoff",
                [REASON_STALLED] = "stall",
                [REASON_NO_ANSWER] = "silence",
                [REASON_CLOSED] = "ledger",
        };
        const Row *row = story_find(s, name);

        assert_non_null(row);
        return text_or(names[row->decision.reason], "");
}

static void test_what_begins_a_wait(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(beginnings); i++) {
                STORY(CONTROLLER_IO);
                bool two = beginnings[i].happen == stall_twice;

                if (beginnings[i].happen == fail_probe)
                        s.by_hand = true;
                story_say(&s, "config", SOURCE_COMPLETE,
                          two ? "a b d@192.0.2.9" : "a b"); /* in this order */
                beginnings[i].happen(&s);
                if (!streq(wait_of(&s, "a"), beginnings[i].row))
                        fail_msg("%s: it waits for '%s'", beginnings[i].what, wait_of(&s, "a"));
                if (!streq(wait_of(&s, two ? "c" : "b"), beginnings[i].others))
                        fail_msg("%s: others wait for '%s'", beginnings[i].what,
                                 wait_of(&s, two ? "c" : "b"));
        }
}

/* ---- events that end a wait ---- */

typedef enum Wait {
        BACKOFF,
        STALL,
        SILENCE,
        LEDGER,
        _WAIT_MAX
} Wait;

static const char *const wait_names[_WAIT_MAX] = { "backoff", "stall", "silence", "ledger" };

/* Row "a" waits for this reason only. */
static void begin_wait(Story *s, Wait w)
{
        switch (w) {
        case BACKOFF:
                story_say(s, "config", SOURCE_COMPLETE, "a");
                for (int i = 0; i < 6; i++) { /* until the wait is long */
                        fail_connect(s, "a", 0, -EIO);
                        if (i < 5)
                                story_wait_for(s, s->plan->wake_at - s->now);
                }
                return;
        case STALL:
                story_say(s, "config", SOURCE_COMPLETE, "a");
                stall(s, "a");
                return;
        case SILENCE:
                story_say(s, "config", SOURCE_COMPLETE, "a");
                s->by_hand = true;
                for (int i = 0; i < 5; i++) {
                        if (i > 0)
                                story_wait_for(s, s->plan->wake_at - s->now);
                        fail_probe(s);
                }
                return;
        case LEDGER:
                story_say(s, "more", SOURCE_COMPLETE, "x y");
                stall(s, "x");
                stall(s, "y");
                story_say(s, "config", SOURCE_COMPLETE, "a");
                return;
        case _WAIT_MAX:
                return;
        }
}

static void it_is_live(Story *s)
{
        appear(s, 0, "a");
        lose(s, 0, USEC_PER_SEC);
}

static void other_is_live(Story *s)
{
        appear(s, 0, "z");
}

static void other_is_connected(Story *s)
{
        story_say(s, "others", SOURCE_COMPLETE, "w@192.0.2.9");
        s->by_hand = false;
        story_connect_as(s, 5, 6, "w@192.0.2.9");
}

static void other_reconnects(Story *s)
{
        story_uevent(s, KERNEL_CONNECTED, 7); /* "z", live since before */
        (void) story_plan(s);
}

static void notice(Story *s)
{
        story_uevent(s, KERNEL_LOG_CHANGED, 7);
        (void) story_plan(s);
}

static void name_anew(Story *s)
{
        story_say(s, "mdns", SOURCE_PARTIAL, "a");
}

static void announce(Story *s)
{
        engine_announced(s->engine, story_find(s, "a")->tid, s->now);
}

static void exclude_and_lift(Story *s)
{
        exclude(s, "a");
        lift(s);
}

static void leave_and_return(Story *s)
{
        story_say(s, "config", SOURCE_COMPLETE, "");
        (void) story_plan(s);
        assert_null(story_find(s, "a"));
        story_say(s, "config", SOURCE_COMPLETE, "a");
}

static void hear_route(Story *s)
{
        hear_news(s, "eth0", "192.0.2.0", NULL);
}

static void hear_address(Story *s)
{
        hear_news(s, "eth0", "192.0.2.77", "192.0.2.77");
}

static void hear_other_link(Story *s)
{
        hear_news(s, "veth0", NULL, NULL);
}

static void hear_other_route(Story *s)
{
        hear_news(s, "veth0", "172.17.0.0", NULL);
}

static void miss_news(Story *s)
{
        engine_reachability_changed(s->engine, &(Reachability) { 0 });
}

static void reload(Story *s)
{
        engine_retry_now(s->engine);
}

/* Restores what the state file contains. */
static void restart(Story *s)
{
        Story before = *s;

        assert_int_equal(engine_new(story_policy(s), &s->engine), 0);
        memset(s->begun, 0, sizeof(s->begun));
        for (const Stall *x = NULL; (x = stalls_next(engine_stalls(before.engine), x));)
                assert_int_equal(engine_restore_stall(s->engine, x, s->now), 0);
        story_say(s, "config", SOURCE_COMPLETE, "a");
        story_scan(s, NULL, NULL);
        (void) engine_free(before.engine);
}

static const struct {
        const char *what;
        void (*happen)(Story *s);
        bool ends[_WAIT_MAX];
} ends[] = {
        { "it was live", it_is_live, { true, true, true, true } },
        { "another controller of its portal becomes live",
          other_is_live,
          { [SILENCE] = true, [LEDGER] = true } },
        { "the kernel reconnects one of them",
          other_reconnects,
          { [SILENCE] = true, [LEDGER] = true } },
        { "one of another portal becomes live", other_is_connected, { false } },
        { "a route to it comes up", hear_route, { true, true, true, true } },
        { "an address on its network comes up", hear_address, { true, true, true, true } },
        { "another link comes up", hear_other_link, { false } },
        { "a route to elsewhere comes up", hear_other_route, { false } },
        { "news of the network were missed", miss_news, { [BACKOFF] = true, [SILENCE] = true } },
        { "another source names it", name_anew, { [BACKOFF] = true, [SILENCE] = true } },
        { "mDNS announces it", announce, { [BACKOFF] = true, [SILENCE] = true } },
        { "it is taken off an exclusion list",
          exclude_and_lift,
          { [BACKOFF] = true, [SILENCE] = true } },
        { "a discovery log changes", notice, { false } },
        { "it leaves its log and comes back",
          leave_and_return,
          { [BACKOFF] = true, [SILENCE] = true } },
        { "a reload", reload, { true, true, true, true } },
        { "a restart", restart, { [BACKOFF] = true, [SILENCE] = true } },
};

static void test_what_ends_a_wait(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(ends); i++)
                for (Wait w = 0; w < _WAIT_MAX; w++) {
                        STORY(CONTROLLER_IO);
                        appear(&s, 7, "z");
                        begin_wait(&s, w);
                        (void) story_plan(&s);
                        if (!streq(wait_of(&s, "a"), wait_names[w]))
                                fail_msg("%s: it waits for '%s'", wait_names[w], wait_of(&s, "a"));
                        ends[i].happen(&s);
                        (void) story_plan(&s);
                        bool has_ended = !streq(wait_of(&s, "a"), wait_names[w]);
                        if (has_ended != ends[i].ends[w])
                                fail_msg("%s: %s %s", ends[i].what, wait_names[w],
                                         has_ended ? "ends" : "stays");
                }
}

/* ---- stalls ---- */

static char *make_names(size_t n)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (size_t i = 0; i < n; i++)
                text_buffer_printf(&b, "n%02zu ", i);
        return text_buffer_take(&b);
}

static const Row *find_connecting(const Story *s)
{
        const Row *row = NULL;

        while ((row = engine_next_row(s->engine, row)))
                if (row->op.operation == OPERATION_CONNECT)
                        return row;
        return NULL;
}

/* Waits until a connect is under way. Returns its row. */
static const Row *await_connect(Story *s)
{
        for (;;) {
                usec_t at = story_plan(s)->wake_at;
                const Row *row = find_connecting(s);
                if (row)
                        return row;
                assert_in_range(at, s->now + 1, s->now + 3600 * USEC_PER_SEC);
                s->now = at;
        }
}

/* Returns how long stalls of this duration hold the kernel in [from, from + ten minutes]. */
static usec_t held_within(const usec_t *begun, size_t n, usec_t took, usec_t from)
{
        usec_t held = 0, till = from + LEDGER_USEC;

        for (size_t i = 0; i < n; i++)
                if (begun[i] < till && begun[i] + took > from)
                        held += MIN(begun[i] + took, till) - MAX(begun[i], from);
        return held;
}

/* No row of the portal answers: from the second stall on, it gets a tenth of the kernel's time. */
static void check_share(usec_t took)
{
        enum {
                N_STALLS = 100
        };
        usec_t begun[N_STALLS];
        _cleanup_free_ char *names = make_names(32);
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, names);
        for (size_t i = 0; i < N_STALLS; i++) {
                const Row *row = await_connect(&s);
                begun[i] = s.now;
                if (i < 32) /* each row once, before any is retried */
                        assert_int_equal(row->attempts.n_connects, 1);
                fail_connect(&s, strrchr(row->tid->subsysnqn, ':') + 1, took, -ETIME);
        }
        for (size_t i = 1; i < N_STALLS; i++)
                for (usec_t from = begun[i]; i > 1 && from <= begun[i] + took; from += took / 7)
                        assert_in_range(held_within(begun + 2, N_STALLS - 2, took, from), 0,
                                        MAX(LEDGER_USEC / STALL_FACTOR, took));
        assert_true(begun[1] - begun[0] < took + USEC_PER_SEC); /* the second does not wait */
        for (size_t i = 2; i < N_STALLS; i++) /* no wait is longer than necessary */
                assert_true(begun[i] - begun[i - 1] <= LEDGER_USEC + STALL_FACTOR * USEC_PER_SEC);
}

static void test_stalls_have_a_tenth_of_the_time(void **state)
{
        check_share(61 * USEC_PER_SEC);
        check_share(60 * USEC_PER_SEC);
        check_share(31 * USEC_PER_SEC);
        check_share(7 * USEC_PER_SEC);
        check_share(2 * USEC_PER_SEC);
}

static void test_a_healthy_row_never_waits_for_one_that_stalls_again(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a b");
        stall(&s, "a");
        story_connect_as(&s, 0, 1, "b");
        for (int i = 0; i < 20; i++) {
                char name[8];
                assert_ptr_equal(await_connect(&s), story_find(&s, "a"));
                fail_connect(&s, "a", TIMEOUT_USEC, -ETIME);
                (void) snprintf(name, sizeof(name), "n%02i", i);
                story_say(&s, name, SOURCE_COMPLETE, name);
                story_connect_as(&s, i + 1, (uint64_t) i + 2, name);
        }
}

static void test_what_stalled_goes_last(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a b@192.0.2.9");
        stall(&s, "a");
        fail_connect(&s, "b@192.0.2.9", 0, -EIO);
        story_wait_for(&s, 2 * USEC_PER_SEC);
        story_say(&s, "more", SOURCE_COMPLETE, "c");
        engine_retry_now(s.engine);
        story_connect_as(&s, 0, 1, "b@192.0.2.9");
        story_connect_as(&s, 1, 2, "c");
        story_connect_as(&s, 2, 3, "a");
        /* Since it was live, the stall is forgotten. */
        lose(&s, 2, 60 * USEC_PER_SEC);
        assert_null(stalls_next(engine_stalls(s.engine), NULL));
}

static void test_a_portal_that_comes_back_is_as_closed_as_before(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a b c");
        stall(&s, "a");
        stall(&s, "b");
        story_say(&s, "config", SOURCE_COMPLETE, "");
        (void) story_plan(&s);
        assert_null(engine_next_row(s.engine, NULL));
        story_say(&s, "config", SOURCE_COMPLETE, "c a");
        story_expect_nothing(&s);
        story_expect_reason(&s, "c", REASON_CLOSED);
        story_expect_reason(&s, "a", REASON_STALLED);
}

static void test_a_stall_of_the_network_is_none(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        uint64_t op_id = story_take(&s, OPERATION_CONNECT);
        story_wait_for(&s, 30 * USEC_PER_SEC);
        hear_route(&s);
        story_wait_for(&s, 31 * USEC_PER_SEC);
        assert_int_equal(end_connect(s.engine, op_id, -ETIME, -1, 0, s.now), 0);
        story_expect_nothing(&s);
        story_expect_reason(&s, "a", REASON_BACKOFF);
        assert_null(stalls_next(engine_stalls(s.engine), NULL));
}

static void test_a_reload_outlives_a_restart(void **state)
{
        STORY(CONTROLLER_IO);

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        stall(&s, "a");
        engine_retry_now(s.engine);
        restart(&s);
        story_connect_as(&s, 0, 1, "a");
}

static usec_t restored_ledger(bool long_one_first)
{
        STORY(CONTROLLER_IO);
        _cleanup_tid_ Tid *a = story_tid(&s, "a"), *b = story_tid(&s, "b");
        const usec_t now = s.now = 2000 * USEC_PER_SEC;
        const Stall stalls[] = {
                { .tid = a, .begun = now - 500 * USEC_PER_SEC, .took = 43 * USEC_PER_SEC },
                { .tid = b, .begun = now - 300 * USEC_PER_SEC, .took = 4 * USEC_PER_SEC },
        };

        story_say(&s, "config", SOURCE_COMPLETE, "a b");
        for (int i = 0; i < 2; i++) {
                Stall stall = stalls[i ^ !long_one_first];
                stall.until = now + 1;
                assert_int_equal(engine_restore_stall(s.engine, &stall, now), 0);
        }
        return story_find(&s, "a")->portal->ledger.spent_until;
}

/* The state file is not in order of time. */
static void test_a_ledger_is_restored_in_any_order(void **state)
{
        usec_t until = restored_ledger(true);

        assert_int_equal(until, (2000 - 300 + 600) * USEC_PER_SEC);
        assert_int_equal(restored_ledger(false), until);
}

static void test_what_cannot_have_been_is_not_restored(void **state)
{
        STORY(CONTROLLER_IO);
        _cleanup_tid_ Tid *tid = story_tid(&s, "a");
        Stall stall = { .tid = tid, .begun = s.now, .took = 1, .until = USEC_INFINITY };

        assert_int_equal(engine_restore_stall(s.engine, &stall, s.now), -EINVAL);
        stall.took = 0;
        assert_int_equal(engine_restore_stall(s.engine, &stall, s.now), -EINVAL);
        stall.took = USEC_INFINITY;
        assert_int_equal(engine_restore_stall(s.engine, &stall, s.now), -EINVAL);
        stall.begun = s.now - 5 * USEC_PER_SEC;
        stall.took = 4 * USEC_PER_SEC;
        assert_int_equal(engine_restore_stall(s.engine, &stall, s.now), 0);
        assert_int_equal(stalls_next(engine_stalls(s.engine), NULL)->until,
                         s.now + 39 * USEC_PER_SEC);
}

static void test_not_too_many_are_remembered(void **state)
{
        STORY(CONTROLLER_IO);
        size_t n = 0;

        for (size_t i = 0; i < STALLS_MAX + 10; i++) {
                char name[16];
                (void) snprintf(name, sizeof(name), "n%04zu", i);
                _cleanup_tid_ Tid *tid = story_tid(&s, name);
                const Stall stall = { .tid = tid,
                                      .begun = s.now / 2 + i,
                                      .took = STALL_USEC,
                                      .until = USEC_INFINITY };
                assert_int_equal(engine_restore_stall(s.engine, &stall, s.now), 0);
        }
        for (const Stall *x = NULL; (x = stalls_next(engine_stalls(s.engine), x));) {
                assert_true(x->begun >= s.now / 2 + 10); /* the latest ones */
                n++;
        }
        assert_int_equal(n, STALLS_MAX);
}

static void test_what_is_an_answer(void **state)
{
        assert_true(stall_is(-ETIME, 60 * USEC_PER_SEC));
        assert_true(stall_is(-EAGAIN, 10 * USEC_PER_SEC));
        assert_true(stall_is(-ENODEV, STALL_USEC));
        assert_false(stall_is(-ETIME, STALL_USEC - 1));
        assert_false(stall_is(-EIO, 3600 * USEC_PER_SEC));
        assert_false(stall_is(-EKEYREJECTED, 3600 * USEC_PER_SEC));
        assert_false(stall_is(0, 3600 * USEC_PER_SEC));
}

/* ---- the document ---- */

static char *read_document(void)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        char line[1024];
        FILE *f = fopen(arg_document, "re");

        assert_non_null(f);
        while (fgets(line, sizeof(line), f))
                text_buffer_append(&b, line);
        assert_int_equal(fclose(f), 0);
        char *text = text_buffer_take(&b);
        assert_non_null(text);
        return text;
}

static void expect_line(const char *document, const char *line)
{
        if (!strstr(document, line))
                fail_msg("docs/ARCHITECTURE.md has no line\n%s", line);
}

/* Counts the lines of the tables under this heading, without their headers. */
static size_t count_lines(const char *document, const char *heading)
{
        size_t n = 0;
        const char *part = strstr(document, heading);

        assert_non_null(part);
        const char *end = strstr(part + 1, "\n## ");
        for (const char *p = part; (p = strstr(p, "\n| ")) && (!end || p < end); p++)
                n++;
        return n - 2;
}

static void test_the_document_says_so(void **state)
{
        _cleanup_free_ char *document = read_document();
        char line[256];

        for (size_t i = 0; i < ELEMENTSOF(beginnings); i++) {
                (void) snprintf(line, sizeof(line), "\n| %s | %s | %s |", beginnings[i].what,
                                beginnings[i].row, beginnings[i].others);
                expect_line(document, line);
        }
        for (size_t i = 0; i < ELEMENTSOF(ends); i++) {
                size_t n = (size_t) snprintf(line, sizeof(line), "\n| %s |", ends[i].what);
                for (Wait w = 0; w < _WAIT_MAX; w++)
                        n += (size_t) snprintf(line + n, sizeof(line) - n, "%s|",
                                               ends[i].ends[w] ? " ends " : " ");
                expect_line(document, line);
        }
        assert_int_equal(count_lines(document, "## What keeps a controller waiting"),
                         ELEMENTSOF(beginnings) + ELEMENTSOF(ends));
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_begins_a_wait),
                cmocka_unit_test(test_what_ends_a_wait),
                cmocka_unit_test(test_the_document_says_so),
                cmocka_unit_test(test_stalls_have_a_tenth_of_the_time),
                cmocka_unit_test(test_a_healthy_row_never_waits_for_one_that_stalls_again),
                cmocka_unit_test(test_what_stalled_goes_last),
                cmocka_unit_test(test_a_portal_that_comes_back_is_as_closed_as_before),
                cmocka_unit_test(test_a_stall_of_the_network_is_none),
                cmocka_unit_test(test_a_reload_outlives_a_restart),
                cmocka_unit_test(test_a_ledger_is_restored_in_any_order),
                cmocka_unit_test(test_what_cannot_have_been_is_not_restored),
                cmocka_unit_test(test_not_too_many_are_remembered),
                cmocka_unit_test(test_what_is_an_answer),
        };

        arg_document = argc > 1 ? argv[1] : "docs/ARCHITECTURE.md";
        return cmocka_run_group_tests(tests, NULL, NULL);
}

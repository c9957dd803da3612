/* SPDX-License-Identifier: Apache-2.0 */

/* The effect of a name server's answers on a configuration and on the engine. */

#include <stdio.h>

#include "base/text.h"
#include "daemon/daemon.h"
#include "plan/test-story.h"
#include "source/configuration_files.h"
#include "source/stafd_log.h"

#define HOUR (3600 * USEC_PER_SEC)

static const HostIdentity host = { .nqn = (char *) "nqn.host" };

typedef struct Resolver {
        Story *s;
        Configuration *c;
        HostNames names;
        unsigned n_new; /* addresses that were new */
} Resolver;

static void resolver_begin(Resolver *r, Story *s)
{
        *r = (Resolver) { .s = s };
        assert_int_equal(configuration_new(CONTROLLER_DISCOVERY, &r->c), 0);
        ControllerLine *l = r->c->controllers = calloc(1, sizeof(*l));
        assert_non_null(l);
        r->c->n_controllers = 1;
        settings_init(&l->settings);
        l->transport = strdup("tcp");
        l->traddr = strdup("storage.example.com");
        l->where = strdup("stafd.conf:2");
        assert_int_equal(host_names_set(&r->names, l, 1, s->now), 0);
}

static void resolver_end(Resolver *r)
{
        host_names_done(&r->names);
        (void) configuration_free(r->c);
}

/* As in the daemon. */
static void answer(Resolver *r, const char *address)
{
        Story *s = r->s;
        const HostName *h;
        SourceSet *set;

        s->now = host_names_next_at(&r->names);
        h = host_names_begin(&r->names, s->now);
        assert_non_null(h);
        HostNameOutcome outcome = host_names_end(&r->names, h->op_id, 0, address, s->now, &h);
        r->n_new += outcome == HOST_NAME_RESOLVED;
        if (outcome != HOST_NAME_RESOLVED && outcome != HOST_NAME_CONFIRMED)
                return;
        assert_int_equal(configuration_to_source_set(r->c, &host, &r->names, &set), 0);
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
}

/* "192.0.2.1 192.0.2.7" */
static void expect_wanted(const Resolver *r, const char *expected)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (const Row *row = engine_next_row(r->s->engine, NULL); row;
             row = engine_next_row(r->s->engine, row))
                if (row_is_wanted(row))
                        text_buffer_printf(&b, "%s%s", b.length > 0 ? " " : "", row->tid->traddr);
        assert_string_equal(text_or(b.data, ""), expected);
}

static void test_another_answer_each_time(void **state)
{
        STORY(CONTROLLER_DISCOVERY);
        Resolver r;
        char address[32], expected[64];

        resolver_begin(&r, &s);
        answer(&r, "192.0.2.1");
        answer(&r, "192.0.2.1");
        expect_wanted(&r, "192.0.2.1");
        unsigned i = 0;
        for (usec_t end = s.now + HOUR; host_names_next_at(&r.names) < end; i++) {
                (void) snprintf(address, sizeof(address), "198.51.%u.%u", i / 200, i % 200 + 1);
                answer(&r, address);
        }
        print_message("%u answers in an hour, %u of them news\n", i, r.n_new);
        /* The confirmed address and the newest. */
        (void) snprintf(expected, sizeof(expected), "192.0.2.1 %s", address);
        expect_wanted(&r, expected);
        assert_true(i < 30);

        answer(&r, "192.0.2.1");
        answer(&r, "192.0.2.1");
        expect_wanted(&r, "192.0.2.1");
        assert_int_equal(r.names.names[0].state, HOST_NAME_SETTLED);
        resolver_end(&r);
}

/* A connection made before a restart may use the address confirmed at that time. */
static void test_what_is_remembered_stays_until_an_address_is_settled(void **state)
{
        STORY(CONTROLLER_DISCOVERY);
        Resolver r;
        SourceSet *set;

        assert_int_equal(source_set_new("config", SOURCE_CONFIGURED, SOURCE_UNKNOWN, &set), 0);
        const TidFields f = { .transport = "tcp", .traddr = "192.0.2.1", .host_nqn = "nqn.host" };
        Tid *tid;
        assert_int_equal(tid_new(&f, CONTROLLER_DISCOVERY, &tid), 0);
        assert_non_null(source_set_add(set, tid, "stafd.conf:2"));
        set->restored = true;
        assert_int_equal(engine_set_source(s.engine, set, s.now), 0);

        resolver_begin(&r, &s);
        answer(&r, "192.0.2.1");
        answer(&r, "192.0.2.2");
        answer(&r, "192.0.2.3");
        expect_wanted(&r, "192.0.2.1 192.0.2.3");
        answer(&r, "192.0.2.3");
        expect_wanted(&r, "192.0.2.3");
        resolver_end(&r);
}

/* ---- many names in the daemon ---- */

enum {
        N_NAMES = 40
};

static void make_daemon(Daemon *d, Story *s)
{
        static const DaemonType type = { .name = "stacd", .role = CONTROLLER_IO };

        *d = (Daemon) { .type = &type, .engine = s->engine };
        Inputs *i = &d->inputs;
        assert_int_equal(configuration_new(CONTROLLER_IO, &i->configuration), 0);
        i->host = calloc(1, sizeof(*i->host));
        assert_non_null(i->host);
        i->host->nqn = strdup("nqn.host");
        ControllerLine *lines = i->configuration->controllers = calloc(N_NAMES, sizeof(*lines));
        assert_non_null(lines);
        i->configuration->n_controllers = N_NAMES;
        for (size_t n = 0; n < N_NAMES; n++) {
                char name[32];
                (void) snprintf(name, sizeof(name), "h%zu.example.com", n);
                settings_init(&lines[n].settings);
                lines[n].transport = strdup("tcp");
                lines[n].traddr = strdup(name);
                lines[n].subsysnqn = strdup("nqn.sub");
                lines[n].where = strdup("stacd.conf:2");
        }
        assert_int_equal(sd_event_new(&d->loop.event), 0);
        assert_int_equal(host_names_set(&d->names, lines, N_NAMES, daemon_now(d)), 0);
        assert_int_equal(inputs_apply(d), 0);
}

static void end_daemon(Daemon *d)
{
        host_names_done(&d->names);
        inputs_done(&d->inputs);
        (void) sd_event_source_unref(d->names_timer);
        (void) sd_event_source_unref(d->names_apply);
        (void) sd_event_source_unref(d->repeats_timer);
        (void) sd_event_source_unref(d->loop.save);
        repeats_done(&d->repeats);
        (void) sd_event_unref(d->loop.event);
}

static void answer_one(Daemon *d, uint64_t op_id)
{
        char address[32];
        (void) snprintf(address, sizeof(address), "192.0.2.%u", (unsigned) op_id);
        const Completion r = { .operation = OPERATION_RESOLVE, .op_id = op_id, .address = address };
        names_resolved(d, &r);
}

static size_t n_wanted(const Daemon *d)
{
        size_t n = 0;
        for (const Row *row = engine_next_row(d->engine, NULL); row;
             row = engine_next_row(d->engine, row))
                n += row_is_wanted(row);
        return n;
}

static void test_what_comes_in_one_turn_is_used_once(void **state)
{
        STORY(CONTROLLER_IO);
        Daemon d;

        make_daemon(&d, &s);
        while (host_names_begin(&d.names, daemon_now(&d)))
                ;
        for (uint64_t op = 1; op <= N_NAMES; op++)
                answer_one(&d, op);
        assert_int_equal(n_wanted(&d), 0); /* not for each */
        assert_true(sd_event_run(d.loop.event, UINT64_MAX) > 0);
        assert_int_equal(n_wanted(&d), N_NAMES);
        end_daemon(&d);
}

/* Whatever the order of the answers, applying them takes no more than its share of the elapsed
 * time. */
static void test_answers_one_by_one_are_used_now_and_then(void **state)
{
        STORY(CONTROLLER_IO);
        Daemon d;
        size_t n_changes = 0, n_before = 0;

        make_daemon(&d, &s);
        usec_t begun = daemon_now(&d);
        while (host_names_begin(&d.names, begun))
                ;
        for (uint64_t op = 1; op <= N_NAMES; op++) {
                answer_one(&d, op);
                (void) sd_event_run(d.loop.event, 0);
                n_changes += n_wanted(&d) != n_before;
                n_before = n_wanted(&d);
        }
        usec_t took = daemon_now(&d) - begun;
        print_message("%zu times in %" PRIu64 " us\n", n_changes, took);
        assert_true(n_changes <= took / (N_NAMES * 100) + 2);
        for (int i = 0; i < 100 && n_wanted(&d) < N_NAMES; i++)
                (void) sd_event_run(d.loop.event, 20 * USEC_PER_MSEC);
        assert_int_equal(n_wanted(&d), N_NAMES);
        end_daemon(&d);
}

/* ---- names in discovery logs ---- */

/* A log of these host names, in which names resolves what it knows. */
static void say_log(Story *s, const HostNames *names, bool restored, size_t n, ...)
{
        LogEntry entries[4] = { 0 };
        StafdLog log = { .entries = entries, .n_entries = n };
        const TidFields dc_fields = { .transport = "tcp", .traddr = "192.0.2.100" };
        _cleanup_tid_ Tid *dc = NULL;
        SourceSet *set;
        va_list args;

        assert_int_equal(tid_new(&dc_fields, CONTROLLER_DISCOVERY, &dc), 0);
        va_start(args, n);
        for (size_t i = 0; i < n; i++)
                entries[i].dlpe = (DlpEntry) { .subtype = DLPE_NVME,
                                               .trtype = DLPE_TRTYPE_TCP,
                                               .traddr = va_arg(args, char *),
                                               .subnqn = (char *) "nqn.a" };
        va_end(args);
        const StafdOrigin origin = {
                .key = "dc a", .device = "", .dc = dc, .host = { .nqn = "nqn.host" }, .names = names
        };
        assert_int_equal(stafd_log_to_set(&log, SOURCE_COMPLETE, &origin, &set), 0);
        set->restored = restored;
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
}

static void answer_logged(HostNames *names, const char *address, usec_t now)
{
        const HostName *h = host_names_begin(names, now);

        assert_non_null(h);
        (void) host_names_end(names, h->op_id, 0, address, now, &h);
}

/* A connection made before a restart uses the address that the name had at that time. It remains
 * until the name is resolved; what the log does not name any more does not. */
static void test_the_last_address_of_a_name_in_a_log(void **state)
{
        LoggedName logged[] = { { "a.example", NULL }, { "b.example", NULL } };
        _cleanup_(host_names_done) HostNames before = { 0 }, names = { 0 };
        STORY(CONTROLLER_IO);

        assert_int_equal(host_names_set_logged(&before, logged, 2, s.now), 0);
        for (size_t i = 0; i < 4; i++)
                answer_logged(&before, i % 2 == 0 ? "192.0.2.1" : "192.0.2.2",
                              host_names_next_at(&before));
        say_log(&s, &before, true, 3, "a.example", "b.example", "192.0.2.3");
        Resolver r = { .s = &s };
        expect_wanted(&r, "192.0.2.1 192.0.2.2 192.0.2.3");

        say_log(&s, &names, false, 1, "a.example");
        expect_wanted(&r, "192.0.2.1 a.example");
        assert_int_equal(story_count_notes(&s, NOTE_SKIPPED), 0);

        assert_int_equal(host_names_set_logged(&names, logged, 1, s.now), 0);
        answer_logged(&names, "192.0.2.7", s.now);
        say_log(&s, &names, false, 1, "a.example");
        expect_wanted(&r, "192.0.2.1 192.0.2.7");
        answer_logged(&names, "192.0.2.7", host_names_next_at(&names));
        say_log(&s, &names, false, 1, "a.example");
        expect_wanted(&r, "192.0.2.7");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_another_answer_each_time),
                cmocka_unit_test(test_what_is_remembered_stays_until_an_address_is_settled),
                cmocka_unit_test(test_what_comes_in_one_turn_is_used_once),
                cmocka_unit_test(test_answers_one_by_one_are_used_now_and_then),
                cmocka_unit_test(test_the_last_address_of_a_name_in_a_log),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

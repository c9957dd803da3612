/* SPDX-License-Identifier: Apache-2.0 */

/* Explanations of events that happen to controllers. */

#include "explain/explain.h"

#include <stdio.h>

#include "base/text.h"
#include "plan/test-story.h"

static Explainer explainer(const Story *s)
{
        return (Explainer) { .engine = s->engine, .now = s->now };
}

/* Returns the only row for what; freed by the caller. */
static PropertiesList explain_one(const Story *s, const char *what)
{
        Explainer x = explainer(s);
        PropertiesList list = { 0 };

        assert_int_equal(explain_controllers(&x, what, &list), 0);
        assert_int_equal(list.n_items, 1);
        return list;
}

static const char *get(const PropertiesList *l, const char *key)
{
        return text_or(properties_get(&l->items[0], key), "(none)");
}

/* Checks decision and reason of "a". */
static void expect_why(const Story *s, const char *decision, const char *why)
{
        _cleanup_properties_list_ PropertiesList l = explain_one(s, "nqn.2024-01.lab:a");

        assert_string_equal(get(&l, "why"), why);
        assert_string_equal(get(&l, "decision"), decision);
}

static void expect_key(const Story *s, const char *key, const char *value)
{
        _cleanup_properties_list_ PropertiesList l = explain_one(s, "nqn.2024-01.lab:a");

        assert_string_equal(get(&l, key), value);
}

/* "verb when|verb when", one step per row; "" for none. */
static void expect_plan(const Story *s, const char *expected)
{
        _cleanup_properties_list_ PropertiesList l = { 0 };
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        Explainer x = explainer(s);

        assert_int_equal(explain_plan(&x, &l), 0);
        for (size_t i = 0; i < l.n_items; i++)
                text_buffer_printf(&b, "%s%s %s", i > 0 ? "|" : "",
                                   properties_get(&l.items[i], "verb"),
                                   properties_get(&l.items[i], "when"));
        _cleanup_free_ char *text = text_buffer_take(&b);
        assert_string_equal(text, expected);
}

static void fail_connect(Story *s, int error)
{
        assert_int_equal(
                end_connect(s->engine, story_take(s, OPERATION_CONNECT), error, -1, 0, s->now), 0);
        (void) story_plan(s);
}

static void exclude(Story *s, const char *traddr)
{
        const TidFields fields = { .transport = "tcp", .traddr = traddr };
        Policy *p = story_policy(s);

        assert_int_equal(exclude_list_add(&p->excludes, &fields, "/etc/stas/stacd.conf:7"), 0);
        engine_set_policy(s->engine, p, s->now);
}

static void set_scope(Story *s, DisconnectScope scope)
{
        Policy *p = story_policy(s);

        p->disconnect_scope = scope;
        engine_set_policy(s->engine, p, s->now);
}

static void test_converged(void **state)
{
        STORY(CONTROLLER_IO);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        expect_why(&s, "probe", "wanted; probing its portal");
        expect_plan(&s, "connect now");
        (void) story_plan(&s);
        expect_why(&s, "nothing", "being connected");
        expect_plan(&s, "connect under way");
        story_connect_as(&s, 3, 33, "a");
        (void) story_plan(&s);

        expect_why(&s, "nothing", "wanted and connected");
        expect_key(&s, "device", "nvme3");
        expect_key(&s, "state", "live");
        expect_key(&s, "connection", "ours");
        expect_key(&s, "sources", "config [configured, complete]");
        expect_key(&s, "last error", "(none)");
        expect_plan(&s, "");
}

static void test_the_portal_does_not_answer(void **state)
{
        STORY(CONTROLLER_IO);
        s.by_hand = true;
        story_say(&s, "config", SOURCE_COMPLETE, "a b");
        end_probe(s.engine, story_take(&s, OPERATION_PROBE), -ECONNREFUSED, s.now);
        (void) story_plan(&s);
        _cleanup_properties_list_ PropertiesList l = explain_one(&s, "nqn.2024-01.lab:a");
        assert_non_null(
                text_after(get(&l, "why"),
                           "wanted; no answer from its portal (ECONNREFUSED); next probe in "));
        expect_key(&s, "connect attempts", "1");
        expect_key(&s, "last error",
                   "ECONNREFUSED (connection refused: nothing listens at this address and "
                   "service)");
}

static void stall(Story *s)
{
        uint64_t op_id = story_take(s, OPERATION_CONNECT);

        story_wait_for(s, 61 * USEC_PER_SEC);
        assert_int_equal(end_connect(s->engine, op_id, -ETIME, -1, 0, s->now), 0);
        (void) story_plan(s);
}

/* A row reports its own errors only. */
static void test_a_connect_that_is_not_answered(void **state)
{
        STORY(CONTROLLER_IO);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        stall(&s);
        expect_why(&s, "wait",
                   "wanted; the connect was not finished within 1min 1s, next attempt in 10min");
        expect_key(&s, "last error", "ETIME (a command of the connect was not answered in time)");
        expect_plan(&s, "connect 600.0s");

        story_say(&s, "config", SOURCE_COMPLETE, "b");
        stall(&s);
        story_say(&s, "config", SOURCE_COMPLETE, "c");
        (void) story_plan(&s);
        _cleanup_properties_list_ PropertiesList l = explain_one(&s, "nqn.2024-01.lab:c");
        assert_string_equal(get(&l, "why"),
                            "wanted; connects to other controllers at 192.0.2.1, port 4420, were "
                            "not finished within 1min 1s; next attempt in at most 9min 9s");
        assert_string_equal(get(&l, "last error"), "(none)");
}

static void test_one_after_the_other(void **state)
{
        STORY(CONTROLLER_IO);
        story_say(&s, "config", SOURCE_COMPLETE, "a b");
        (void) story_plan(&s);
        expect_plan(&s, "connect under way|connect in turn");
}

static void test_failing(void **state)
{
        STORY(CONTROLLER_IO);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        fail_connect(&s, -ECONNREFUSED);

        const Row *row = story_find(&s, "a");
        s.now = row->attempts.connect_at - 700 * USEC_PER_MSEC;
        expect_why(&s, "wait", "wanted; connecting failed, next attempt in 700ms");
        expect_key(&s, "next try", "0.7s");
        expect_key(&s, "state", "not connected");
        expect_key(&s, "connect attempts", "1");
        expect_key(&s, "last error",
                   "ECONNREFUSED (connection refused: nothing listens at this address and "
                   "service)");
        expect_key(&s, "connection", "(none)");
        expect_plan(&s, "connect 0.7s");
}

static void test_lost_soon(void **state)
{
        STORY(CONTROLLER_IO);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 3, 33, "a");
        story_uevent(&s, KERNEL_REMOVED, 3);
        s.now = story_find(&s, "a")->attempts.connect_at - 300 * USEC_PER_MSEC;
        expect_why(&s, "wait", "wanted; the connection did not last, next attempt in 300ms");
}

static void test_excluded(void **state)
{
        STORY(CONTROLLER_IO);
        exclude(&s, "192.0.2.1");
        story_say(&s, "/etc/stas/stacd.conf:3", SOURCE_COMPLETE, "a");
        (void) story_plan(&s);
        expect_why(&s, "nothing", "excluded by /etc/stas/stacd.conf:7");
        expect_key(&s, "excluded by", "/etc/stas/stacd.conf:7");
        expect_key(&s, "sources", "/etc/stas/stacd.conf:3 [configured, complete]");
        expect_plan(&s, "");
}

static void test_excluded_while_connected(void **state)
{
        STORY(CONTROLLER_IO);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 3, 33, "a");
        exclude(&s, "192.0.2.1");
        (void) story_plan(&s);
        expect_why(&s, "wait", "excluded by /etc/stas/stacd.conf:7; to be disconnected in 1s");
        expect_plan(&s, "disconnect 1.0s");
        story_wait_for(&s, USEC_PER_SEC);
        (void) story_plan(&s);
        expect_why(&s, "nothing", "excluded by /etc/stas/stacd.conf:7; being disconnected");
        expect_plan(&s, "disconnect under way");
}

static void test_wrong_family(void **state)
{
        STORY(CONTROLLER_IO);
        Policy *p = story_policy(&s);

        p->ip_families = IP_FAMILY_IPV6;
        engine_set_policy(s.engine, p, s.now);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        (void) story_plan(&s);
        expect_why(&s, "nothing", "its address is IPv4, which ip-family excludes");
        expect_key(&s, "excluded by family", "True");
}

static void test_no_longer_wanted(void **state)
{
        STORY(CONTROLLER_IO);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 3, 33, "a");
        story_say(&s, "config", SOURCE_COMPLETE, "");
        (void) story_plan(&s);
        expect_why(&s, "wait", "no longer requested by any source; to be disconnected in 1s");
        set_scope(&s, DISCONNECT_NONE);
        expect_why(&s, "nothing",
                   "no longer requested by any source; kept by disconnect-scope=no-disconnect");
        expect_plan(&s, "");
}

static void name_by_log(Story *s, const char *names)
{
        SourceSet *set = story_set(s, "dc", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, names);

        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
        (void) story_plan(s);
}

static void test_a_log_that_cannot_make_up_its_mind(void **state)
{
        STORY(CONTROLLER_IO);
        name_by_log(&s, "a");
        story_connect_as(&s, 3, 33, "a");
        for (int i = 0; i < 2; i++) {
                name_by_log(&s, "");
                expect_why(&s, "wait",
                           "no longer requested by any source; to be disconnected in 1s");
                name_by_log(&s, "a");
        }
        name_by_log(&s, "");
        expect_why(&s, "wait",
                   "no longer requested by any source; to be disconnected in 2s: it was dropped "
                   "and requested again several times, so its connection is kept for 2s");
        expect_plan(&s, "disconnect 2.0s");
}

static void fail_probe(Story *s, int error)
{
        (void) story_plan(s);
        end_probe(s->engine, story_take(s, OPERATION_PROBE), error, s->now);
        (void) story_plan(s);
}

static void test_what_this_host_cannot_ask(void **state)
{
        STORY(CONTROLLER_IO);
        s.by_hand = true;
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        fail_probe(&s, -EMFILE);
        expect_why(&s, "wait",
                   "wanted; its portal could not be probed: this daemon has no file descriptor "
                   "left (LimitNOFILE=); next attempt in 1s");
        expect_key(&s, "last error",
                   "EMFILE (this daemon has no file descriptor left (LimitNOFILE=))");
        expect_key(&s, "connect attempts", "0");
        story_wait_for(&s, USEC_PER_SEC);
        fail_probe(&s, -EPERM);
        expect_why(&s, "wait",
                   "wanted; its portal could not be probed: a security policy of this host forbids "
                   "it; next attempt in 10s");
}

/* "a" is nvme3 and no longer wanted; the kernel or its users refuse the deletion. */
static void refuse_disconnect(Story *s, int error)
{
        story_say(s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(s, 3, 33, "a");
        story_say(s, "config", SOURCE_COMPLETE, "");
        (void) story_plan(s);
        story_wait_for(s, PLAN_QUIET_USEC);
        end_disconnect(s->engine, story_take(s, OPERATION_DISCONNECT), error, NULL, s->now);
        (void) story_plan(s);
}

/* Checking whether it is still in use is a step, too. */
static void test_in_use(void **state)
{
        STORY(CONTROLLER_IO);
        refuse_disconnect(&s, -EBUSY);
        expect_why(&s, "wait",
                   "no longer requested by any source; kept: last usable path to a block device in "
                   "use; checking again in 5s");
        expect_key(&s, "in use", "True");
        expect_plan(&s, "disconnect 5.0s");

        story_wait_for(&s, PLAN_IN_USE_RETRY_USEC);
        char *by = strdup("nvme3n1: in use by 1234 (database)");
        end_disconnect(s.engine, story_take(&s, OPERATION_DISCONNECT), -EBUSY, by, s.now);
        (void) story_plan(&s);
        expect_why(&s, "wait",
                   "no longer requested by any source; kept: last usable path to a block device in "
                   "use (nvme3n1: in use by 1234 (database)); checking again in 5s");
        expect_key(&s, "in use", "True");
        expect_key(&s, "in use by", "nvme3n1: in use by 1234 (database)");
}

static void test_in_doubt(void **state)
{
        STORY(CONTROLLER_IO);
        refuse_disconnect(&s, -ENODATA);
        expect_why(&s, "wait",
                   "no longer requested by any source; kept: last usable path to a block device "
                   "that may be in use; checking again in 5s");
}

static void test_disconnect_failed(void **state)
{
        STORY(CONTROLLER_IO);
        refuse_disconnect(&s, -EACCES);
        expect_why(&s, "wait",
                   "no longer requested by any source; disconnecting failed, next attempt in 10s");
        expect_key(&s, "last error", "EACCES (the daemon may not write to sysfs)");
}

static void test_foreign(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);
        Device *d = story_device(&s, 4, 44, "a");
        story_scan(&s, d, NULL);
        (void) story_plan(&s);
        expect_why(&s, "nothing",
                   "connected by another program; left alone by "
                   "disconnect-scope=only-stas-connections");
        expect_key(&s, "connection", "foreign");
        expect_key(&s, "device", "nvme4");
        expect_plan(&s, "");

        exclude(&s, "192.0.2.1");
        expect_why(
                &s, "nothing",
                "excluded by /etc/stas/stacd.conf:7; connected by another program; left alone by "
                "disconnect-scope=only-stas-connections");

        Policy *p = story_policy(&s);
        p->disconnect_scope = DISCONNECT_ALL_MATCHING;
        p->disconnect_transports = 1U << TRANSPORT_FC;
        engine_set_policy(s.engine, p, s.now);
        expect_why(&s, "nothing",
                   "connected by another program; left alone: disconnect-trtypes does not include "
                   "its transport");

        /* once requested, it becomes ours */
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        (void) story_plan(&s);
        expect_key(&s, "connection", "ours");
}

static void test_of_another_program(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);
        Device *d = story_device(&s, 4, 44, "a");
        d->owner = strdup("discoverd");
        story_scan(&s, d, NULL);
        (void) story_plan(&s);
        expect_why(&s, "nothing", "connected by discoverd (according to the registry); left alone");
        expect_key(&s, "registry owner", "discoverd");

        story_say(&s, "config", SOURCE_COMPLETE, "a");
        (void) story_plan(&s);
        expect_why(&s, "nothing", "wanted and connected by discoverd (according to the registry)");
        expect_key(&s, "connection", "foreign");
        expect_plan(&s, "");
}

static void test_scope_reaches_foreign(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);
        set_scope(&s, DISCONNECT_ALL_MATCHING);
        story_scan(&s, story_device(&s, 4, 44, "a"), NULL);
        (void) story_plan(&s);
        expect_why(&s, "wait", "not requested by any source; to be disconnected in 1s");
        expect_plan(&s, "disconnect 1.0s");
}

static void test_unsure(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);
        assert_int_equal(engine_restore_device(s.engine, 4, 44), 0);
        story_say(&s, "config", SOURCE_PARTIAL, "");
        SourceSet *log =
                story_set(&s, "dc (tcp, 192.0.2.9)", SOURCE_DISCOVERY_LOG, SOURCE_PARTIAL, "");
        assert_int_equal(engine_set_source(s.engine, log, s.now), 0);
        story_scan(&s, story_device(&s, 4, 44, "a"), NULL);
        (void) story_plan(&s);
        expect_why(&s, "nothing",
                   "not requested by any source; kept: these sources may still request it: the "
                   "configuration, dc (tcp, 192.0.2.9)");
        expect_plan(&s, "");
}

static void test_remembered(void **state)
{
        STORY(CONTROLLER_IO);
        story_remember(&s, "dc", "a");
        (void) story_plan(&s);
        expect_why(&s, "nothing",
                   "requested before the restart, but not confirmed by its source yet; not "
                   "connected for this reason alone");
        expect_key(&s, "sources", "dc [discovery log, unknown, remembered]");
        expect_plan(&s, "");
}

static void test_ncc(void **state)
{
        STORY(CONTROLLER_IO);
        Policy *p = story_policy(&s);
        SourceSet *set = story_set(&s, "dc", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, "a");

        p->connect_attempts_on_ncc = 1;
        engine_set_policy(s.engine, p, s.now);
        set->entries[0].dlpe = calloc(1, sizeof(*set->entries[0].dlpe));
        assert_non_null(set->entries[0].dlpe);
        set->entries[0].dlpe->eflags = DLPE_EFLAGS_NCC;
        assert_int_equal(engine_set_source(s.engine, set, s.now), 0);
        fail_connect(&s, -EIO);
        story_wait_for(&s, 60 * USEC_PER_SEC);
        fail_connect(&s, -EIO);
        expect_why(&s, "nothing",
                   "wanted, but no longer attempted: its discovery log reports that the subsystem "
                   "is not connected to its CDC (NCC), and 2 attempts have used up "
                   "connect-attempts-on-ncc=1; attempted at once when NCC clears");
        expect_key(&s, "ncc", "True");
        expect_key(&s, "sources", "dc [discovery log, complete, NCC]");
        expect_plan(&s, "");
}

/* The kernel sends no event when a path is lost: the loss is found by reading the state. */
static void test_reconnecting(void **state)
{
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);
        Device *d = story_device(&s, 4, 44, "a");
        d->state = DEVICE_CONNECTING;
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_scan(&s, d, NULL);
        (void) story_plan(&s);
        expect_why(&s, "wait",
                   "wanted and connected; the kernel has lost the connection and is reconnecting "
                   "it");
        expect_key(&s, "state", "connecting");
        expect_plan(&s, "look 30.0s");
}

static void test_discovery_controller(void **state)
{
        STORY(CONTROLLER_DISCOVERY);
        story_say(&s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(&s, 3, 33, "a");
        expect_why(&s, "read log", "wanted and connected; its discovery log is about to be read");
        uint64_t op_id = story_take(&s, OPERATION_READ_LOG);
        expect_why(&s, "nothing", "wanted and connected; its discovery log is being read");
        expect_plan(&s, "read log under way");

        end_read_log(s.engine, op_id, -ETIMEDOUT, 0, NULL, s.now);
        (void) story_plan(&s);
        expect_why(&s, "wait",
                   "wanted and connected; reading its discovery log failed, next attempt in 20s");
        expect_key(&s, "last log error", "ETIMEDOUT (the controller does not answer)");
        expect_plan(&s, "read log 20.0s");

        story_wait_for(&s, PLAN_LOG_RETRY_USEC);
        end_read_log(s.engine, story_take(&s, OPERATION_READ_LOG), 0, 0, story_log(1), s.now);
        (void) story_plan(&s);
        expect_why(&s, "nothing", "wanted and connected");
        expect_plan(&s, "");
}

static void test_many_sources(void **state)
{
        STORY(CONTROLLER_IO);
        for (int i = 0; i < 18; i++) {
                char key[8];
                (void) snprintf(key, sizeof(key), "s%02d", i);
                story_say(&s, key, SOURCE_COMPLETE, "a");
        }
        _cleanup_properties_list_ PropertiesList l = explain_one(&s, "nqn.2024-01.lab:a");
        const char *sources = get(&l, "sources");
        assert_non_null(strstr(sources, "s15 ["));
        assert_null(strstr(sources, "s16 ["));
        assert_string_equal(strrchr(sources, '\n'), "\nand 2 more");
}

static void test_what_is_asked_for(void **state)
{
        static const struct {
                const char *what;
                int n;
        } cases[] = {
                { "", 3 },
                { "nvme3", 1 },
                { "/dev/nvme3", 1 },
                { "nvme4", 1 }, /* not ours */
                { "nvme33", -ENOENT },
                { "nvme", -ENOENT },
                { "nqn.2024-01.lab:b", 1 },
                { "nqn.2024-01.lab:B", -ENOENT },
                { "192.0.2.1", 3 },
                { "192.0.2.1:4420", 3 },
                { "::ffff:192.0.2.1", 3 },
                { "[::ffff:c000:201]:4420", 3 },
                { "192.0.2.1:4421", -ENOENT },
                { "192.0.2.1:", -ENOENT },
                { "192.0.2.2", -ENOENT },
                { ":4420", -ENOENT },
                { "storage", -ENOENT },
        };
        _cleanup_(story_end) Story s;
        story_begin(&s, CONTROLLER_IO);
        story_scan(&s, story_device(&s, 4, 44, "c"), NULL);
        story_say(&s, "config", SOURCE_COMPLETE, "a b");
        story_connect_as(&s, 3, 33, "a");

        Explainer x = explainer(&s);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_properties_list_ PropertiesList l = { 0 };
                int r = explain_controllers(&x, cases[i].what, &l);
                if (r < 0 ? r != cases[i].n : (int) l.n_items != cases[i].n)
                        fail_msg("\"%s\": %i, %zu", cases[i].what, r, l.n_items);
        }
}

/* A discovery controller wanted by the well-known NQN has a unique NQN. */
static void test_unique_nqn(void **state)
{
        STORY(CONTROLLER_DISCOVERY);
        story_say(&s, "config", SOURCE_COMPLETE, "dc");
        story_connect_as(&s, 3, 33, "a");
        _cleanup_properties_list_ PropertiesList l = explain_one(&s, "nqn.2024-01.lab:a");
        assert_string_equal(get(&l, "subsysnqn"), NQN_DISCOVERY);
}

static void test_host_names(void **state)
{
        const ControllerLine line = {
                .transport = (char *) "tcp",
                .traddr = (char *) "storage1",
                .subsysnqn = (char *) "nqn.2024-01.lab:a",
                .where = (char *) "/etc/stas/stacd.conf:3",
        };
        const HostIdentity host = { .nqn = (char *) "nqn.host" };
        STORY(CONTROLLER_IO);
        const struct {
                ExplainName name;
                const char *why, *when;
        } cases[] = {
                { { .line = &line, .name = "storage1", .is_resolved = true },
                  "wanted; its host name storage1 is being resolved",
                  "under way" },
                { { .line = &line,
                    .name = "storage1",
                    .error = -ENOENT,
                    .next_at = s.now + 5 * USEC_PER_SEC },
                  "wanted; its host name storage1 could not be resolved: no such name; next "
                  "attempt in 5s",
                  "5.0s" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_properties_list_ PropertiesList l = { 0 }, steps = { 0 };
                Explainer x = explainer(&s);

                x.host = &host;
                x.names = &cases[i].name;
                x.n_names = 1;
                assert_int_equal(explain_controllers(&x, "STORAGE1", &l), 0);
                assert_int_equal(l.n_items, 1);
                assert_string_equal(get(&l, "why"), cases[i].why);
                assert_string_equal(get(&l, "sources"), "/etc/stas/stacd.conf:3 [configured]");
                assert_int_equal(explain_plan(&x, &steps), 0);
                assert_string_equal(get(&steps, "verb"), "resolve");
                assert_string_equal(get(&steps, "when"), cases[i].when);
        }
}

/* A log of a, b which is not usable, and c which names no controller. */
static void name_unusable(Story *s)
{
        SourceSet *set = story_set(s, "dc", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, "a b");
        const DlpEntry c = { .trtype = DLPE_TRTYPE_TCP,
                             .subtype = DLPE_NVME,
                             .trsvcid = "4420",
                             .subnqn = (char *) "nqn.2024-01.lab:c",
                             .traddr = (char *) "0.0.0.0" };

        set->entries[1].passive = true;
        set->entries[1].problem = "its name is odd";
        assert_int_equal(source_set_skip(set, &c, "nvme0 entry 2", "its address is unspecified"),
                         0);
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
        (void) story_plan(s);
}

static void test_entries_that_are_not_used(void **state)
{
        static const char *const names[] = { "nqn.2024-01.lab:c", "0.0.0.0", "0.0.0.0:4420" };
        STORY(CONTROLLER_IO);
        name_unusable(&s);

        _cleanup_properties_list_ PropertiesList b = explain_one(&s, "nqn.2024-01.lab:b");
        assert_string_equal(get(&b, "why"), "not used: its name is odd");
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_properties_list_ PropertiesList c = explain_one(&s, names[i]);
                assert_string_equal(get(&c, "traddr"), "0.0.0.0");
                assert_string_equal(get(&c, "transport"), "tcp");
                assert_string_equal(get(&c, "state"), "not connected");
                assert_string_equal(get(&c, "decision"), "nothing");
                assert_string_equal(get(&c, "reason"), "the entry that names it is not usable");
                assert_string_equal(get(&c, "why"), "not used: its address is unspecified");
                assert_string_equal(get(&c, "sources"),
                                    "nvme0 entry 2 [discovery log, complete, not used: its address "
                                    "is unspecified]");
        }
}

/* Among all controllers one stands for those of its log. */
static void test_all_with_entries_that_are_not_used(void **state)
{
        _cleanup_properties_list_ PropertiesList list = { 0 }, other = { 0 };
        STORY(CONTROLLER_IO);
        Explainer x = explainer(&s);

        name_unusable(&s);
        assert_int_equal(explain_controllers(&x, "", &list), 0);
        assert_int_equal(list.n_items, 3);
        assert_string_equal(
                properties_get(&list.items[2], "why"),
                "not used: its address is unspecified (unusable entries of that source: 2)");
        assert_int_equal(explain_controllers(&x, "0.0.0.0:4421", &other), -ENOENT);
}

/* A log whose entry a demands TLS. */
static void demand_tls(Story *s)
{
        SourceSet *set = story_set(s, "dc", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, "a");

        set->entries[0].demands_tls = true;
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
        (void) story_plan(s);
}

/* The target just closes the connection; the log said before that it would. */
static void test_a_portal_that_demands_tls(void **state)
{
#define NO_TLS                                                                                     \
        "the discovery log requires a secure channel for it, and nvme-stas does not support TLS"
        static const struct {
                int error;
                bool demands_tls;
                const char *last_error;
        } cases[] = {
                { -ECONNRESET, false, "ECONNRESET (the target closed the connection)" },
                { -ECONNRESET, true, "ECONNRESET (" NO_TLS ")" },
                { -EINVAL, true, "EINVAL (" NO_TLS ")" },
                { -EIO, true, "EIO (" NO_TLS ")" },
                { -EKEYREJECTED, true, "EKEYREJECTED (authentication failed: the key is wrong)" },
                { -ENETDOWN, true, "ENETDOWN (the network interface is down)" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                STORY(CONTROLLER_IO);
                if (cases[i].demands_tls)
                        demand_tls(&s);
                else
                        name_by_log(&s, "a");
                expect_key(&s, "sources",
                           cases[i].demands_tls ? "dc [discovery log, complete, requires TLS]"
                                                : "dc [discovery log, complete]");
                fail_connect(&s, cases[i].error);
                expect_key(&s, "last error", cases[i].last_error);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_converged),
                cmocka_unit_test(test_a_portal_that_demands_tls),
                cmocka_unit_test(test_entries_that_are_not_used),
                cmocka_unit_test(test_all_with_entries_that_are_not_used),
                cmocka_unit_test(test_the_portal_does_not_answer),
                cmocka_unit_test(test_a_connect_that_is_not_answered),
                cmocka_unit_test(test_one_after_the_other),
                cmocka_unit_test(test_failing),
                cmocka_unit_test(test_lost_soon),
                cmocka_unit_test(test_excluded),
                cmocka_unit_test(test_excluded_while_connected),
                cmocka_unit_test(test_wrong_family),
                cmocka_unit_test(test_no_longer_wanted),
                cmocka_unit_test(test_a_log_that_cannot_make_up_its_mind),
                cmocka_unit_test(test_what_this_host_cannot_ask),
                cmocka_unit_test(test_in_use),
                cmocka_unit_test(test_in_doubt),
                cmocka_unit_test(test_disconnect_failed),
                cmocka_unit_test(test_foreign),
                cmocka_unit_test(test_of_another_program),
                cmocka_unit_test(test_scope_reaches_foreign),
                cmocka_unit_test(test_unsure),
                cmocka_unit_test(test_remembered),
                cmocka_unit_test(test_ncc),
                cmocka_unit_test(test_reconnecting),
                cmocka_unit_test(test_discovery_controller),
                cmocka_unit_test(test_many_sources),
                cmocka_unit_test(test_what_is_asked_for),
                cmocka_unit_test(test_unique_nqn),
                cmocka_unit_test(test_host_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

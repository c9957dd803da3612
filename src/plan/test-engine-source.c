/* SPDX-License-Identifier: Apache-2.0 */

/* The local path of a connection, which the kernel reports if the connection is live or bound. */

#include <stdio.h>

#include "base/text.h"
#include "plan/engine.h"

#include "plan/test-story.h"

#define NQN "nqn.2024-01.lab:a"

static Tid *tid_by(const char *interface)
{
        Tid *tid;
        const TidFields f = {
                .transport = "tcp", .traddr = "192.0.2.1", .subsysnqn = NQN, .host_iface = interface
        };

        assert_int_equal(tid_new(&f, CONTROLLER_IO, &tid), 0);
        return tid;
}

/* eth1 has 10.0.0.1, eth2 has 10.0.0.2. */
static void begin_with_two_ways(Story *s)
{
        Network network = { 0 };

        story_begin(s, CONTROLLER_IO);
        for (int i = 1; i <= 2; i++) {
                const Address a = address_parse(TRANSPORT_TCP, i == 1 ? "10.0.0.1" : "10.0.0.2");
                assert_int_equal(network_add(&network, i == 1 ? "eth1" : "eth2", &a), 0);
        }
        engine_set_network(s->engine, &network, s->now);
}

/* interfaces: separated by spaces; "any": not bound to one */
static void name_ways(Story *s, const char *key, const char *interfaces)
{
        SourceSet *set;
        char copy[32];

        (void) snprintf(copy, sizeof(copy), "%s", interfaces);
        assert_int_equal(source_set_new(key, SOURCE_CONFIGURED, SOURCE_COMPLETE, &set), 0);
        for (char *i = strtok(copy, " "); i; i = strtok(NULL, " "))
                assert_non_null(source_set_add(set, tid_by(strcmp(i, "any") != 0 ? i : NULL), i));
        source_set_seal(set);
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
}

static void want(Story *s, const char *interfaces)
{
        name_ways(s, "config", interfaces);
}

/* A connection not bound to an interface. source NULL: not live, so that the kernel does not report
 * it. */
static Device *unbound(const Story *s, int instance, const char *source)
{
        Device *d = story_device(s, instance, (uint64_t) instance + 1, "a");

        d->src_address = address_parse(TRANSPORT_TCP, source);
        d->source_hidden = !source;
        d->state = source ? DEVICE_LIVE : DEVICE_CONNECTING;
        return d;
}

/* Reads the device after a uevent, unless a read is already under way. */
static void reads(Story *s, Device *d)
{
        (void) story_plan(s);
        if (s->begun[OPERATION_READ_DEVICE] == 0)
                story_uevent(s, KERNEL_CONNECTED, d->instance);
        story_read_device(s, story_take(s, OPERATION_READ_DEVICE), d->instance, d);
}

static void expect_no_change(Story *s)
{
        const Plan *p = story_plan(s);

        for (size_t i = 0; i < p->n_actions; i++)
                assert_int_equal(p->actions[i].operation, OPERATION_READ_DEVICE);
}

static const Row *row_by(const Story *s, const char *interface)
{
        _cleanup_tid_ Tid *tid = tid_by(interface);

        return engine_find_row(s->engine, tid);
}

static int path_by(const Story *s, const char *interface)
{
        const Row *row = row_by(s, interface);

        return row && row->node ? row->node->instance : -1;
}

static void connect_by(Story *s, int instance, const char *interface)
{
        Device *d = story_device(s, instance, (uint64_t) instance + 1, "a");
        uint64_t op_id = story_take(s, OPERATION_CONNECT);

        assert_int_equal(row_by(s, interface)->op.id, op_id);
        assert_int_equal(end_connect(s->engine, op_id, 0, instance, d->inode, s->now), 0);
        (void) tid_free(d->tid);
        d->tid = tid_by(interface);
        story_read_device(s, story_take(s, OPERATION_READ_DEVICE), instance, d);
}

static void test_what_is_not_live_serves_no_row_that_wants_a_way(void **state)
{
        _cleanup_(story_end) Story s;
        begin_with_two_ways(&s);

        want(&s, "eth1");
        story_scan(&s, unbound(&s, 0, NULL), NULL);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_ADOPTED), 0);
        connect_by(&s, 1, "eth1");
        reads(&s, unbound(&s, 0, "10.0.0.2"));
        want(&s, "");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        story_disconnect(&s, 1);
        expect_no_change(&s); /* the path of the other row is kept */
}

static void test_two_rows_get_a_path_each(void **state)
{
        _cleanup_(story_end) Story s;
        begin_with_two_ways(&s);

        want(&s, "eth1 eth2");
        story_scan(&s, unbound(&s, 0, NULL), NULL);
        connect_by(&s, 1, "eth1");
        connect_by(&s, 2, "eth2");
        reads(&s, unbound(&s, 0, "10.0.0.2"));
        expect_no_change(&s);
        assert_int_equal(path_by(&s, "eth1"), 1);
        assert_int_equal(path_by(&s, "eth2"), 2);
}

static void test_it_serves_who_still_waits_when_its_way_is_known(void **state)
{
        _cleanup_(story_end) Story s;
        begin_with_two_ways(&s);

        want(&s, "eth1 eth2");
        story_scan(&s, unbound(&s, 0, NULL), NULL);
        uint64_t op_id = story_take(&s, OPERATION_CONNECT); /* the other row waits for its turn */
        reads(&s, unbound(&s, 0, "10.0.0.2"));
        assert_int_equal(end_connect(s.engine, op_id, -ETIMEDOUT, -1, 0, s.now), 0);
        expect_no_change(&s);
        assert_int_equal(path_by(&s, "eth1"), -1);
        assert_int_equal(path_by(&s, "eth2"), 0);
}

static void test_who_wants_no_way_is_served(void **state)
{
        _cleanup_(story_end) Story s;
        begin_with_two_ways(&s);

        want(&s, "any");
        story_scan(&s, unbound(&s, 0, NULL), NULL);
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_ADOPTED), 1);
        assert_int_equal(path_by(&s, NULL), 0);
}

/* It was live on one interface, and reconnects on the other. */
static void test_what_goes_another_way_now_is_let_go(void **state)
{
        _cleanup_(story_end) Story s;
        begin_with_two_ways(&s);

        want(&s, "any eth1");
        story_scan(&s, unbound(&s, 0, "10.0.0.1"), NULL);
        expect_no_change(&s);
        reads(&s, unbound(&s, 0, NULL));
        expect_no_change(&s);
        assert_int_equal(path_by(&s, "eth1"), 0); /* nothing contradicts yet */

        reads(&s, unbound(&s, 0, "10.0.0.2"));
        assert_int_equal(path_by(&s, NULL), 0);
        connect_by(&s, 1, "eth1");
        assert_int_equal(path_by(&s, "eth1"), 1);
}

static void test_what_was_adopted_and_let_go_is_not_ours(void **state)
{
        _cleanup_(story_end) Story s;
        begin_with_two_ways(&s);

        want(&s, "eth1");
        story_scan(&s, unbound(&s, 0, "10.0.0.1"), NULL);
        expect_no_change(&s);
        assert_true(engine_find_device(s.engine, 0)->ours);
        reads(&s, unbound(&s, 0, "10.0.0.2"));
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_LET_GO), 1);
        assert_false(engine_find_device(s.engine, 0)->ours);

        Device *d = unbound(&s, 0, "10.0.0.2"); /* our entry in the registry is still there */
        assert_int_equal(text_replace(&d->owner, DEVICE_OWNER_STAS), 0);
        d->adopted = true;
        assert_int_equal(engine_owner_changed(s.engine, 0, s.now), 0);
        story_read_device(&s, story_take(&s, OPERATION_READ_DEVICE), 0, d);
        assert_false(engine_find_device(s.engine, 0)->ours);
        want(&s, "");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        expect_no_change(&s); /* not wanted, but kept */
}

/* An address that does not belong to another interface changes nothing. */
static void test_an_address_that_nobody_knows_lets_nothing_go(void **state)
{
        _cleanup_(story_end) Story s;
        begin_with_two_ways(&s);

        want(&s, "eth1");
        story_scan(&s, unbound(&s, 0, "10.0.0.1"), NULL);
        expect_no_change(&s);
        reads(&s, unbound(&s, 0, "10.0.0.99"));
        expect_no_change(&s);
        assert_int_equal(path_by(&s, "eth1"), 0);
}

static void move_address(Story *s, const char *to)
{
        const Address a = address_parse(TRANSPORT_TCP, "10.0.0.1");
        Network network = { 0 };

        assert_int_equal(network_add(&network, to, &a), 0);
        engine_set_network(s->engine, &network, s->now);
}

/* The connection is the same, but uses another interface now. */
static void test_an_address_that_moves_takes_its_connection_along(void **state)
{
        _cleanup_(story_end) Story s;
        begin_with_two_ways(&s);

        want(&s, "eth1");
        story_scan(&s, unbound(&s, 0, "10.0.0.1"), NULL);
        expect_no_change(&s);
        assert_int_equal(path_by(&s, "eth1"), 0);

        move_address(&s, "eth2");
        (void) story_plan(&s);
        assert_int_equal(story_count_notes(&s, NOTE_LET_GO), 1);
        connect_by(&s, 1, "eth1");
        assert_int_equal(path_by(&s, "eth1"), 1);

        move_address(&s, "eth1");
        expect_no_change(&s);
        assert_int_equal(path_by(&s, "eth1"), 1);
}

/* After a restart, a connection of ours that is not live is not made twice. */
static void test_what_was_ours_before_is_not_doubled(void **state)
{
        _cleanup_(story_end) Story s;
        begin_with_two_ways(&s);

        want(&s, "eth1");
        assert_int_equal(engine_restore_device(s.engine, 0, 1), 0);
        story_scan(&s, unbound(&s, 0, NULL), NULL);
        expect_no_change(&s);
        assert_int_equal(path_by(&s, "eth1"), 0);
        reads(&s, unbound(&s, 0, "10.0.0.1"));
        expect_no_change(&s);
}

static void test_what_the_registry_calls_ours_is_not_doubled(void **state)
{
        _cleanup_(story_end) Story s;
        begin_with_two_ways(&s);
        Device *d = unbound(&s, 0, NULL);

        d->owner = strdup(DEVICE_OWNER_STAS);
        story_scan(&s, d, NULL);
        want(&s, "eth1"); /* its source is read late */
        expect_no_change(&s);
        assert_int_equal(path_by(&s, "eth1"), 0);
}

/* Nor is it the connection that the previous run was making when it was killed: that would report
 * its interface. */
static void test_what_the_run_before_wanted_is_not_it(void **state)
{
        _cleanup_(story_end) Story s;
        begin_with_two_ways(&s);
        _cleanup_tid_ Tid *tid = tid_by("eth1");

        assert_int_equal(engine_remember(s.engine, tid), 0);
        story_scan(&s, unbound(&s, 0, NULL), NULL);
        assert_false(engine_find_device(s.engine, 0)->ours);
}

/* Ours before a restart, and not live. The row it was assigned to is no longer wanted. */
static void begin_in_doubt(Story *s)
{
        begin_with_two_ways(s);
        story_say(s, "late", SOURCE_UNKNOWN, "");
        want(s, "eth1");
        assert_int_equal(engine_restore_device(s->engine, 0, 1), 0);
        story_scan(s, unbound(s, 0, NULL), NULL);
        assert_int_equal(path_by(s, "eth1"), 0);
        want(s, "");
        story_wait_for(s, 3600 * USEC_PER_SEC);
}

static void test_what_may_go_another_way_waits_for_who_is_silent(void **state)
{
        _cleanup_(story_end) Story s;
        begin_in_doubt(&s);

        expect_no_change(&s);
        assert_string_equal(reason_to_string(row_by(&s, "eth1")->decision.reason),
                            reason_to_string(REASON_UNSURE));
        name_ways(&s, "late", "eth2");
        story_wait_for(&s, 3600 * USEC_PER_SEC);
        expect_no_change(&s);
        assert_int_equal(path_by(&s, "eth2"), 0);
}

static void test_what_nobody_wants_by_any_way_goes(void **state)
{
        _cleanup_(story_end) Story s;
        begin_in_doubt(&s);

        expect_no_change(&s);
        name_ways(&s, "late", "");
        expect_no_change(&s); /* quiet time */
        story_wait_for(&s, PLAN_QUIET_USEC);
        story_disconnect(&s, 0);
}

static void test_whose_row_is_known_waits_for_nobody(void **state)
{
        _cleanup_(story_end) Story s;
        begin_in_doubt(&s);

        expect_no_change(&s);
        reads(&s, unbound(&s, 0, "10.0.0.1"));
        story_disconnect(&s, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_not_live_serves_no_row_that_wants_a_way),
                cmocka_unit_test(test_two_rows_get_a_path_each),
                cmocka_unit_test(test_it_serves_who_still_waits_when_its_way_is_known),
                cmocka_unit_test(test_who_wants_no_way_is_served),
                cmocka_unit_test(test_what_goes_another_way_now_is_let_go),
                cmocka_unit_test(test_what_was_adopted_and_let_go_is_not_ours),
                cmocka_unit_test(test_an_address_that_nobody_knows_lets_nothing_go),
                cmocka_unit_test(test_an_address_that_moves_takes_its_connection_along),
                cmocka_unit_test(test_what_was_ours_before_is_not_doubled),
                cmocka_unit_test(test_what_the_registry_calls_ours_is_not_doubled),
                cmocka_unit_test(test_what_the_run_before_wanted_is_not_it),
                cmocka_unit_test(test_what_may_go_another_way_waits_for_who_is_silent),
                cmocka_unit_test(test_what_nobody_wants_by_any_way_goes),
                cmocka_unit_test(test_whose_row_is_known_waits_for_nobody),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

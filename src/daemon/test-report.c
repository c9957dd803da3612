/* SPDX-License-Identifier: Apache-2.0 */

/* Journal messages, for any combination of notes in one plan. */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "plan/test-story.h"

static void exclude(Story *s, const char *nqn)
{
        const TidFields fields = { .subsysnqn = nqn };
        Policy *p = story_policy(s);

        assert_int_equal(nqn ? exclude_list_add(&p->excludes, &fields, "stacd.conf:3") : 0, 0);
        engine_set_policy(s->engine, p, s->now);
}

typedef struct Journal { /* of a daemon whose messages go to standard error */
        Story s;
        Daemon d;
        FILE *file;
        int stderr_before;
} Journal;

static const DaemonType stafd = { .name = "stafd", .role = CONTROLLER_DISCOVERY };
static const DaemonType stacd = { .name = "stacd", .role = CONTROLLER_IO };

static void journal_open(Journal *j, const DaemonType *type)
{
        *j = (Journal) { .d.type = type, .file = tmpfile() };
        assert_non_null(j->file);
        log_set_debug(false);
        assert_int_equal(sd_event_new(&j->d.loop.event), 0);
        story_begin(&j->s, type->role);
        story_scan(&j->s, NULL, NULL);
        j->d.engine = j->s.engine;
        (void) fflush(stderr);
        j->stderr_before = dup(STDERR_FILENO);
        assert_return_code(dup2(fileno(j->file), STDERR_FILENO), errno);
}

static void journal_close(Journal *j)
{
        (void) dup2(j->stderr_before, STDERR_FILENO);
        (void) close(j->stderr_before);
        (void) fclose(j->file);
        (void) sd_event_source_unref(j->d.repeats_timer);
        repeats_done(&j->d.repeats);
        (void) sd_event_unref(j->d.loop.event);
        story_end(&j->s);
}

/* Reports the last plan. */
static void report(Journal *j)
{
        for (size_t i = 0; i < j->s.plan->n_notes; i++)
                report_note(&j->d, &j->s.plan->notes[i]);
}

static size_t count_lines(Journal *j, const char *with)
{
        char line[1024];
        size_t n = 0;

        (void) fflush(stderr);
        rewind(j->file);
        while (fgets(line, sizeof(line), j->file))
                n += strstr(line, with) != NULL;
        return n;
}

/* One reload removes both a rule and the controller that it excluded: by the time "wanted" would be
 * reported, the controller is no longer wanted. */
static void test_wanted_for_a_moment(void **state)
{
        _cleanup_(journal_close) Journal j;
        journal_open(&j, &stacd);
        Story *s = &j.s;

        log_set_debug(true);
        exclude(s, "nqn.2024-01.lab:a");
        story_say(s, "config", SOURCE_COMPLETE, "a");
        story_expect_nothing(s);

        exclude(s, NULL);
        story_say(s, "config", SOURCE_COMPLETE, "");
        story_expect_nothing(s);
        assert_int_equal(story_count_notes(s, NOTE_WANTED), 1);
        report(&j);
        assert_int_equal(count_lines(&j, " is wanted by "), 0);
        assert_int_equal(count_lines(&j, "nqn.2024-01.lab:a) is no longer wanted"), 1);
        assert_int_equal(count_lines(&j, ""), 1);
}

/* A log drops the controller and lists it again before it is disconnected: the last message says
 * wanted. */
static void test_wanted_again(void **state)
{
        _cleanup_(journal_close) Journal j;
        journal_open(&j, &stacd);
        Story *s = &j.s;

        story_say(s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(s, 0, 1, "a");
        (void) story_plan(s);
        report(&j);
        story_say(s, "config", SOURCE_COMPLETE, "");
        story_expect_nothing(s);
        report(&j);
        assert_int_equal(count_lines(&j, "nqn.2024-01.lab:a) is no longer wanted"), 1);
        assert_int_equal(count_lines(&j, "wanted again"), 0);

        story_say(s, "other", SOURCE_COMPLETE, "a");
        story_expect_nothing(s);
        report(&j);
        assert_int_equal(count_lines(&j, "nqn.2024-01.lab:a) is wanted again, by "), 1);
}

/* ---- repetition by a peer ---- */

/* It alternates between refusing and sending invalid data: each change is a new error. */
static void test_a_discovery_controller_that_never_gives_up(void **state)
{
        _cleanup_(journal_close) Journal j;
        journal_open(&j, &stafd);
        Story *s = &j.s;

        story_say(s, "config", SOURCE_COMPLETE, "dc");
        story_connect_as(s, 0, 1, "dc");
        for (int i = 0; i < 1000; i++) {
                end_read_log(s->engine, story_take(s, OPERATION_READ_LOG), i % 2 ? -EBADMSG : -EIO,
                             i % 2 ? 0 : 2, NULL, s->now);
                (void) story_plan(s);
                report(&j);
                story_wait_for(s, USEC_PER_SEC);
                story_uevent(s, KERNEL_LOG_CHANGED, 0);
        }
        /* All of this is within the first minute of the daemon's clock. */
        assert_int_equal(count_lines(&j, "NVMe status 0x2"), REPEATS_BURST);
        assert_int_equal(count_lines(&j, "malformed"), REPEATS_BURST);
        assert_int_equal(j.d.repeats.n_held, 2);
}

static void name_by_log(Story *s, const char *names, const char *problem)
{
        SourceSet *set = story_set(s, "dc", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, names);

        for (size_t i = 0; i < set->n_entries; i++) {
                set->entries[i].problem = problem;
                set->entries[i].passive = problem;
        }
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
        story_expect_nothing(s); /* above all no connect */
}

/* A log that names what could not be passed to the kernel, each time that it is read. */
static void test_what_cannot_be_connected_is_told_once(void **state)
{
        _cleanup_(journal_close) Journal j;
        journal_open(&j, &stacd);

        for (int i = 0; i < 5; i++) {
                name_by_log(&j.s, i % 2 ? "a b" : "a b c", NQN_NOT_USABLE);
                report(&j);
        }
        assert_int_equal(count_lines(&j, "nqn.2024-01.lab:a) is not used: its NQN is not printable "
                                         "UTF-8, or has a comma (unusable entries of that source: "
                                         "3)"),
                         1);
        assert_int_equal(count_lines(&j, "Failed to connect"), 0);
}

static void fail_probes(Story *s, int error)
{
        uint64_t op_ids[128];
        size_t n = 0;

        (void) story_plan(s);
        for (size_t i = 0; i < s->plan->n_actions; i++)
                if (s->plan->actions[i].operation == OPERATION_PROBE)
                        op_ids[n++] = s->plan->actions[i].op_id;
        for (size_t i = 0; i < n; i++)
                end_probe(s->engine, op_ids[i], error, s->now);
        (void) story_plan(s);
}

static void test_descriptors_that_ran_out_are_told_once(void **state)
{
        _cleanup_(journal_close) Journal j;
        _cleanup_text_buffer_ TextBuffer names = { 0 };
        journal_open(&j, &stacd);
        Story *s = &j.s;

        for (int i = 1; i <= 60; i++)
                text_buffer_printf(&names, "n%i@192.0.2.%i ", i, i);
        s->by_hand = true;
        story_say(s, "config", SOURCE_COMPLETE, names.data);
        for (int i = 0; i < 30; i++) {
                fail_probes(s, -EMFILE);
                report(&j);
                story_wait_for(s, USEC_PER_SEC);
        }
        assert_int_equal(count_lines(&j, ""), 1);
        assert_int_equal(count_lines(&j, "EMFILE (this daemon has no file descriptor left"), 1);
        assert_int_equal(count_lines(&j, "No answer"), 0);
}

static void test_connects_without_descriptors_are_told_once(void **state)
{
        _cleanup_(journal_close) Journal j;
        _cleanup_text_buffer_ TextBuffer names = { 0 };
        journal_open(&j, &stacd);

        for (int i = 1; i <= 60; i++)
                text_buffer_printf(&names, "n%i@192.0.2.%i ", i, i);
        story_say(&j.s, "config", SOURCE_COMPLETE, names.data);
        for (int i = 0; i < 120; i++) {
                uint64_t op_id = story_take(&j.s, OPERATION_CONNECT);

                story_wait_for(&j.s, USEC_PER_SEC / 50);
                assert_int_equal(end_connect(j.s.engine, op_id, -EMFILE, -1, 0, j.s.now), 0);
                (void) story_plan(&j.s);
                report(&j);
        }
        assert_int_equal(count_lines(&j, ""), 1);
        assert_int_equal(count_lines(&j, "Cannot connect controllers, the first being (tcp, "), 1);
        assert_int_equal(count_lines(&j, "EMFILE (this daemon has no file descriptor left"), 1);
}

static void fail_connect(Journal *j, int error, usec_t took)
{
        Story *s = &j->s;
        uint64_t op_id = story_take(s, OPERATION_CONNECT);

        story_wait_for(s, took);
        assert_int_equal(end_connect(s->engine, op_id, error, -1, 0, s->now), 0);
        (void) story_plan(s);
        report(j);
}

static void test_a_connect_that_fails_says_why(void **state)
{
        _cleanup_(journal_close) Journal j;
        journal_open(&j, &stacd);

        story_say(&j.s, "config", SOURCE_COMPLETE, "a");
        fail_connect(&j, -ETIME, 61 * USEC_PER_SEC);
        assert_int_equal(count_lines(&j, "nqn.2024-01.lab:a): ETIME (the connect did not complete "
                                         "within 1min 1s: the target did not answer a command)"),
                         1);
        story_say(&j.s, "more", SOURCE_COMPLETE, "b");
        story_connect_as(&j.s, 0, 1, "b");
        story_say(&j.s, "yet more", SOURCE_COMPLETE, "c");
        fail_connect(&j, -ENOMEM, 0);
        assert_int_equal(count_lines(&j, "nqn.2024-01.lab:c): ENOMEM (the target has no queues "
                                         "left for another controller"),
                         1);
}

static void test_what_a_policy_forbids_is_not_the_portals(void **state)
{
        _cleanup_(journal_close) Journal j;
        journal_open(&j, &stacd);

        j.s.by_hand = true;
        story_say(&j.s, "config", SOURCE_COMPLETE, "a");
        fail_probes(&j.s, -EACCES);
        report(&j);
        assert_int_equal(count_lines(&j, "Cannot probe port 4420 of 192.0.2.1"), 1);
        assert_int_equal(
                count_lines(&j, "EACCES (this host's security policy (SELinux, AppArmor, "), 1);
        assert_int_equal(count_lines(&j, "requires authentication"), 0);
}

/* Said once, by the first of them, and not again with each reading of the log. */
static void test_entries_that_name_no_controller(void **state)
{
        const DlpEntry e = { .trtype = DLPE_TRTYPE_TCP,
                             .subtype = DLPE_NVME,
                             .trsvcid = "4420",
                             .subnqn = (char *) "nqn.x",
                             .traddr = (char *) "0.0.0.0" };
        _cleanup_(journal_close) Journal j;
        journal_open(&j, &stacd);
        Story *s = &j.s;

        for (size_t i = 0; i < 3; i++) {
                SourceSet *set = story_set(s, "dc x", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, "");
                assert_int_equal(source_set_skip(set, &e, "nvme0 (tcp, 192.0.2.1) entry 0",
                                                 "its address is unspecified"),
                                 0);
                assert_int_equal(source_set_skip(set, &e, "nvme0 (tcp, 192.0.2.1) entry 3",
                                                 "its address is unspecified"),
                                 0);
                assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
                story_expect_nothing(s);
                report(&j);
        }
        assert_int_equal(count_lines(&j, "nvme0 (tcp, 192.0.2.1) entry 0 (tcp, 0.0.0.0, 4420, "
                                         "nqn.x) is not used: its address is unspecified (unusable "
                                         "entries of that source: 2)\n"),
                         1);
        assert_int_equal(count_lines(&j, ""), 1);
}

/* Once, until the log is whole again. */
static void test_a_log_of_which_entries_may_be_missing(void **state)
{
        _cleanup_(journal_close) Journal j;
        journal_open(&j, &stafd);
        Story *s = &j.s;

        story_say(s, "config", SOURCE_COMPLETE, "a");
        story_connect_as(s, 0, 1, "a");
        for (int i = 0; i < 4; i++) {
                DiscoveryLog *log = story_log(1);

                log->partial = i != 2;
                end_read_log(s->engine, story_take(s, OPERATION_READ_LOG), 0, 0, log, s->now);
                (void) story_plan(s);
                report(&j);
                story_wait_for(s, PLAN_LOG_PACE_USEC);
                story_uevent(s, KERNEL_LOG_CHANGED, 0);
        }
        assert_int_equal(count_lines(&j, "The discovery log of nvme0 (tcp, 192.0.2.1, 8009, "
                                         "nqn.2024-01.lab:a) is incomplete or contradicts itself"),
                         2);
}

static void test_a_portal_that_demands_tls(void **state)
{
        _cleanup_(journal_close) Journal j;
        journal_open(&j, &stacd);
        Story *s = &j.s;
        SourceSet *set = story_set(s, "dc x", SOURCE_DISCOVERY_LOG, SOURCE_COMPLETE, "a");

        set->entries[0].demands_tls = true;
        assert_int_equal(engine_set_source(s->engine, set, s->now), 0);
        assert_int_equal(end_connect(s->engine, story_take(s, OPERATION_CONNECT), -ECONNRESET, -1,
                                     0, s->now),
                         0);
        (void) story_plan(s);
        report(&j);
        assert_int_equal(count_lines(&j, ": ECONNRESET (the discovery log requires a secure "
                                         "channel for it, and nvme-stas does not support TLS); "
                                         "next attempt in "),
                         1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_wanted_for_a_moment),
                cmocka_unit_test(test_entries_that_name_no_controller),
                cmocka_unit_test(test_a_log_of_which_entries_may_be_missing),
                cmocka_unit_test(test_a_portal_that_demands_tls),
                cmocka_unit_test(test_wanted_again),
                cmocka_unit_test(test_a_discovery_controller_that_never_gives_up),
                cmocka_unit_test(test_what_cannot_be_connected_is_told_once),
                cmocka_unit_test(test_descriptors_that_ran_out_are_told_once),
                cmocka_unit_test(test_connects_without_descriptors_are_told_once),
                cmocka_unit_test(test_a_connect_that_fails_says_why),
                cmocka_unit_test(test_what_a_policy_forbids_is_not_the_portals),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

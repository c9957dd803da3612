/* SPDX-License-Identifier: Apache-2.0 */

/* stas-replay reads the recordings of a daemon. */

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"
#include "codec/recording.h"
#include "daemon/recorder.h"
#include "replay.h"

#define SECRET "DHHC-1:00:ZmVlbCBmcmVlIHRvIGxvb2s=:"

typedef struct Story {
        char folder[32], path[PATH_MAX];
        Engine *engine;
        Recorder *recorder;
        usec_t now;
        uint64_t connect, scan; /* of the last plan, or 0 */
} Story;

static int setup(void **state)
{
        static Story s;

        s = (Story) { .folder = "/tmp/test-replay-XXXXXX" };
        assert_non_null(mkdtemp(s.folder));
        (void) snprintf(s.path, sizeof(s.path), "%s/file", s.folder);
        *state = &s;
        return 0;
}

static int teardown(void **state)
{
        Story *s = *state;

        (void) recorder_free(s->recorder, s->now);
        (void) engine_free(s->engine);
        (void) unlink(s->path);
        assert_int_equal(rmdir(s->folder), 0);
        return 0;
}

/* ---- a daemon ---- */

static Policy *make_policy(void)
{
        Policy *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        p->role = CONTROLLER_IO;
        p->ip_families = IP_FAMILY_IPV4;
        settings_init(&p->settings);
        return p;
}

static void begin(Story *s, usec_t now)
{
        s->now = now;
        s->engine = engine_free(s->engine);
        assert_int_equal(engine_new(make_policy(), &s->engine), 0);
        assert_int_equal(
                recorder_new(s->path, "stacd", engine_policy(s->engine), now, &s->recorder), 0);
}

static void tell(Story *s, EngineInput in)
{
        in.now = s->now;
        recorder_input(s->recorder, &in);
        assert_int_equal(engine_take(s->engine, &in), 0);
}

static void plan(Story *s, usec_t later)
{
        const Plan *p;

        s->now += later;
        assert_int_equal(engine_plan(s->engine, s->now, &p), 0);
        recorder_plan(s->recorder, s->now, p);
        s->connect = s->scan = 0;
        for (size_t i = 0; i < p->n_actions; i++)
                if (p->actions[i].operation == OPERATION_CONNECT)
                        s->connect = p->actions[i].op_id;
                else if (p->actions[i].operation == OPERATION_SCAN)
                        s->scan = p->actions[i].op_id;
}

/* RDMA has no portal to be probed first. */
static SourceSet *make_set(void)
{
        const TidFields fields = {
                .transport = "rdma",
                .traddr = "192.0.2.1",
                .subsysnqn = "nqn.2024-01.lab:a",
        };
        SourceSet *set;
        Tid *tid;

        assert_int_equal(source_set_new("config", SOURCE_CONFIGURED, SOURCE_COMPLETE, &set), 0);
        assert_int_equal(tid_new(&fields, CONTROLLER_IO, &tid), 0);
        SourceEntry *e = source_set_add(set, tid, "stacd.conf:1");
        assert_non_null(e);
        assert_int_equal(secret_new(SECRET, &e->dhchap_secret), 0);
        assert_int_equal(secret_new(SECRET, &e->dhchap_ctrl_secret), 0);
        return set;
}

/* One controller, whose connect fails. */
static void live(Story *s, usec_t now)
{
        begin(s, now);
        tell(s, (EngineInput) { .kind = INPUT_SET_SOURCE, .set = make_set() });
        tell(s, (EngineInput) { .kind = INPUT_CONNECTS_OVER });
        plan(s, 1000);
        assert_int_not_equal(s->scan, 0);
        tell(s, (EngineInput) {
                        .kind = INPUT_COMPLETE,
                        .completion = { .operation = OPERATION_SCAN, .op_id = s->scan },
                });
        plan(s, 1000);
        assert_int_not_equal(s->connect, 0);
        s->now += 2 * USEC_PER_SEC;
        tell(s, (EngineInput) { .kind = INPUT_COMPLETE,
                                .completion = { .operation = OPERATION_CONNECT,
                                                .op_id = s->connect,
                                                .error = -ECONNREFUSED,
                                                .instance = -1 } });
        plan(s, 0);
        plan(s, 5 * USEC_PER_SEC);
        assert_int_not_equal(s->connect, 0);
}

/* ---- its recording ---- */

static char *read_file(const Story *s)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        FILE *f = fopen(s->path, "re");
        char part[4096];
        size_t n;

        assert_non_null(f);
        while ((n = fread(part, 1, sizeof(part), f)) > 0)
                text_buffer_append_bytes(&b, part, n);
        assert_int_equal(fclose(f), 0);
        return text_buffer_take(&b);
}

static bool has_end(const Story *s)
{
        char tail[256] = "";
        FILE *f = fopen(s->path, "re");

        assert_non_null(f);
        (void) fseek(f, -(long) (sizeof(tail) - 1), SEEK_END); /* fails if shorter: read it all */
        size_t n = fread(tail, 1, sizeof(tail) - 1, f);
        assert_int_equal(fclose(f), 0);
        const char *last = strrchr(tail, '{');
        return last && strstr(last, "\"end\":") && tail[n - 1] == '\n';
}

/* The recorder's thread may take longer than the daemon waits for it. */
static void end(Story *s)
{
        s->recorder = recorder_free(s->recorder, s->now);
        for (unsigned i = 0; i < 3000 && !has_end(s); i++)
                (void) usleep(10000);
}

static void write_file(const Story *s, const char *text)
{
        FILE *f = fopen(s->path, "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

/* Replaces the first occurrence of from. */
static void change_file(const Story *s, const char *from, const char *to)
{
        _cleanup_free_ char *text = read_file(s);
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        const char *at = strstr(text, from);

        assert_non_null(at);
        text_buffer_append_bytes(&b, text, (size_t) (at - text));
        text_buffer_printf(&b, "%s%s", to, at + strlen(from));
        write_file(s, b.data);
}

/* Returns the output, freed by the caller. */
static char *replay(const Story *s, ReplayOptions o, ReplayResult expected)
{
        FILE *f = fopen(s->path, "re");
        char *text = NULL;
        size_t n;

        o.out = open_memstream(&text, &n);
        assert_true(f && o.out);
        assert_int_equal(replay_file(f, "file", &o), expected);
        assert_int_equal(fclose(f), 0);
        assert_int_equal(fclose(o.out), 0);
        return text;
}

static const ReplayOptions all = { .until = USEC_INFINITY };
static const ReplayOptions quiet = { .until = USEC_INFINITY, .quiet = true };

static void assert_has(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("\"%s\" is not in: %s", part, text);
}

static void test_what_was_recorded_is_decided_again(void **state)
{
        Story *s = *state;

        live(s, 100 * USEC_PER_SEC);
        end(s);
        _cleanup_free_ char *text = replay(s, all, REPLAY_SAME), *none = NULL;
        assert_has(text, "     0.000000  == stacd " PROJECT_VERSION " starts, ");
        assert_has(text, "     0.001000  -> scan op=");
        assert_has(text, "     0.002000  -> connect op=");
        assert_has(text, " controller=(rdma, 192.0.2.1, 4420, nqn.2024-01.lab:a) settings=\n");
        assert_has(text, "     2.002000   * connect failed controller=(rdma, ");
        assert_has(text, " error=ECONNREFUSED\n");
        assert_has(text, "     7.002000  -> connect op=");
        assert_has(text, "     7.002000  == ends: the daemon has stopped\n");
        assert_null(strstr(text, "<-"));

        none = replay(s, quiet, REPLAY_SAME);
        assert_string_equal(none, "");
}

static void test_inputs_are_shown_when_asked_for(void **state)
{
        const ReplayOptions inputs = { .until = USEC_INFINITY, .inputs = true };
        Story *s = *state;

        live(s, USEC_PER_SEC);
        end(s);
        _cleanup_free_ char *text = replay(s, inputs, REPLAY_SAME);
        assert_has(text, "<- {\"now\":1000000,\"input\":\"connects-over\"}\n");
}

static void test_secrets_are_not_recorded(void **state)
{
        Story *s = *state;
        struct stat st;

        live(s, USEC_PER_SEC);
        end(s);
        _cleanup_free_ char *text = read_file(s);
        assert_has(text, "nqn.2024-01.lab:a");
        assert_null(strstr(text, "DHHC"));
        assert_null(strstr(text, "ZmVlbCBm"));
        assert_int_equal(stat(s->path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_another_decision_is_told(void **state)
{
        Story *s = *state;

        live(s, USEC_PER_SEC);
        end(s);
        change_file(s, "192.0.2.1, 4420", "192.0.2.2, 4420");
        _cleanup_free_ char *text = replay(s, quiet, REPLAY_DIFFERENT);
        assert_has(text, "file:6: at 0.002000 s another decision\n  recorded: {");
        assert_has(text, "(rdma, 192.0.2.2, 4420, ");
        assert_has(text, "\n  replayed: {");
        assert_has(text, "(rdma, 192.0.2.1, 4420, ");
}

static void test_a_decision_more_or_less_is_told(void **state)
{
        Story *s = *state;

        live(s, USEC_PER_SEC);
        end(s);
        change_file(s, "{\"now\":1001000,\"plan\":[{\"action\":\"scan\",\"op\":\"1\"}]}",
                    "{\"now\":1001000,\"plan\":[]}");
        _cleanup_free_ char *more = replay(s, quiet, REPLAY_DIFFERENT), *less = NULL;
        assert_has(more, "  recorded: nothing\n  replayed: {\"action\":\"scan\"");

        change_file(s, "\"plan\":[]", "\"plan\":[{\"action\":\"scan\",\"op\":\"1\"},{}]");
        less = replay(s, quiet, REPLAY_DIFFERENT);
        assert_has(less, "  recorded: {}\n  replayed: nothing\n");
}

static void test_a_moment_is_explained(void **state)
{
        ReplayOptions at = { .until = 1 * USEC_PER_SEC, .explain = true, .quiet = true };
        Story *s = *state;

        live(s, 100 * USEC_PER_SEC);
        end(s);
        _cleanup_free_ char *connecting = replay(s, at, REPLAY_SAME), *waiting = NULL;
        assert_has(connecting, "     1.000000  == 1 controllers\n");
        assert_has(connecting, "-  rdma 192.0.2.1:4420  nqn.2024-01.lab:a  connecting\n");
        assert_has(connecting, "stacd.conf:1 [configured, complete]\n");

        at.until = 2 * USEC_PER_SEC + 500 * USEC_PER_MSEC;
        waiting = replay(s, at, REPLAY_SAME);
        assert_has(waiting, "nqn.2024-01.lab:a  not connected\n");
        assert_has(waiting, "ECONNREFUSED");
}

/* Killed, restarted and killed again: three runs, two of them without an end. */
static void test_a_daemon_that_was_killed(void **state)
{
        Story *s = *state;

        live(s, 100 * USEC_PER_SEC);
        end(s);
        change_file(s, ",\"end\":\"the daemon has stopped\"}\n", "");
        live(s, 200 * USEC_PER_SEC);
        end(s);
        live(s, 300 * USEC_PER_SEC);
        end(s);
        change_file(s, "{\"now\":307002000,\"end\":\"the daemon has stopped\"}\n", "{");

        _cleanup_free_ char *text = replay(s, all, REPLAY_SAME);
        assert_has(text, "     0.000000  == stacd ");
        assert_has(text, "   100.000000  == stacd ");
        assert_has(text, "   207.002000  -> connect ");
}

static void test_what_is_no_recording(void **state)
{
        static const struct {
                const char *text, *message;
        } cases[] = {
                { "", "file:0: not a recording\n" },
                { "[Global]\n", "file:1: not a recording\n" },
                { "{\"now\":1,\"plan\":[]}\n", "file:1: not a recording\n" },
                { "{\"now\":1,\"recording\":9}\n", "file:1: a recording of another version\n" },
        };
        Story *s = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                write_file(s, cases[i].text);
                _cleanup_free_ char *text = replay(s, quiet, REPLAY_UNUSABLE);
                assert_string_equal(text, cases[i].message);
        }
}

static void test_damage_is_told(void **state)
{
        Story *s = *state;

        live(s, USEC_PER_SEC);
        end(s);
        change_file(s, "connects-over", "connects-under");
        _cleanup_free_ char *text = replay(s, quiet, REPLAY_UNUSABLE), *more = NULL;
        assert_string_equal(text, "file:4: goes on behind a damaged line\n");

        change_file(s, "connects-under\"}", "connects-over\"}\n{\"now\":1,\"end\":\"\"}");
        more = replay(s, quiet, REPLAY_UNUSABLE);
        assert_string_equal(more, "file:5: goes on behind its end\n");
}

static void test_it_ends_at_its_largest_size(void **state)
{
        static const char zero = '\n';
        Story *s = *state;
        char tail[64] = "";

        int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        assert_true(fd >= 0); /* nearly full, but almost all of it a hole */
        assert_int_equal(pwrite(fd, &zero, 1, (off_t) RECORDING_SIZE_MAX - 1000), 1);
        begin(s, USEC_PER_SEC);
        for (int i = 0; i < 1000; i++)
                tell(s, (EngineInput) { .kind = INPUT_RETRY_NOW });
        end(s);

        off_t size = lseek(fd, 0, SEEK_END);
        assert_true((size_t) size > RECORDING_SIZE_MAX - 100);
        assert_true((size_t) size < RECORDING_SIZE_MAX + 100);
        assert_int_equal(pread(fd, tail, 63, size - 63), 63);
        assert_has(tail, "\"end\":\"it has reached its maximum size\"}\n");
        (void) close(fd);
}

static void test_an_input_that_was_lost_ends_it(void **state)
{
        Story *s = *state;

        begin(s, USEC_PER_SEC);
        recorder_lost(s->recorder, s->now);
        tell(s, (EngineInput) { .kind = INPUT_RETRY_NOW });
        end(s);
        _cleanup_free_ char *text = replay(s, all, REPLAY_SAME), *file = read_file(s);
        assert_has(text, "== ends: Cannot allocate memory\n");
        assert_null(strstr(file, "retry-now"));
}

static void test_only_a_regular_file_is_written(void **state)
{
        Story *s = *state;
        Policy *p = make_policy();
        Recorder *r;

        assert_int_equal(mkfifo(s->path, 0600), 0);
        assert_int_equal(recorder_new(s->path, "stacd", p, 0, &r), -EINVAL);
        assert_int_equal(recorder_new("/dev/null", "stacd", p, 0, &r), -EINVAL);
        assert_int_equal(recorder_new(s->folder, "stacd", p, 0, &r), -EISDIR);
        assert_int_equal(unlink(s->path), 0);
        assert_int_equal(symlink("/dev/null", s->path), 0);
        assert_int_equal(recorder_new(s->path, "stacd", p, 0, &r), -ELOOP);
        (void) policy_free(p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_what_was_recorded_is_decided_again, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_inputs_are_shown_when_asked_for, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_secrets_are_not_recorded, setup, teardown),
                cmocka_unit_test_setup_teardown(test_another_decision_is_told, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_decision_more_or_less_is_told, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_a_moment_is_explained, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_daemon_that_was_killed, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_is_no_recording, setup, teardown),
                cmocka_unit_test_setup_teardown(test_damage_is_told, setup, teardown),
                cmocka_unit_test_setup_teardown(test_it_ends_at_its_largest_size, setup, teardown),
                cmocka_unit_test_setup_teardown(test_an_input_that_was_lost_ends_it, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_only_a_regular_file_is_written, setup,
                                                teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

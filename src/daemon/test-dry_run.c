/* SPDX-License-Identifier: Apache-2.0 */

/* --dry-run prints what the daemon would do on this host, for everything that the daemon knows at
 * start. */

#include "base/text.h"
#include "daemon/test-host.h"
#include "source/last_known_file.h"

/* stafd, without a bus. */
typedef struct Run {
        Host host;
        char *said; /* from standard output */
} Run;

static int set_up(void **state)
{
        Run *r = calloc(1, sizeof(*r));

        assert_non_null(r);
        assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", 1), 0);
        host_make(&r->host, "stafd", CONTROLLER_DISCOVERY);
        *state = r;
        return 0;
}

static int tear_down(void **state)
{
        Run *r = *state;

        host_remove(&r->host);
        free(r->said);
        free(r);
        return 0;
}

static char *read_all(FILE *f)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        char line[512];

        rewind(f);
        while (fgets(line, sizeof(line), f))
                text_buffer_append(&b, line);
        text_buffer_append(&b, "");
        return text_buffer_take(&b);
}

static void look(Run *r)
{
        FILE *f = tmpfile();

        assert_non_null(f);
        (void) fflush(stdout);
        int before = dup(STDOUT_FILENO);
        assert_return_code(dup2(fileno(f), STDOUT_FILENO), errno);
        int error = dry_run(&r->host.type, r->host.conf_file);
        (void) fflush(stdout);
        (void) dup2(before, STDOUT_FILENO);
        (void) close(before);
        assert_int_equal(error, EXIT_SUCCESS);
        free(r->said);
        r->said = read_all(f);
        (void) fclose(f);
}

static void expect(const Run *r, const char *line)
{
        if (!strstr(r->said, line))
                fail_msg("no \"%s\" in:\n%s", line, r->said);
}

static Tid *make_tid(const char *traddr)
{
        const TidFields fields = {
                .transport = "tcp",
                .traddr = traddr,
                .trsvcid = "8009",
                .subsysnqn = NQN_DISCOVERY,
                .host_nqn = HOST_NQN,
        };
        Tid *tid;

        assert_int_equal(tid_new(&fields, CONTROLLER_DISCOVERY, &tid), 0);
        return tid;
}

/* Made by the previous run. */
static void remember_as_ours(const Run *r, int instance, uint64_t inode, const char *traddr)
{
        LastKnownDevice device = { .instance = instance, .inode = inode, .tid = make_tid(traddr) };
        const LastKnown l = { .devices = &device, .n_devices = 1 };

        assert_int_equal(last_known_file_write(r->host.state_file, &l), 0);
        (void) tid_free(device.tid);
}

/* About to be made by the previous run when it was killed. */
static void remember_as_wanted(const Run *r, const char *traddr)
{
        Tid *tid = make_tid(traddr);
        const LastKnown l = { .remembered = &tid, .n_remembered = 1 };

        assert_int_equal(last_known_file_write(r->host.state_file, &l), 0);
        (void) tid_free(tid);
}

#define WITHOUT_MDNS "[Service Discovery]\nzeroconf=disabled\n"

static void test_what_is_wanted_is_connected(void **state)
{
        Run *r = *state;

        host_configure(&r->host, WITHOUT_MDNS "[Controllers]\n"
                                              "controller=transport=tcp;traddr=192.0.2.1\n"
                                              "controller=transport=tcp;traddr=192.0.2.2\n");
        (void) host_connect(&r->host, 0, "192.0.2.1", "8009", NQN_DISCOVERY);
        look(r);
        expect(r, "keep nvme0 (tcp, 192.0.2.1, 8009");
        expect(r, "connect (tcp, 192.0.2.2, 8009");
}

static void test_what_is_no_longer_wanted_goes(void **state)
{
        Run *r = *state;

        host_configure(&r->host, WITHOUT_MDNS);
        remember_as_ours(r, 0, host_connect(&r->host, 0, "192.0.2.1", "8009", NQN_DISCOVERY),
                         "192.0.2.1");
        look(r);
        expect(r, "disconnect nvme0 (tcp, 192.0.2.1, 8009");
}

/* The refused line may have named what is connected. */
static void test_a_refused_line_keeps_what_is_connected(void **state)
{
        Run *r = *state;

        host_configure(&r->host, WITHOUT_MDNS "[Controllers]\n"
                                              "controller=transport=tcp;traddr=\n");
        remember_as_ours(r, 0, host_connect(&r->host, 0, "192.0.2.1", "8009", NQN_DISCOVERY),
                         "192.0.2.1");
        look(r);
        expect(r, "leave alone nvme0 (tcp, 192.0.2.1, 8009");
}

/* Made by the kernel after the daemon was killed, and no longer wanted. */
static void test_what_was_being_connected_is_ours(void **state)
{
        Run *r = *state;

        host_configure(&r->host, WITHOUT_MDNS);
        remember_as_wanted(r, "192.0.2.1");
        (void) host_connect(&r->host, 0, "192.0.2.1", "8009", NQN_DISCOVERY);
        look(r);
        expect(r, "disconnect nvme0 (tcp, 192.0.2.1, 8009");
}

/* mDNS has not reported it gone. */
static void test_what_mdns_may_still_announce_is_kept(void **state)
{
        Run *r = *state;

        remember_as_ours(r, 0, host_connect(&r->host, 0, "192.0.2.1", "8009", NQN_DISCOVERY),
                         "192.0.2.1");
        look(r);
        expect(r, "leave alone nvme0 (tcp, 192.0.2.1, 8009");
}

static void test_nothing_is_touched(void **state)
{
        Run *r = *state;
        char path[PATH_MAX], text[64];

        root_put(&r->host.root, "run/state.json", "damaged");
        look(r);
        root_get(&r->host.root, "run/state.json", text, sizeof(text));
        assert_string_equal(text, "damaged");
        assert_int_equal(access(root_path(&r->host.root, "run/state.json.damaged", path), F_OK),
                         -1);
}

static void on_completion(Completion completion, void *userdata)
{
        Operation *ended = userdata;

        *ended = completion.operation;
        completion_done(&completion);
}

/* Whatever else the loop submits in the meantime. */
static void test_the_executor_only_looks(void **state)
{
        const Run *r = *state;
        const ExecutorConfig config = { .sysfs_root = r->host.sysfs,
                                        .registry_root = r->host.registry,
                                        .looks_only = true };
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(executor_freep) Executor *e = NULL;
        Operation ended = _OPERATION_MAX;
        char owner[64];

        assert_int_equal(sd_event_new(&event), 0);
        assert_int_equal(executor_new(event, &config, on_completion, &ended, &e), 0);
        root_put(&r->host.root, "run/registry/nvme4/owner", "stas\n");
        Job forget = { .operation = OPERATION_FORGET_OWNER, .instance = 4 },
            scan = { .operation = OPERATION_SCAN };
        assert_int_equal(executor_submit(e, &forget), 0);
        assert_int_equal(executor_submit(e, &scan), 0); /* they would run sequentially */
        assert_true(sd_event_run(event, 60 * USEC_PER_SEC) > 0);
        assert_int_equal(ended, OPERATION_SCAN);
        root_get(&r->host.root, "run/registry/nvme4/owner", owner, sizeof(owner));
        assert_string_equal(owner, "stas\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_what_is_wanted_is_connected),
                TEST(test_what_is_no_longer_wanted_goes),
                TEST(test_a_refused_line_keeps_what_is_connected),
                TEST(test_what_was_being_connected_is_ours),
                TEST(test_what_mdns_may_still_announce_is_kept),
                TEST(test_nothing_is_touched),
                TEST(test_the_executor_only_looks),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

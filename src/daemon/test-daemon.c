/* SPDX-License-Identifier: Apache-2.0 */

/* The daemons from their configuration files to connects, journal and D-Bus: on a host in a
 * directory, with a private bus, and with the fakes of test-hands.h. */

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "base/text.h"
#include "bus/test-private-bus.h"
#include "daemon/test-announcer.h"
#include "daemon/test-hands.h"
#include "daemon/to_engine.h"
#include "source/last_known_file.h"

#define DEADLINE (60 * USEC_PER_SEC)
#define PERMIT_ALL                                                                                 \
        "<policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/>"                        \
        "<allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/></policy>"

#define NQN_A "nqn.2024-01.lab:a"
#define LINE_A "controller = transport=tcp;traddr=192.0.2.1;trsvcid=4420;nqn=" NQN_A "\n"

typedef struct World {
        Host host;
        PrivateBus bus;
        Daemon d;
        bool runs;
        sigset_t signals; /* those that the daemon does not handle */
        Announcer announcer;
        sd_bus *client;
        sd_bus_message *answer;
        FILE *journal; /* standard error while the test runs */
        int stderr_before;
} World;

/* ---- life ---- */

static void start(World *w)
{
        _cleanup_free_ char *reason = NULL;

        w->d = (Daemon) { .type = &w->host.type, .conf_file = w->host.conf_file };
        hands_init(&w->host);
        assert_int_equal(
                inputs_load(w->d.type, w->d.conf_file, false, &w->d.inputs, &w->d.inputs, &reason),
                0);
        assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &w->signals), 0);
        assert_int_equal(daemon_start(&w->d), 0);
        assert_int_equal(private_bus_connect(&w->bus, w->d.loop.event, &w->client), 0);
        w->runs = true;
}

/* The daemon is told to stop, and waits for nothing. */
static void stop(World *w)
{
        sigset_t set;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGTERM);
        assert_int_equal(sigprocmask(SIG_BLOCK, &set, NULL), 0); /* unblocked by a failing test */
        assert_int_equal(raise(SIGTERM), 0);
        assert_int_equal(daemon_run(&w->d), EXIT_SUCCESS);
        announcer_stop(&w->announcer);
        w->answer = sd_bus_message_unref(w->answer);
        w->client = sd_bus_close_unref(w->client);
        daemon_done(&w->d);
        assert_int_equal(sigprocmask(SIG_SETMASK, &w->signals, NULL), 0);
        w->runs = false;
}

static int set_up(void **state)
{
        World *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        *state = w;
        int r = private_bus_start(&w->bus, PERMIT_ALL);
        if (r == -ENOENT)
                return 0;
        assert_int_equal(r, 0);
        assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", w->bus.address, 1), 0);
        host_make(&w->host, "stacd", CONTROLLER_IO);
        w->journal = tmpfile();
        assert_non_null(w->journal);
        (void) fflush(stderr);
        w->stderr_before = dup(STDERR_FILENO);
        assert_return_code(dup2(fileno(w->journal), STDERR_FILENO), errno);
        return 0;
}

static void print_journal(FILE *journal)
{
        char line[1024];

        rewind(journal);
        while (fgets(line, sizeof(line), journal))
                print_message("  %s", line);
}

static int tear_down(void **state)
{
        World *w = *state;

        if (w->runs)
                stop(w);
        if (w->journal) {
                (void) fflush(stderr);
                (void) dup2(w->stderr_before, STDERR_FILENO);
                (void) close(w->stderr_before);
                print_journal(w->journal);
                (void) fclose(w->journal);
                host_remove(&w->host);
        }
        private_bus_stop(&w->bus);
        free(w);
        return 0;
}

static World *world(void **state)
{
        World *w = *state;

        if (!w->bus.address) {
                print_message("no dbus-daemon\n");
                skip();
        }
        return w;
}

static usec_t now(void)
{
        struct timespec t;

        assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
        return (usec_t) t.tv_sec * USEC_PER_SEC + (usec_t) t.tv_nsec / 1000;
}

static void run_for(World *w, usec_t usec)
{
        for (usec_t end = now() + usec; now() < end;)
                assert_true(sd_event_run(w->d.loop.event, MIN(usec, 10 * USEC_PER_MSEC)) >= 0);
}

/* Runs the loop until the condition holds. */
#define AWAIT(w, condition)                                                                        \
        for (usec_t await_end = now() + DEADLINE; !(condition);) {                                 \
                assert_true(now() < await_end);                                                    \
                run_for(w, USEC_PER_MSEC);                                                         \
        }

/* ---- messages ---- */

static size_t count_said(World *w, const char *text)
{
        char line[1024];
        size_t n = 0;

        (void) fflush(stderr);
        rewind(w->journal);
        while (fgets(line, sizeof(line), w->journal))
                n += strstr(line, text) != NULL;
        (void) fseek(w->journal, 0, SEEK_END);
        return n;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        World *w = userdata;

        w->answer = sd_bus_message_ref(m);
        return 0;
}

/* Returns the answer to a call of org.nvmexpress.stas1. */
static sd_bus_message *ask(World *w, const char *method, const char *types, const char *what)
{
        bool is_stacd = w->host.type.role == CONTROLLER_IO;

        w->answer = sd_bus_message_unref(w->answer);
        assert_true(sd_bus_call_method_async(
                            w->client, NULL, is_stacd ? BUS_STAC_NAME : BUS_STAF_NAME,
                            is_stacd ? BUS_STAC_PATH : BUS_STAF_PATH, BUS_STAS1_INTERFACE, method,
                            on_answer, w, types, what) >= 0);
        AWAIT(w, w->answer);
        return w->answer;
}

/* Checks a key of explain() for the only controller of that name. */
static void expect_explained(World *w, const char *what, const char *key, const char *value)
{
        sd_bus_message *m;
        const char *k, *v, *found = "(none)";

        AWAIT(w, w->d.is_ready);
        m = ask(w, "explain", "s", what);
        assert_false(sd_bus_message_is_method_error(m, NULL));
        assert_true(sd_bus_message_enter_container(m, 'a', "a{ss}") > 0);
        assert_true(sd_bus_message_enter_container(m, 'a', "{ss}") > 0);
        while (sd_bus_message_enter_container(m, 'e', "ss") > 0) {
                assert_true(sd_bus_message_read(m, "ss", &k, &v) > 0);
                assert_true(sd_bus_message_exit_container(m) >= 0);
                if (streq(k, key))
                        found = v;
        }
        assert_true(sd_bus_message_exit_container(m) >= 0);
        assert_int_equal(sd_bus_message_at_end(m, false), 1);
        assert_string_equal(found, value);
}

/* ---- events ---- */

static void answer_probe(World *w)
{
        AWAIT(w, hands_are_asked_to_probe());
        hands_answer_probes(0);
}

static void connected(World *w, int instance, const char *traddr, const char *trsvcid,
                      const char *nqn)
{
        AWAIT(w, hands_find_job(OPERATION_CONNECT));
        uint64_t inode = host_connect(&w->host, instance, traddr, trsvcid, nqn);

        hands_finish_job(OPERATION_CONNECT, (Completion) { .instance = instance, .inode = inode });
        hands_tell_uevent((Uevent) { .action = UEVENT_ADD, .instance = instance });
        hands_tell_uevent((Uevent) {
                .action = UEVENT_CHANGE, .event = NVME_EVENT_CONNECTED, .instance = instance });
}

static void disconnected(World *w, int instance)
{
        AWAIT(w, hands_find_job(OPERATION_DISCONNECT));
        assert_int_equal(hands_find_job(OPERATION_DISCONNECT)->instance, instance);
        host_disconnect(&w->host, instance);
        hands_finish_job(OPERATION_DISCONNECT, (Completion) { 0 });
        hands_tell_uevent((Uevent) { .action = UEVENT_REMOVE, .instance = instance });
}

/* "a" is configured, and connected. */
static void start_with_a(World *w)
{
        host_configure(&w->host, "[Controllers]\n" LINE_A);
        start(w);
        answer_probe(w);
        connected(w, 0, "192.0.2.1", "4420", NQN_A);
        AWAIT(w, count_said(w, "Connected nvme0 to (tcp, 192.0.2.1, 4420, " NQN_A ")"));
}

static void reload(World *w)
{
        size_t n = count_said(w, "reloaded");

        assert_int_equal(raise(SIGHUP), 0);
        AWAIT(w, count_said(w, "reloaded") > n);
}

/* ---- stories ---- */

static void test_from_a_line_to_a_connection_and_back(void **state)
{
        World *w = world(state);

        start_with_a(w);
        expect_explained(w, NQN_A, "why", "wanted and connected");
        expect_explained(w, NQN_A, "state", "live");
        expect_explained(w, NQN_A, "connection", "ours");

        host_configure(&w->host, "[Controllers]\n" LINE_A "exclude = nqn=" NQN_A "\n");
        usec_t begun = now();
        reload(w);
        AWAIT(w, count_said(w, NQN_A ") is excluded by "));
        disconnected(w, 0);
        assert_true(now() - begun >= PLAN_QUIET_USEC);
        AWAIT(w, count_said(w, "Disconnected (tcp, 192.0.2.1, 4420, " NQN_A ")"));
        expect_explained(w, NQN_A, "decision", "nothing");
        expect_explained(w, NQN_A, "state", "not connected");
}

static size_t count_rescans(World *w)
{
        char text[16];

        root_get(&w->host.root, "sys/class/nvme/nvme0/rescan_controller", text, sizeof(text));
        root_put(&w->host.root, "sys/class/nvme/nvme0/rescan_controller", "");
        return strlen(text);
}

/* A namespace that another subsystem has lost may be one of "a", which shows none: the kernel looks
 * for it once, no matter how many are lost at a time, and not again within two seconds. */
static void test_a_namespace_moves(void **state)
{
        World *w = world(state);

        start_with_a(w);
        root_put(&w->host.root, "sys/class/nvme/nvme0/rescan_controller", "");
        root_drop(&w->host.root, "sys/class/nvme/nvme0/nvme0n1/dev");
        root_drop(&w->host.root, "sys/class/nvme/nvme0/nvme0n1");
        AWAIT(w, count_rescans(w) > 0); /* after the first scan */
        usec_t begun = now();
        expect_explained(w, NQN_A, "why",
                         "wanted and connected; live, the kernel shows no namespaces");
        expect_explained(w, NQN_A, "namespaces", "none");

        for (int i = 0; i < 3; i++)
                hands_tell_uevent((Uevent) { .action = UEVENT_NAMESPACE_REMOVED, .instance = -1 });
        AWAIT(w, count_rescans(w) == 1);
        assert_true(now() - begun >= 1500 * USEC_PER_MSEC);

        /* it shows one */
        root_make_dir(&w->host.root, "sys/class/nvme/nvme0/nvme0c0n1");
        hands_tell_uevent((Uevent) { .action = UEVENT_NAMESPACE_REMOVED, .instance = -1 });
        expect_explained(w, NQN_A, "why", "wanted and connected");
        expect_explained(w, NQN_A, "namespaces", "(none)");
        run_for(w, 2500 * USEC_PER_MSEC);
        assert_int_equal(count_rescans(w), 0);
}

static void look_for_outages(World *w)
{
        assert_true(sd_event_source_set_time_relative(w->d.kernel.look, 0) >= 0);
}

/* The kernel reconnects silently: the journal has loss and recovery, and the duration. */
static void test_an_outage_that_the_kernel_ends(void **state)
{
        World *w = world(state);

        start_with_a(w);
        look_for_outages(w);
        run_for(w, 100 * USEC_PER_MSEC);
        host_set_state(&w->host, 0, "connecting\n");
        look_for_outages(w);
        AWAIT(w, count_said(w, "nvme0 lost its connection to (tcp, 192.0.2.1, 4420, " NQN_A ")"));
        look_for_outages(w);
        run_for(w, 1100 * USEC_PER_MSEC);

        host_set_state(&w->host, 0, "live\n");
        hands_tell_uevent(
                (Uevent) { .action = UEVENT_CHANGE, .event = NVME_EVENT_CONNECTED, .instance = 0 });
        AWAIT(w, count_said(w, "nvme0 is connected to (tcp, 192.0.2.1, 4420, " NQN_A
                               ") again, after 1s"));
        run_for(w, 100 * USEC_PER_MSEC);
        assert_int_equal(count_said(w, "nvme0 lost"), 1);
        assert_int_equal(count_said(w, "again, after"), 1);
        assert_null(hands_find_job(OPERATION_CONNECT));

        /* the next one it gives up */
        host_set_state(&w->host, 0, "connecting\n");
        look_for_outages(w);
        AWAIT(w, count_said(w, "nvme0 lost") == 2);
        host_disconnect(&w->host, 0);
        hands_tell_uevent((Uevent) { .action = UEVENT_REMOVE, .instance = 0 });
        AWAIT(w, count_said(w, NQN_A ") was removed, "));
        assert_int_equal(count_said(w, " after it was lost"), 1);
}

static void limit_descriptors(rlim_t n)
{
        struct rlimit limit;

        assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
        limit.rlim_cur = n;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* A failed scan of sysfs and a failed write of the state file are reported once each. */
static void test_descriptors_that_run_out(void **state)
{
        World *w = world(state);
        struct rlimit before;

        start_with_a(w);
        AWAIT(w, w->d.is_ready);
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
        limit_descriptors(3);
        for (int i = 0; i < 3; i++) {
                assert_int_equal(to_engine_event(&w->d, INPUT_KERNEL_EVENTS_LOST), 0);
                daemon_schedule_plan(&w->d);
                state_schedule_save(&w->d);
                run_for(w, 1100 * USEC_PER_MSEC);
        }
        limit_descriptors(before.rlim_cur);
        assert_int_equal(count_said(w, "Cannot read the controllers in sysfs: Too many open files"),
                         1);
        assert_int_equal(count_said(w, "state.json: Too many open files"), 1);
        assert_int_equal(count_said(w, "Too many open files"), 2);
        expect_explained(w, NQN_A, "why", "wanted and connected");
}

static bool owners_look_fails(World *w)
{
        owners_look(&w->d);
        return count_said(w, "Cannot write ") > 1;
}

static bool owners_look_ends(World *w)
{
        owners_look(&w->d);
        return count_said(w, "is complete again") > 0;
}

/* /run is full: this is reported once, and the entry is written when there is room. */
static void test_an_owner_that_could_not_be_written(void **state)
{
        World *w = world(state);
        char path[PATH_MAX], text[64];

        root_put(&w->host.root, "run/registry", "in its place");
        host_configure(&w->host, "[Controllers]\n" LINE_A);
        start(w);
        answer_probe(w);
        AWAIT(w, hands_find_job(OPERATION_CONNECT));
        uint64_t inode = host_connect(&w->host, 7, "192.0.2.1", "4420", NQN_A);
        hands_finish_job(OPERATION_CONNECT,
                         (Completion) { .instance = 7, .inode = inode, .entry_error = -ENOSPC });
        AWAIT(w,
              count_said(w, "registry/nvme7, which records stacd as the owner of the connection: "
                            "No space left on device"));
        AWAIT(w, owners_look_fails(w));
        assert_int_equal(count_said(w, "Cannot write "), 2); /* another error, once */
        assert_int_equal(count_said(w, "which records stacd as the owner"), 2);

        root_drop(&w->host.root, "run/registry");
        AWAIT(w, owners_look_ends(w));
        root_get(&w->host.root, "run/registry/nvme7/owner", text, sizeof(text));
        assert_string_equal(text, "stas\n");
        assert_int_equal(access(root_path(&w->host.root, "run/registry/nvme7/adopted", path), F_OK),
                         -1);
}

/* A connection that stacd did not make is recorded as well. */
static void test_what_is_adopted_gets_an_owner(void **state)
{
        World *w = world(state);
        char path[PATH_MAX], text[64];

        (void) host_connect(&w->host, 3, "192.0.2.1", "4420", NQN_A);
        host_configure(&w->host, "[Controllers]\n" LINE_A);
        start(w);
        AWAIT(w, count_said(w, "Adopted nvme3"));
        owners_look(&w->d);
        AWAIT(w, access(root_path(&w->host.root, "run/registry/nvme3/adopted", path), F_OK) == 0);
        root_get(&w->host.root, "run/registry/nvme3/owner", text, sizeof(text));
        assert_string_equal(text, "stas\n");
        assert_int_equal(count_said(w, "Cannot write "), 0);
        assert_int_equal(count_said(w, "is complete again"), 0);

        owners_let_go(&w->d, engine_find_device(w->d.engine, 3)->device);
        AWAIT(w, access(root_path(&w->host.root, "run/registry/nvme3", path), F_OK) < 0);
}

/* No thread can be created for it; the next attempt gets one. */
static void test_a_connect_that_cannot_begin(void **state)
{
        World *w = world(state);

        host_configure(&w->host, "[Controllers]\n" LINE_A);
        start(w);
        hands_refuse_job(OPERATION_CONNECT, -ENOMEM);
        answer_probe(w);
        AWAIT(w, count_said(w, "Failed to connect to (tcp, 192.0.2.1, 4420, " NQN_A ")"));
        assert_null(hands_find_job(OPERATION_CONNECT));
        expect_explained(w, NQN_A, "decision", "wait");
        connected(w, 0, "192.0.2.1", "4420", NQN_A);
        AWAIT(w, count_said(w, "Connected nvme0"));
}

static void test_a_disconnect_that_cannot_begin(void **state)
{
        World *w = world(state);

        start_with_a(w);
        hands_refuse_job(OPERATION_DISCONNECT, -ENOMEM);
        host_configure(&w->host, "[Controllers]\n" LINE_A "exclude = nqn=" NQN_A "\n");
        reload(w);
        AWAIT(w, count_said(w, "Failed to disconnect nvme0 from (tcp, 192.0.2.1, 4420, "));
        disconnected(w, 0);
        AWAIT(w, count_said(w, "Disconnected"));
}

static void test_a_reload_with_an_error_keeps_everything(void **state)
{
        World *w = world(state);

        start_with_a(w);
        host_configure(&w->host, "[Controllers]\ncontroller = transport=tcp;traddr=\n");
        reload(w);
        assert_int_equal(count_said(w, "not reloaded, the running one remains"), 1);
        run_for(w, 2 * PLAN_QUIET_USEC);
        assert_null(hands_find_job(OPERATION_DISCONNECT));
        expect_explained(w, NQN_A, "why", "wanted and connected");

        /* and is reported by D-Bus */
        const sd_bus_error *e = sd_bus_message_get_error(ask(w, "reload", "", NULL));
        assert_non_null(e);
        assert_string_equal(e->name, BUS_ERROR_INVALID_CONFIGURATION);
}

/* The next run recognises its own connections from the state file. */
static void test_a_restart_harms_nothing(void **state)
{
        World *w = world(state);

        _cleanup_last_known_ LastKnown l = { 0 };

        start_with_a(w);
        stop(w);
        assert_int_equal(last_known_file_peek(w->host.state_file, &l), 0);
        assert_int_equal(l.n_devices, 1);
        host_configure(&w->host, "");
        start(w);
        AWAIT(w, engine_knows_kernel(w->d.engine));
        run_for(w, 2 * PLAN_QUIET_USEC);
        assert_null(hands_find_job(OPERATION_DISCONNECT));
        expect_explained(w, "nvme0", "connection", "ours");
        expect_explained(w, "nvme0", "reason", "kept: a source could not be queried"); /* stafd */
}

static void test_a_host_name(void **state)
{
        World *w = world(state);

        host_configure(&w->host,
                       "[Controllers]\n"
                       "controller = transport=tcp;traddr=storage1;trsvcid=4420;nqn=" NQN_A "\n");
        start(w);
        AWAIT(w, hands_find_job(OPERATION_RESOLVE));
        assert_string_equal(hands_find_job(OPERATION_RESOLVE)->name, "storage1");
        expect_explained(w, "storage1", "why", "wanted; its host name storage1 is being resolved");
        hands_finish_job(OPERATION_RESOLVE, (Completion) { .address = strdup("192.0.2.1") });
        AWAIT(w, count_said(w, "storage1 has the address 192.0.2.1"));
        answer_probe(w);
        connected(w, 0, "192.0.2.1", "4420", NQN_A);
        AWAIT(w, count_said(w, "Connected nvme0"));
        expect_explained(w, "storage1", "state", "live");
}

/* The host-wide list takes effect when it is written, and no connect starts before it is read. */
static void test_the_exclusion_list(void **state)
{
        World *w = world(state);

        start_with_a(w);
        root_put(&w->host.root, "etc/nvme/exclusions.conf",
                 "[exclusions]\nexclusion = nqn=" NQN_A "\n");
        AWAIT(w, count_said(w, NQN_A ") is excluded by "));
        disconnected(w, 0);
        AWAIT(w, count_said(w, "Disconnected"));
}

/* Checks the --dry-run output for the only controller, before the daemon is started. */
static void expect_dry_run(World *w, const char *line)
{
        char said[1024] = "";
        FILE *f = tmpfile();

        assert_non_null(f);
        (void) fflush(stdout);
        int before = dup(STDOUT_FILENO);
        assert_return_code(dup2(fileno(f), STDOUT_FILENO), errno);
        hands_init(&w->host);
        int r = dry_run(&w->host.type, w->host.conf_file);
        (void) fflush(stdout);
        (void) dup2(before, STDOUT_FILENO);
        (void) close(before);
        rewind(f);
        assert_int_equal(r, EXIT_SUCCESS);
        assert_non_null(fgets(said, sizeof(said), f));
        (void) fclose(f);
        if (!strstr(said, line))
                fail_msg("not \"%s\": %s", line, said);
}

static void be_stafd(World *w)
{
        w->host.type.name = "stafd";
        w->host.type.role = CONTROLLER_DISCOVERY;
}

/* One entry. */
static DiscoveryLog *make_log(const char *nqn)
{
        DiscoveryLog *log = calloc(1, sizeof(*log));

        assert_non_null(log);
        log->entries = calloc(1, sizeof(*log->entries));
        assert_non_null(log->entries);
        log->n_entries = 1;
        log->entries[0] = (DlpEntry) {
                .trtype = 3,
                .adrfam = 1,
                .subtype = DLPE_NVME,
                .trsvcid = "4420",
                .subnqn = strdup(nqn),
                .traddr = strdup("192.0.2.9"),
        };
        return log;
}

static void log_is_read(World *w, const char *nqn)
{
        AWAIT(w, hands_find_job(OPERATION_READ_LOG));
        hands_finish_job(OPERATION_READ_LOG, (Completion) { .log = make_log(nqn) });
}

/* Completes stafd's first exchange with it. */
static void first_conversation(World *w, const char *nqn)
{
        AWAIT(w, hands_find_job(OPERATION_REGISTER));
        hands_finish_job(OPERATION_REGISTER, (Completion) { 0 });
        AWAIT(w, hands_find_job(OPERATION_READ_SUPPORTED_LOGS));
        hands_finish_job(OPERATION_READ_SUPPORTED_LOGS, (Completion) { 0 });
        log_is_read(w, nqn);
}

/* The answer of Python's nvme-stas to stafctl. */
static bool logs_name(World *w, const char *nqn)
{
        const char *json;

        AWAIT(w, w->d.is_ready);
        w->answer = sd_bus_message_unref(w->answer);
        assert_true(sd_bus_call_method_async(w->client, NULL, BUS_STAF_NAME, BUS_STAF_PATH,
                                             BUS_STAF_NAME, "get_all_log_pages", on_answer, w, "b",
                                             false) >= 0);
        AWAIT(w, w->answer);
        assert_true(sd_bus_message_read(w->answer, "s", &json) > 0);
        return strstr(json, nqn);
}

static void test_stafd_follows_a_log(void **state)
{
        World *w = world(state);

        be_stafd(w);
        host_configure(&w->host, "[Service Discovery]\nzeroconf = disabled\n"
                                 "[Controllers]\ncontroller = transport=tcp;traddr=192.0.2.1\n");
        start(w);
        answer_probe(w);
        connected(w, 0, "192.0.2.1", "8009", NQN_DISCOVERY);
        first_conversation(w, NQN_A);
        AWAIT(w, logs_name(w, NQN_A));

        hands_tell_uevent((Uevent) {
                .action = UEVENT_CHANGE, .aen = NVME_AEN_DISCOVERY_LOG_CHANGED, .instance = 0 });
        log_is_read(w, "nqn.2024-01.lab:b");
        AWAIT(w, logs_name(w, "nqn.2024-01.lab:b"));
        assert_false(logs_name(w, NQN_A));
}

static void test_what_mdns_announces(void **state)
{
        World *w = world(state);

        be_stafd(w);
        host_configure(&w->host, "[Global]\nignore-iface = true\n");
        w->announcer = (Announcer) { .address = "192.0.2.1", .port = "8009" };
        start(w);
        announcer_start(&w->announcer, &w->bus, w->d.loop.event);
        answer_probe(w);
        connected(w, 0, "192.0.2.1", "8009", NQN_DISCOVERY);
        first_conversation(w, NQN_A);
        AWAIT(w, logs_name(w, NQN_A));
        expect_explained(w, "nvme0", "why", "wanted and connected");

        host_configure(&w->host, "[Service Discovery]\nzeroconf = disabled\n");
        reload(w);
        AWAIT(w, hands_find_job(OPERATION_DEREGISTER));
        hands_finish_job(OPERATION_DEREGISTER, (Completion) { 0 });
        disconnected(w, 0);
        AWAIT(w, count_said(w, "Disconnected"));
        assert_int_equal(count_said(w, "Deregistered this host from nvme0"), 1);
}

/* Made by the previous run, and no longer wanted. */
static void test_an_avahi_that_is_not_there_holds_nothing(void **state)
{
        World *w = world(state);

        be_stafd(w);
        host_configure(&w->host, "[Controllers]\ncontroller = transport=tcp;traddr=192.0.2.1\n");
        start(w);
        answer_probe(w);
        connected(w, 0, "192.0.2.1", "8009", NQN_DISCOVERY);
        AWAIT(w, count_said(w, "Connected nvme0"));
        stop(w);

        host_configure(&w->host, "");
        expect_dry_run(w, "disconnect nvme0 (tcp, 192.0.2.1, 8009, ");
        start(w);
        AWAIT(w, count_said(w, "Avahi cannot be queried for discovery controllers"));
        disconnected(w, 0);
        AWAIT(w, count_said(w, "Disconnected"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_from_a_line_to_a_connection_and_back),
                TEST(test_a_namespace_moves),
                TEST(test_an_outage_that_the_kernel_ends),
                TEST(test_descriptors_that_run_out),
                TEST(test_an_owner_that_could_not_be_written),
                TEST(test_what_is_adopted_gets_an_owner),
                TEST(test_a_connect_that_cannot_begin),
                TEST(test_a_disconnect_that_cannot_begin),
                TEST(test_a_reload_with_an_error_keeps_everything),
                TEST(test_a_restart_harms_nothing),
                TEST(test_a_host_name),
                TEST(test_the_exclusion_list),
                TEST(test_stafd_follows_a_log),
                TEST(test_what_mdns_announces),
                TEST(test_an_avahi_that_is_not_there_holds_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
